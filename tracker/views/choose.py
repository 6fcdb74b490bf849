"""Which model to take: a reader's needs, what fits them and why, what does not and by which rule, what is given up."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.queries import choose, runs
from tracker.queries.choose import Choice, ChoiceRow, Needs
from tracker.views import formats, state
from tracker.views.models import REGION_NAMES
from tracker.views.page import show

DOMAIN_NAMES = {
    "all": "All of the index",
    "agentic": "Agents",
    "coding": "Coding",
    "mathematics": "Mathematics",
    "knowledge": "Knowledge",
    "reasoning": "Reasoning",
    "long-context": "Long context",
    "multimodal": "Images and sound",
}
SORTS = {"index": "Ablest", "cost": "Cheapest"}
BIT_NAMES = {"16": "16 bits", "8": "8 bits", "4": "4 bits"}
SHOWN, MISSES = 12, 10
NUMBER = re.compile(r"(?:\d+|\d{1,3}(?:[, ]\d{3})+)(?:\.\d+)?")
LARGEST = 1e12
SUFFIXES = {"k": 1_000, "m": 1_000_000}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the short list as the page shows it."""

    row: ChoiceRow
    benchmarks: int | None
    points: str
    months: str
    memory: str


def _amount(request: HttpRequest, key: str, *, zero: bool = True) -> float | None:
    """A number as people write it: 2.5 or 1,000,000. Raises BadState."""
    words = state.words(request, key)
    if not words:
        return None
    value = float(re.sub(r"[, ]", "", words)) if NUMBER.fullmatch(words) else -1.0
    if not 0 <= value <= LARGEST or (not zero and not value):
        raise state.BadState(f"{key}={words} is not a number such as 2.5 or 1,000")
    return value


def _tokens(request: HttpRequest, key: str) -> int | None:
    """A number of tokens: 128000 or 128k or 1M. Raises BadState."""
    words = state.words(request, key)
    if not words:
        return None
    head, times = (words[:-1], SUFFIXES[words[-1].lower()]) if words[-1].lower() in SUFFIXES else (words, 1)
    value = float(re.sub(r"[, ]", "", head)) * times if NUMBER.fullmatch(head) else 0.0
    if not 1 <= value <= LARGEST:
        raise state.BadState(f"{key}={words} is not a number of tokens such as 128k or 1,000,000")
    return int(value)


def _several(request: HttpRequest, key: str, allowed: Sequence[str]) -> tuple[str, ...]:
    """The values of a key that may be given more than once, in the order of the allowed ones. Raises BadState."""
    values = {value for value in request.GET.getlist(key) if value}
    if unknown := sorted(values - set(allowed)):
        raise state.BadState(f"{key}={unknown[0][:100]} is not known; it can be {', '.join(allowed)}")
    return tuple(value for value in allowed if value in values)


def needs_of(request: HttpRequest) -> Needs:
    """Raises BadState, naming what each key can be."""
    return Needs(
        budget=_amount(request, "budget"),
        tokens_in=_amount(request, "in") or 0.0,
        tokens_out=_amount(request, "out") or 0.0,
        memory=_amount(request, "memory", zero=False),
        bits=int(state.choice(request, "bits", tuple(BIT_NAMES), "4")),
        own=state.choice(request, "own", ("", "yes"), "") == "yes",
        may=_several(request, "may", tuple(choose.PERMITS)),
        unread=state.choice(request, "unread", ("", "yes"), "") == "yes",
        regions=_several(request, "region", [key for key, _ in REGION_NAMES]),
        context=_tokens(request, "context"),
    )


def keys_of(needs: Needs) -> dict[str, str | tuple[str, ...]]:
    """The needs as an address has them, without what is so anyway."""
    keys: dict[str, str | tuple[str, ...]] = {
        "budget": "" if needs.budget is None else f"{needs.budget:.12g}",
        "in": f"{needs.tokens_in:.12g}" if needs.tokens_in else "",
        "out": f"{needs.tokens_out:.12g}" if needs.tokens_out else "",
        "memory": "" if needs.memory is None else f"{needs.memory:.12g}",
        "bits": "" if needs.bits == choose.BITS[-1] else str(needs.bits),
        "own": "yes" if needs.own else "",
        "may": needs.may,
        "unread": "yes" if needs.unread else "",
        "region": needs.regions,
        "context": "" if needs.context is None else str(needs.context),
    }
    return {key: value for key, value in keys.items() if value}


