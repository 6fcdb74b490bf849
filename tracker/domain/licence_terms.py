"""What a licence's file says: its terms as they were read, each with the clause it rests on; all else is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tracker.domain.records import When
from tracker.domain.tables import Table, unrepeated

QUOTE_WORDS = 25  # a quote stays under it: what is kept of others' text is a pointer, not a copy


class Answer(StrEnum):
    """A term that was read, or was not: what nobody read is never guessed."""

    YES = "yes"
    NO = "no"
    UNREAD = "unread"


class Stated(StrEnum):
    """A right that a text may give, keep back, or not speak of at all."""

    YES = "yes"
    NO = "no"
    SILENT = "silent"
    UNREAD = "unread"


class CommercialUse(StrEnum):
    """Whether the weights may be put to commercial use."""

    YES = "yes"
    NO = "no"
    PERMISSION = "permission"  # everyone must ask first
    THRESHOLD = "threshold"  # yes, until a number of users or a revenue is passed
    UNREAD = "unread"


class ThresholdEffect(StrEnum):
    """What passing the threshold asks for."""

    NONE = "none"
    NEED_LICENCE = "need-licence"
    DISPLAY_NAME = "display-name"


class AcceptableUse(StrEnum):
    """Whether a use policy binds with the licence, and whether it may change under whoever accepted it."""

    NONE = "none"
    INCORPORATED = "incorporated"  # use limits that are part of the licence as it was accepted
    UPDATABLE = "updatable"  # use limits that the licensor may change later
    UNREAD = "unread"


class Military(StrEnum):
    """`allowed` where nothing that was read forbids it."""

    ALLOWED = "allowed"
    BANNED = "banned"
    UNREAD = "unread"


class OutputTraining(StrEnum):
    """Whether outputs may train other models; `named` is yes, if the new model carries the old one's name."""

    ALLOWED = "allowed"
    BANNED = "banned"
    NAMED = "named"
    UNREAD = "unread"


class NamingDuty(StrEnum):
    """What must be displayed beside the licence's notice: nothing, a label, or a label above the threshold only."""

    NONE = "none"
    DISPLAY = "display"
    ABOVE_THRESHOLD = "above-threshold"
    UNREAD = "unread"


class AttributionUI(StrEnum):
    """Whether the label must stand where users see it; `one-of-several`: there, or in the documentation."""

    NONE = "none"
    ONE_OF_SEVERAL = "one-of-several"
    REQUIRED = "required"
    ABOVE_THRESHOLD = "above-threshold"
    UNREAD = "unread"


class Permission(StrEnum):
    """`limited`: some people, or some ways, only; the purposes that a licence allows at all stand in `commercial`."""

    ALLOWED = "allowed"
    LIMITED = "limited"
    BANNED = "banned"
    UNREAD = "unread"


class Termination(StrEnum):
    """What ends the rights: a breach, a suit against the licensor, or anything the licensor likes."""

    BREACH = "breach"
    LITIGATION = "litigation"
    ANY = "any"


class Document(StrEnum):
    """Where a clause stands: the licence, the use policy beside it, or a model card that tells its terms in short."""

    LICENCE = "licence"
    USE_POLICY = "use-policy"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class GeoExclusion:
    """A place whose people get no rights, and for what (`scope`)."""

    region: str
    scope: str


@dataclass(frozen=True, slots=True)
class Clause:
    """The few words that a term rests on: `fact` names the field, `where` the section they stand in."""

    fact: str
    quote: str
    where: str
    document: Document

    @classmethod
    def from_toml(cls, place: str, data: Mapping[str, Any]) -> "Clause":
        table = Table(f"{place} [[clauses]]", data, ("fact", "quote", "where", "document"))
        clause = cls(
            fact=table.text("fact", required=True),
            quote=table.text("quote", required=True),
            where=table.text("where", required=True),
            document=table.choice("document", Document, Document.LICENCE),
        )
        if clause.fact not in TERMS:
            raise ValueError(f"{table.where}: field fact is {clause.fact!r}; allowed: {', '.join(TERMS)}")
        if len(clause.quote.split()) >= QUOTE_WORDS:
            raise ValueError(f"{table.where}: the quote for {clause.fact} is not under {QUOTE_WORDS} words")
        return clause


