"""The licences: the matrix of terms, one licence with its clauses and history, and several side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.queries import licence_history, licences, runs
from tracker.queries.licences import LicenceDefinition, LicenceFilter, LicenceRow, TermChange, TermRow
from tracker.views import formats, state
from tracker.views.page import show
from tracker.views.term_words import (
    BY_KEY,
    MARKS,
    MATRIX,
    MEANINGS,
    TERMS,
    UNREAD,
    Shown,
    Term,
    in_words,
    name_of,
    shown,
)

SORTS = {"models": "Models that use it", "family": "Family", "name": "Name", "read": "Read first"}
FACETS = (
    ("commercial", "Commercial use", "commercial", ("yes", "threshold", "permission", "no", UNREAD)),
    ("osi", "OSI-approved", "osi_approved", ("yes", "no", UNREAD)),
    ("aup", "Use policy", "aup", ("none", "incorporated", "updatable", UNREAD)),
    ("outputs", "Outputs may train", "output_training", ("allowed", "named", "banned", UNREAD)),
)
MOST = 3  # licences side by side


@dataclass(frozen=True, slots=True)
class Line:
    """One licence of the matrix."""

    row: LicenceRow
    cells: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Select:
    """One filter with what it can be set to, each with how many licences it would show."""

    key: str
    label: str
    chosen: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """One term of one licence: its value and the clause."""

    term: Term
    value: Shown
    row: TermRow | None
    otherwise: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One term of several licences."""

    term: Term
    values: tuple[tuple[Shown, str, str], ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One term that two readings have otherwise, in the words of the pages."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SideRow:
    """A row of the comparison as a file."""

    term: str
    licence: str
    value: str
    quote: str
    where: str
    differs: bool


def _filter(request: HttpRequest, families: list[str]) -> LicenceFilter:
    chosen = {key: state.choice(request, key, ("", *values), "") for key, _, _, values in FACETS}
    return LicenceFilter(
        search=state.words(request, "q"),
        family=state.choice(request, "family", ("", *families), ""),
        used=state.choice(request, "used", ("", "yes"), ""),
        sort=state.choice(request, "sort", tuple(SORTS), "models"),
        **chosen,
    )


@require_safe
@state.tagged
def licence_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/licences/, the matrix of terms; its files hold every term, the page those of MATRIX."""
    day = state.as_of(request)
    run = runs.run_for(day)
    rows = licences.licence_rows(run.id if run else None)
    families = sorted({row.family for row in rows if row.family}, key=str.casefold)
    wanted = _filter(request, families)
    found = licences.narrowed(rows, wanted)
    if suffix:
        about = {"as_of": str(day or (run.as_of if run else "")), "total": len(found)}
        return formats.rows_as(suffix, found, LicenceRow, name="licences", about=about)
    keys = {"q": wanted.search, "family": wanted.family, "used": wanted.used}
    keys |= {key: getattr(wanted, key) for key, *_ in FACETS}
    keys |= {"sort": wanted.sort if wanted.sort != "models" else "", "as_of": str(day or "")}
    context = {
        "lines": [Line(row, tuple(shown(row, term, brief=True) for term in MATRIX)) for row in found],
        "terms": MATRIX,
        "total": len(rows),
        "unread": sum(not row.read for row in rows),
        "wanted": wanted,
        "families": families,
        "selects": list(_selects(rows, wanted)),
        "sorts": SORTS.items(),
        "legend": [(MARKS[tone], tone, words) for tone, words in MEANINGS],
        "query": urlencode({name: value for name, value in keys.items() if value}),
        "run": run,
    }
    return show(
        request,
        "licences.html",
        title="Licences",
        description="What every licence of AI models allows, term by term, with the clause that says so.",
        as_of=day,
        run=run,
        context=context,
    )


def _selects(rows: list[LicenceRow], wanted: LicenceFilter) -> Iterator[Select]:
    for key, label, field, values in FACETS:
        has = [getattr(row, field) or UNREAD for row in rows]
        options = tuple(
            (value, f"{in_words(field, value).capitalize()} ({has.count(value)})") for value in values if value in has
        )
        yield Select(key, label, getattr(wanted, key), options)


@require_safe
@state.tagged
def licence_detail(request: HttpRequest, slug: str, suffix: str = "") -> HttpResponse:
    """/licences/SLUG/: terms with their clauses, other readings, the models under it and the text's history. Its files
    hold the terms; of the text there is never more than what is quoted."""
    day = state.as_of(request)
    run = runs.run_for(day)
    known_at = runs.facts_at(run, day)
    found = licences.licence(slug)
    if found is None:
        raise Http404(f"No licence is named {slug}")
    terms = licences.term_rows(found)
    if suffix:
        about = {"licence": found.name, "slug": slug, "as_of": str(day or (run.as_of if run else ""))}
        about |= {"text_sha256": found.text_sha256, "url": found.url, "read_on": str(found.read_on or "")}
        return formats.rows_as(suffix, terms, TermRow, name=slug, about=about)
    row = licences.as_row(found)
    users, total = licences.users(run.id if run else None, slug)
    readings = licence_history.reading_rows(found, known_at=known_at)
    by_term = {one.term: one for one in terms}
    others: dict[str, list[tuple[str, str]]] = {}
    for reading in readings:
        for one in reading.otherwise:
            others.setdefault(one.term, []).append((reading.by, in_words(one.term, one.reading)))
    context = {
        "licence": found,
        "row": row,
        "details": [
            Detail(term, shown(row, term), by_term.get(term.key), tuple(others.get(term.key, ()))) for term in TERMS
        ],
        "unread": [term.name for term in TERMS if shown(row, term).tone == UNREAD],
        "later": bool(day and found.read_on and found.read_on.on > day),
        "users": users,
        "total": total,
        "readings": [
            (
                reading,
                [
                    Difference(name_of(one.term), in_words(one.term, one.catalogue), in_words(one.term, one.reading))
                    for one in reading.otherwise
                ],
            )
            for reading in readings
        ],
        "registers": licence_history.register_rows(slug, known_at=known_at),
        "changes": [_change(one) for one in licence_history.change_rows(slug, known_at=known_at)],
        "run": run,
    }
    return show(
        request,
        "licence.html",
        title=found.name,
        description=f"{found.name}: every term with its clause, the models under it, and how its text changed.",
        as_of=day,
        run=run,
        context=context,
    )


def _change(row: licence_history.ChangeRow) -> dict[str, Any]:
    """A change with its terms in words."""
    worded = {
        name: [
            Difference(
                name_of(one["field"]), in_words(one["field"], one["before"]), in_words(one["field"], one["after"])
            )
            for one in getattr(row, name)
        ]
        for name in ("allowed_now", "forbidden_now", "other_terms")
    }
    return {"row": row, **worded}


@require_safe
@state.tagged
def compare(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/licences/compare/?a=SLUG&b=SLUG&c=SLUG: the terms that differ come first. What each allows more or less is told
    against the first."""
    day = state.as_of(request)
    run = runs.run_for(day)
    every = licences.definitions()
    names = {one.slug: one for one in every}
    asked = [state.choice(request, key, ("", *names), "") for key in "abc"[:MOST]]
    chosen = [names[slug] for slug in dict.fromkeys(asked) if slug]
    rows = [licences.as_row(one) for one in chosen]
    sides = []
    for term in TERMS:
        values = []
        for one, row in zip(chosen, rows, strict=True):
            first = next(iter(licences.clauses_of(one, term.key)), None)
            values.append((shown(row, term), first.quote if first else "", first.where if first else ""))
        differs = len({value.words for value, _, _ in values}) > 1
        sides.append(Side(term, tuple(values), differs))
    sides.sort(key=lambda side: not side.differs)
    if suffix:
        lines = [
            SideRow(side.term.key, one.slug, value.words, quote, where, side.differs)
            for side in sides
            for one, (value, quote, where) in zip(chosen, side.values, strict=True)
        ]
        about = {"as_of": str(day or (run.as_of if run else "")), "licences": [one.slug for one in chosen]}
        return formats.rows_as(suffix, lines, SideRow, name="licences-compared", about=about)
    context = {
        "every": [(one.slug, one.name) for one in every],
        "chosen": chosen,
        "asked": list(zip("abc"[:MOST], ("First", "Second", "Third, if any"), asked, strict=True)),
        "sides": sides,
        "differing": sum(side.differs for side in sides),
        "changes": [(one.name, *_more_and_less(chosen[0], one)) for one in chosen[1:]],
        "query": urlencode({key: slug for key, slug in zip("abc", asked, strict=False) if slug}),
    }
    return show(
        request,
        "licence_compare.html",
        title="Licences side by side",
        description="Two or three licences of AI models term by term, differences first.",
        as_of=day,
        run=run,
        context=context,
    )


def _more_and_less(one: LicenceDefinition, other: LicenceDefinition) -> tuple[list[Difference], list[Difference]]:
    """What the second allows that the first does not, and the reverse."""
    found = licences.differences(one, other)
    return (
        [_difference(row) for row in found if row.allows_more],
        [_difference(row) for row in found if row.allows_more is False],
    )


def _difference(row: TermChange) -> Difference:
    name = BY_KEY[row.field].name if row.field in BY_KEY else row.field
    return Difference(name, in_words(row.field, row.before), in_words(row.field, row.after))
