"""A claim's test + what is known → verdict, and the assumption it turns on; a forecast is judged on its own day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from tracker.domain.claim_base import ClaimTest, day_of
from tracker.domain.claim_known import Known
from tracker.domain.claim_lags import LagTest, LagVersusTest, ModelLagTest, TrendTest
from tracker.domain.claim_models import IndexVersusTest, ModelFactTest, NearFrontierTest, PriceRatioTest
from tracker.domain.claim_pace import PaceTest
from tracker.domain.claim_parts import Evidence, Finding
from tracker.domain.claim_ruling import Ruling, Verdict, rule
from tracker.domain.claim_scores import BenchmarkStateTest, ScoreTest, ScoreVersusTest, SideGapTest
from tracker.domain.claim_texts import LicenceTermTest, NoTest, StatedTest
from tracker.domain.records import When
from tracker.domain.tables import Table

QUOTE_WORDS: Final = 25  # a quote stays under it
KINDS: Final[dict[str, type[ClaimTest]]] = {
    kind.kind: kind
    for kind in (
        LagTest, LagVersusTest, TrendTest, ModelLagTest, ModelFactTest, IndexVersusTest, NearFrontierTest,
        PriceRatioTest, PaceTest, ScoreTest, ScoreVersusTest, SideGapTest, BenchmarkStateTest, LicenceTermTest,
        StatedTest, NoTest,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Forecast:
    """A claim about a day to come: it cannot be tested before, and is scored then. `probability` is what its author
    gave it; one who gave none is taken at their word."""

    due: date
    probability: float = 1.0

    def brier(self, *, came: bool) -> float:
        return (self.probability - came) ** 2


@dataclass(frozen=True, slots=True)
class ClaimDefinition:
    """One published sentence with the test that it was turned into."""

    slug: str
    title: str
    quote: str
    author: str
    said: When
    publication: str
    url: str
    topic: str
    note: str
    test: ClaimTest
    forecast: Forecast | None

    @classmethod
    def from_toml(cls, slug: str, data: Mapping[str, Any]) -> "ClaimDefinition":
        """Raises ValueError with file, field and what is allowed."""
        where = f"claims/{slug}.toml"
        fields = ("title", "quote", "author", "date", "publication", "url", "topic", "note", "test", "forecast")
        table = Table(where, data, fields)
        quote, said = table.text("quote"), table.when("date")
        if len(quote.split()) >= QUOTE_WORDS:
            raise ValueError(f"{where}: field quote has {len(quote.split())} words; allowed: under {QUOTE_WORDS}")
        if said is None:
            raise ValueError(f"{where}: field date is missing; it must be a date such as 2026-05-28, 2026-05 or 2026")
        return cls(
            slug=slug,
            title=table.text("title", required=True),
            quote=quote,
            author=table.text("author", required=True),
            said=said,
            publication=table.text("publication", required=True),
            url=table.text("url"),
            topic=table.text("topic", required=True),
            note=table.text("note"),
            test=test_of(where, data.get("test")),
            forecast=_forecast(where, data.get("forecast")),
        )


def test_of(where: str, data: Any) -> ClaimTest:
    """The test that a table declares. Raises ValueError with place, field and what is allowed."""
    if not isinstance(data, Mapping):
        raise ValueError(f"{where}: the table [test] is missing")
    kind = data.get("kind")
    if kind not in KINDS:
        raise ValueError(f"{where} [test]: field kind is {kind!r}; allowed: {', '.join(KINDS)}")
    return KINDS[kind].from_toml(f"{where} [test]", data)


def _forecast(where: str, data: Any) -> Forecast | None:
    if data is None:
        return None
    if not isinstance(data, Mapping):
        raise ValueError(f"{where}: [forecast] must be a table")
    table = Table(f"{where} [forecast]", data, ("due", "probability"))
    due, probability = day_of(table, "due"), table.number("probability")
    if due is None:
        raise ValueError(f"{table.where}: field due is missing; it must be a day such as 2026-12-03")
    if probability is not None and not 0 <= probability <= 1:
        raise ValueError(f"{table.where}: field probability is {probability:g}; allowed: 0 to 1")
    return Forecast(due, 1.0 if probability is None else probability)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A ruling on a claim in one run. `brier` is the score of a forecast whose day has passed."""

    ruling: Ruling
    test: str
    brier: float | None = None


def judge(claim: ClaimDefinition, known: Known) -> Judgement:
    """What the data known say of a claim."""
    findings, words = claim.test.findings(known), claim.test.words(known)
    if claim.forecast is None:
        return Judgement(rule(findings, claim.test.demand), words)
    if known.as_of < claim.forecast.due:
        so_far = next((finding for finding in findings if finding.own and finding.figure), None)
        now = f" On {known.as_of} the figure was {so_far.figure} ({so_far.assumption})." if so_far else ""
        missing = f"It speaks of {claim.forecast.due}, and the data end on {known.as_of}.{now}"
        return Judgement(Ruling(Verdict.UNTESTABLE, "", missing, "", tuple(findings)), words)
    ruling = rule(findings, claim.test.demand)
    own = next((finding for finding in findings if finding.own and finding.met is not None), None)
    return Judgement(ruling, words, None if own is None else claim.forecast.brier(came=bool(own.met)))


def reading(judgement: Judgement, known: Known) -> dict[str, Any]:
    """A judgement as plain data for JSON, ready to be stored."""
    return {
        "as_of": known.as_of.isoformat(),
        "test": judgement.test,
        "missing": judgement.ruling.missing,
        "flip": judgement.ruling.flip,
        "brier": judgement.brier,
        "figures": [_finding(finding) for finding in judgement.ruling.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 4) + 0.0

    return {
        "assumption": finding.assumption,
        "choice": finding.choice,
        "met": finding.met,
        "figure": finding.figure,
        "value": rounded(finding.value),
        "low": rounded(finding.low),
        "high": rounded(finding.high),
        "unit": finding.unit,
        "missing": finding.missing,
        "stated": finding.stated,
        "evidence": [_evidence(evidence) for evidence in finding.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, str]:
    return {"kind": evidence.kind, "ref": evidence.ref, "label": evidence.label}
