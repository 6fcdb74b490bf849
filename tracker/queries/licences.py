"""Licences: what was read in each, which models carry it, what registers say of it, and how its text changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F

from tracker.domain import licence_terms
from tracker.domain.licence_diff import TermChange as TermChange
from tracker.domain.licence_diff import terms_diff
from tracker.domain.licence_terms import Clause, Document
from tracker.domain.licence_terms import LicenceDefinition as LicenceDefinition
from tracker.models import Licence, ModelState

USERS_SHOWN = 200
TERMS = tuple(name for name in licence_terms.TERMS if name != "revenue_period")


@dataclass(frozen=True, slots=True)
class LicenceRow:
    """One version of a licence with every term as it was read; blank is unread, and `none` is read as nothing."""

    slug: str
    name: str
    family: str
    version: str
    spdx: str
    osi_approved: str
    fsf_libre: str
    commercial: str
    mau_threshold: int
    revenue_threshold: int
    revenue_period: str
    threshold_effect: str
    aup: str
    field_of_use: str
    military: str
    output_training: str
    geo_exclusions: str
    naming_duty: str
    attribution_ui: str
    notice: str
    share_alike: str
    pass_through_restrictions: str
    modification: str
    redistribution: str
    patent_grant: str
    patent_retaliation: str
    termination: str
    remote_restriction_right: str
    revocable: str
    governing_law: str
    indemnity: str
    models: int
    read_on: str
    text_sha256: str
    url: str

    @property
    def read(self) -> bool:
        """Whether anybody read its text."""
        return bool(self.read_on)


@dataclass(frozen=True, slots=True)
class LicenceFilter:
    """What the matrix can be narrowed by; blank is everything."""

    search: str = ""
    family: str = ""
    commercial: str = ""
    osi: str = ""
    aup: str = ""
    outputs: str = ""
    used: str = ""
    sort: str = "models"


@dataclass(frozen=True, slots=True)
class TermRow:
    """One term of one licence: its value in words that a machine reads too, and the clause that it rests on."""

    term: str
    value: str
    quote: str
    where: str
    document: str
    more: int


@dataclass(frozen=True, slots=True)
class UserRow:
    """A model under the licence; `fact` is the release fact that says so."""

    slug: str
    name: str
    lab: str
    released: str
    value: float | None
    fact: int | None


def definition(row: Licence) -> LicenceDefinition:
    """The row as the definition it was made from; a field that is no longer a term is left out."""
    known = {name: value for name, value in row.terms.items() if name in LicenceDefinition.__slots__}
    told = {name: value for name, value in known.items() if value is not None}
    own = {name: getattr(row, name) for name in ("name", "spdx", "url", "osi_approved", "commercial")}
    return LicenceDefinition.from_toml(row.slug, {**told, **own})


def definitions() -> list[LicenceDefinition]:
    """Every licence of the catalogue, by name."""
    return [definition(row) for row in Licence.objects.order_by("name")]


def licence(slug: str) -> LicenceDefinition | None:
    """The licence of that slug; None: the catalogue has none."""
    row = Licence.objects.filter(slug=slug).first()
    return None if row is None else definition(row)


def plain(licence: LicenceDefinition, term: str) -> str:
    """A term's value as text: blank where nobody read it, `none` where it was read as nothing."""
    if licence_terms.is_unread(licence, term):
        return ""
    value = getattr(licence, term)
    if term == "geo_exclusions":
        return "; ".join(f"{one.region} ({one.scope})" if one.scope else one.region for one in value) or "none"
    if isinstance(value, tuple):
        return "; ".join(value) or "none"
    if term in ("mau_threshold", "revenue_threshold"):
        return f"{value:,}" if value else "none"
    return str(value)


def as_row(found: LicenceDefinition, models: int = 0) -> LicenceRow:
    """One line of the matrix; `models` is how many carry the licence, where that was counted."""
    words = {term: plain(found, term) for term in TERMS}
    for name in ("mau_threshold", "revenue_threshold"):
        words.pop(name)
    return LicenceRow(
        slug=found.slug,
        name=found.name,
        family=found.family,
        version=found.version,
        spdx=found.spdx,
        osi_approved="" if found.osi_approved == "unread" else found.osi_approved.value,
        fsf_libre="" if found.fsf_libre == "unread" else found.fsf_libre.value,
        mau_threshold=found.mau_threshold,
        revenue_threshold=found.revenue_threshold,
        revenue_period=found.revenue_period,
        models=models,
        read_on=str(found.read_on or ""),
        text_sha256=found.text_sha256,
        url=found.url,
        **words,
    )