@dataclass(frozen=True, slots=True)
class LicenceDefinition:
    """Terms as read, never a verdict. None or empty text is unread where the comment says so; a threshold of 0 is none.

    `governing_law` is "none" where the text was read and names no law.
    """

    slug: str
    name: str
    spdx: str
    url: str
    family: str
    version: str
    aliases: tuple[str, ...]
    osi_approved: Answer
    fsf_libre: Answer
    commercial: CommercialUse
    mau_threshold: int
    revenue_threshold: int  # US dollars
    revenue_period: str  # month or year
    threshold_effect: ThresholdEffect
    field_of_use: tuple[str, ...] | None  # forbidden uses in our own words; None is unread, empty is none
    military: Military
    aup: AcceptableUse
    output_training: OutputTraining
    geo_exclusions: tuple[GeoExclusion, ...] | None  # None is unread, empty is none
    share_alike: Answer
    naming_duty: NamingDuty
    attribution_ui: AttributionUI
    notice: Answer
    pass_through_restrictions: Answer
    modification: Permission
    redistribution: Permission
    patent_grant: Stated
    patent_retaliation: Answer
    termination: tuple[Termination, ...] | None  # None is unread, empty is never
    remote_restriction_right: Answer
    revocable: Stated
    governing_law: str  # empty is unread
    indemnity: Answer
    evidence: str
    aup_url: str
    aup_sha256: str
    text_sha256: str
    read_on: When | None
    note: str
    clauses: tuple[Clause, ...]

    @classmethod
    def from_toml(cls, slug: str, data: Mapping[str, Any]) -> "LicenceDefinition":
        """Raises ValueError with file, field and what is allowed."""
        table = Table(f"licences/{slug}.toml", data, tuple(name for name in cls.__slots__ if name != "slug"))
        licence = cls(
            slug=slug,
            name=table.text("name", required=True),
            spdx=table.text("spdx"),
            url=table.text("url"),
            family=table.text("family"),
            version=table.text("version"),
            aliases=table.texts("aliases"),
            osi_approved=table.choice("osi_approved", Answer, Answer.UNREAD),
            fsf_libre=table.choice("fsf_libre", Answer, Answer.UNREAD),
            commercial=table.choice("commercial", CommercialUse, CommercialUse.UNREAD),
            mau_threshold=table.whole("mau_threshold"),
            revenue_threshold=table.whole("revenue_threshold"),
            revenue_period=table.text("revenue_period"),
            threshold_effect=table.choice("threshold_effect", ThresholdEffect, ThresholdEffect.NONE),
            field_of_use=table.texts("field_of_use") if "field_of_use" in data else None,
            military=table.choice("military", Military, Military.UNREAD),
            aup=table.choice("aup", AcceptableUse, AcceptableUse.UNREAD),
            output_training=table.choice("output_training", OutputTraining, OutputTraining.UNREAD),
            geo_exclusions=_exclusions(table) if "geo_exclusions" in data else None,
            share_alike=table.choice("share_alike", Answer, Answer.UNREAD),
            naming_duty=table.choice("naming_duty", NamingDuty, NamingDuty.UNREAD),
            attribution_ui=table.choice("attribution_ui", AttributionUI, AttributionUI.UNREAD),
            notice=table.choice("notice", Answer, Answer.UNREAD),
            pass_through_restrictions=table.choice("pass_through_restrictions", Answer, Answer.UNREAD),
            modification=table.choice("modification", Permission, Permission.UNREAD),
            redistribution=table.choice("redistribution", Permission, Permission.UNREAD),
            patent_grant=table.choice("patent_grant", Stated, Stated.UNREAD),
            patent_retaliation=table.choice("patent_retaliation", Answer, Answer.UNREAD),
            termination=_grounds(table) if "termination" in data else None,
            remote_restriction_right=table.choice("remote_restriction_right", Answer, Answer.UNREAD),
            revocable=table.choice("revocable", Stated, Stated.UNREAD),
            governing_law=table.text("governing_law"),
            indemnity=table.choice("indemnity", Answer, Answer.UNREAD),
            evidence=table.text("evidence"),
            aup_url=table.text("aup_url"),
            aup_sha256=table.text("aup_sha256"),
            text_sha256=table.text("text_sha256"),
            read_on=table.when("read_on"),
            note=table.text("note"),
            clauses=tuple(Clause.from_toml(table.where, row) for row in table.tables("clauses")),
        )
        _refuse_contradictions(table.where, licence)
        return licence