@require_safe
@state.tagged
def choose_page(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/choose/: the page shows the first SHOWN that fit and the nearest misses, the files all that fit."""
    day = state.as_of(request)
    run = runs.run_for(day)
    needs = needs_of(request)
    domain = state.choice(request, "domain", choose.DOMAINS, "all")
    sort = state.choice(request, "sort", tuple(SORTS), "index")
    found = choose.choose(run, needs, domain=domain)
    rows = list(found.rows)
    if sort == "cost":
        rows.sort(key=lambda row: (row.cost is None, row.cost or 0.0, -row.value))
    keys = keys_of(needs) | {key: value for key, value in (("domain", domain), ("sort", sort)) if value not in DEFAULTS}
    if suffix:
        about = {"as_of": str(day or (run.as_of if run else "")), "needs": keys, **_about(found)}
        return formats.rows_as(suffix, rows, ChoiceRow, name="choose", about=about)
    asked = {**keys, **({"as_of": str(day)} if day else {})}
    shown = [row.slug for row in rows[:SHOWN]]
    counted = (
        None if domain == "all" else choose.benchmarks_of(shown, domain, known_at=runs.facts_at(run, day))
    )  # fmt: skip
    left_out = {count.rule.value: count.models for count in found.found.counts}
    context = {
        "needs": needs,
        "keys": keys,
        "found": found,
        "lines": [_line(row, None if counted is None else counted.get(row.slug, 0)) for row in rows[:SHOWN]],
        "lead": _line(found.rows[0], None) if found.rows else None,
        "total": len(rows),
        "rivals": sum(row.first == 1 for row in found.rows) - 1,
        "misses": found.misses(MISSES),
        "worst": found.found.counts[0] if found.found.counts else None,
        "best": found.found.best_closed,
        "unread": left_out.get("unread", 0),
        "services": left_out.get("service", 0),
        "domain": domain,
        "domain_name": DOMAIN_NAMES[domain],
        "domains": DOMAIN_NAMES.items(),
        "sort": sort,
        "sorts": SORTS.items(),
        "bits": BIT_NAMES.items(),
        "permits": [(key, words, key in needs.may) for key, words in choose.PERMITS.items()],
        "regions": [(key, words, key in needs.regions) for key, words in REGION_NAMES],
        "cards": choose.ACCELERATORS,
        "overhead": choose.OVERHEAD,
        "memory_source": choose.SOURCE,
        "query": urlencode(asked, doseq=True),
        "unread_query": urlencode({**asked, "unread": "yes"}, doseq=True),
        "run": run,
    }
    return show(
        request,
        "choose.html",
        title="Choose a model",
        description="Budget, hardware, licence and field of work against every model: a short list with reasons.",
        as_of=day,
        run=run,
        context=context,
    )


DEFAULTS = ("all", "index")


def _line(row: ChoiceRow, benchmarks: int | None) -> Line:
    sizes = (("16", row.memory_16), ("8", row.memory_8), ("4", row.memory_4))
    return Line(
        row=row,
        benchmarks=benchmarks,
        points=_points(row),
        months=_months(row),
        memory=" / ".join(f"{size:,.0f}" for _, size in sizes if size is not None),
    )


def _points(row: ChoiceRow) -> str:
    """What is given up against the best closed model, in points."""
    if row.points_given_up is None:
        return ""
    if row.reached_by_slug == row.slug and row.points_given_up == 0:
        return "none: the best closed"
    if row.points_given_up <= 0:
        return f"none: ahead by {-row.points_given_up:.1f}" + ("" if row.told_apart else ", not resolvable")
    return f"{row.points_given_up:.1f}" + ("" if row.told_apart else ", not resolvable")


def _months(row: ChoiceRow) -> str:
    """For how long closed models have stood at this level, with what the model's own interval makes of it."""
    if row.months_given_up is None or (row.points_given_up or 0) <= 0:
        return ""
    words = f"{'at least ' if row.months_at_least else ''}{row.months_given_up:.1f}"
    if row.low is None or row.months_longest is None:
        return words
    return f"{words} ({row.months_shortest or 0:.1f} to {row.months_longest:.1f})"


def _about(found: Choice) -> Mapping[str, object]:
    best = found.found.best_closed
    return {
        "placed": found.placed,
        "without_a_place": found.unplaced,
        "fitting": len(found.rows),
        "prices_known": found.priced,
        "best_closed": {"slug": best.slug, "name": best.name, "value": best.value} if best else {},
        "memory_rule": {"gb": f"parameters x bits / 8 x {choose.OVERHEAD} / 1e9", "source": choose.SOURCE},
        "excluded": [
            {"rule": count.rule.value, "words": count.words, "models": count.models, "alone": count.alone}
            for count in found.found.counts
        ],
        "nearest_misses": formats.as_dicts(found.misses(MISSES)),
    }