def use_counts(run: int | None) -> dict[str, int]:
    """How many models of the run stand under each licence."""
    counted = ModelState.objects.filter(run_id=run, licence__isnull=False).order_by()
    return dict(counted.values_list("licence__slug").annotate(models=Count("pk")))


def licence_rows(run: int | None) -> list[LicenceRow]:
    """Every licence of the catalogue, those that most models carry first."""
    counts = use_counts(run)
    rows = [as_row(found, counts.get(found.slug, 0)) for found in definitions()]
    return sorted(rows, key=lambda row: (-row.models, row.name))


def narrowed(rows: Sequence[LicenceRow], wanted: LicenceFilter) -> list[LicenceRow]:
    """The rows that a filter lets through, in its order. `unread` asks for what nobody read."""

    def fits(row: LicenceRow) -> bool:
        asked = ((wanted.commercial, row.commercial), (wanted.osi, row.osi_approved), (wanted.aup, row.aup),
                 (wanted.outputs, row.output_training))  # fmt: skip
        words = wanted.search.casefold()
        return (
            all(not want or (has or "unread") == want for want, has in asked)
            and (not wanted.family or row.family == wanted.family)
            and (not wanted.used or row.models > 0)
            and (not words or any(words in text.casefold() for text in (row.name, row.slug, row.spdx, row.family)))
        )

    keys: dict[str, Any] = {
        "models": lambda row: (not row.commercial, -row.models, row.name),
        "family": lambda row: (row.family.casefold(), row.name),
        "name": lambda row: row.name.casefold(),
        "read": lambda row: (not row.read_on, row.name),
    }
    return sorted(filter(fits, rows), key=keys[wanted.sort])


def term_rows(found: LicenceDefinition) -> list[TermRow]:
    """Every term, with the first clause that it rests on; `more` is how many others it has."""
    rows = []
    for term in TERMS:
        clauses = clauses_of(found, term)
        first = clauses[0] if clauses else None
        value = plain(found, term)
        if term == "revenue_threshold" and found.revenue_threshold:
            value = f"{value} US dollars a {found.revenue_period}"
        rows.append(
            TermRow(
                term=term,
                value=value,
                quote=first.quote if first else "",
                where=first.where if first else "",
                document=DOCUMENTS[first.document] if first else "",
                more=max(0, len(clauses) - 1),
            )
        )
    return rows


DOCUMENTS = {
    Document.LICENCE: "the licence",
    Document.USE_POLICY: "the use policy",
    Document.CARD: "a model card",
}


def clauses_of(found: LicenceDefinition, term: str) -> tuple[Clause, ...]:
    """The clauses that a term rests on, in the catalogue's order: pages quote the first."""
    return tuple(clause for clause in found.clauses if clause.fact == term)


def users(run: int | None, slug: str) -> tuple[list[UserRow], int]:
    """The models that a run believes to be under the licence, the best measured first, and how many there are."""
    states = ModelState.objects.filter(run_id=run, licence__slug=slug)
    total = states.count()
    ordered = states.select_related("model__lab").order_by(
        F("value").desc(nulls_last=True), F("released_on").desc(nulls_last=True), "model__name", "pk"
    )
    rows = [
        UserRow(
            slug=state.model.slug,
            name=state.model.name,
            lab=state.model.lab.name,
            released=_dated(state.released_on, state.precision),
            value=state.value,
            fact=state.evidence.get("licence"),
        )
        for state in ordered[:USERS_SHOWN]
    ]
    return rows, total


def _dated(on: date | None, precision: str) -> str:
    return "" if on is None else on.isoformat()[: {"year": 4, "month": 7}.get(precision, 10)]


def differences(one: LicenceDefinition, other: LicenceDefinition) -> tuple[TermChange, ...]:
    """The terms in which the second allows more or less than the first."""

    def terms(found: LicenceDefinition) -> dict[str, Any]:
        values = {name: getattr(found, name) for name in LicenceDefinition.__slots__}
        values["geo_exclusions"] = (
            None
            if found.geo_exclusions is None
            else [f"{place.region} ({place.scope})" if place.scope else place.region for place in found.geo_exclusions]
        )
        return values

    return terms_diff(terms(one), terms(other))