TERMS = tuple(
    name
    for name in LicenceDefinition.__slots__
    if name
    not in (
        *("slug", "name", "spdx", "url", "family", "version", "aliases", "osi_approved", "fsf_libre"),
        *("evidence", "aup_url", "aup_sha256", "text_sha256", "read_on", "note", "clauses"),
    )
)
# Allowed where no word forbids it; changing and passing on must be granted.
ALLOWED_BY_SILENCE = ("output_training", "military")


def _exclusions(table: Table) -> tuple[GeoExclusion, ...]:
    rows = [
        Table(f"{table.where} [[geo_exclusions]]", row, ("region", "scope")) for row in table.tables("geo_exclusions")
    ]
    return tuple(GeoExclusion(row.text("region", required=True), row.text("scope")) for row in rows)


def _grounds(table: Table) -> tuple[Termination, ...]:
    grounds = table.texts("termination")
    for ground in grounds:
        if ground not in list(Termination):
            raise ValueError(
                f"{table.where}: field termination holds {ground!r}; allowed: {', '.join(Termination)}, [] where none"
            )
    return tuple(Termination(ground) for ground in grounds)


def _refuse_contradictions(where: str, licence: LicenceDefinition) -> None:
    thresholds = bool(licence.mau_threshold or licence.revenue_threshold)
    if thresholds != (licence.threshold_effect is not ThresholdEffect.NONE):
        raise ValueError(f"{where}: threshold_effect is {licence.threshold_effect} beside thresholds {thresholds}")
    if bool(licence.revenue_threshold) != (licence.revenue_period in ("month", "year")):
        raise ValueError(f"{where}: revenue_period is {licence.revenue_period!r}; allowed: month, year")
    if bool(licence.evidence) != bool(licence.read_on):
        raise ValueError(f"{where}: evidence and read_on stand together: where the terms were read, and when")
    for field in ("text_sha256", "aup_sha256"):
        digest = getattr(licence, field)
        if digest and (len(digest) != 64 or set(digest) - set("0123456789abcdef")):
            raise ValueError(f"{where}: field {field} is {digest!r}; it must be 64 small hexadecimal digits")
    unrepeated(where, "clause", [f"{clause.fact}: {clause.quote}" for clause in licence.clauses])
    for clause in licence.clauses:
        if is_unread(licence, clause.fact):
            raise ValueError(f"{where}: a clause supports {clause.fact}, which is unread")
        if clause.document is Document.USE_POLICY and not licence.aup_url:
            raise ValueError(f"{where}: a clause of a use policy stands beside no aup_url")


def is_unread(licence: LicenceDefinition, term: str) -> bool:
    """Whether nobody read this term; a threshold is read with `commercial`."""
    if term in ("mau_threshold", "revenue_threshold", "revenue_period", "threshold_effect"):
        return licence.commercial is CommercialUse.UNREAD
    return getattr(licence, term) in (None, "", "unread")


def is_silence(licence: LicenceDefinition, term: str) -> bool:
    """Whether a term was read as the text's saying nothing of it: such a term has no words to quote."""
    value = getattr(licence, term)
    if term == "commercial":
        return False
    return value in ((), 0, "", "none", "silent", "no") or (value == "allowed" and term in ALLOWED_BY_SILENCE)
