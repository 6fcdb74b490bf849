"""Possible futures, each with signs that would show it coming: what each sign reads, and which way it moves.

A sign is a test of the same kinds as a claim's. Where the test has several figures of its own (one a benchmark), the
reading is how many of them meet it, and the sign is there when at least `share` of those that can be told do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from tracker.domain.claim_base import ClaimTest
from tracker.domain.claim_known import Known
from tracker.domain.claim_parts import Evidence, Finding
from tracker.domain.claims import test_of
from tracker.domain.tables import Table, unrepeated

HALF_A_YEAR = timedelta(days=183)


class Trend(StrEnum):
    """Which way a sign's figure moved over half a year, as seen from its threshold."""

    TOWARDS = "towards"
    AWAY = "away"
    STEADY = "steady"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Indicator:
    """A sign of a possible future: its test, why it would show, and the share of the test's figures that must meet
    it."""

    slug: str
    title: str
    why: str
    share: float
    test: ClaimTest

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "Indicator":
        table = Table(f"{where} [[indicator]]", data, ("slug", "title", "why", "share", "test"))
        share = table.number("share")
        if share is not None and not 0 < share <= 1:
            raise ValueError(f"{table.where}: field share is {share:g}; allowed: above 0, at most 1")
        slug = table.text("slug", required=True)
        return cls(
            slug=slug,
            title=table.text("title", required=True),
            why=table.text("why", required=True),
            share=1.0 if share is None else share,
            test=test_of(f"{where} {slug} [test]", data.get("test")),
        )


@dataclass(frozen=True, slots=True)
class ScenarioDefinition:
    """One file of the catalogue: a possible future, whose idea it is, and its signs, one at least."""

    slug: str
    title: str
    summary: str
    source: str
    url: str
    indicators: tuple[Indicator, ...]

    @classmethod
    def from_toml(cls, slug: str, data: Mapping[str, Any]) -> "ScenarioDefinition":
        """Raises ValueError with file, field and what is allowed."""
        where = f"scenarios/{slug}.toml"
        table = Table(where, data, ("title", "summary", "source", "url", "indicator"))
        indicators = tuple(Indicator.from_toml(where, row) for row in table.tables("indicator"))
        if not indicators:
            raise ValueError(f"{where}: a future without an [[indicator]] cannot be watched")
        unrepeated(where, "indicator slug", [indicator.slug for indicator in indicators])
        return cls(
            slug,
            table.text("title", required=True),
            table.text("summary", required=True),
            table.text("source", required=True),
            table.text("url"),
            indicators,
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """One sign on one day. `met` is None where it cannot be told, and `missing` says why; `far` is how far the figure
    is from the threshold, 0 once it is passed."""

    indicator: Indicator
    met: bool | None
    figure: str
    words: str
    value: float | None
    low: float | None
    high: float | None
    far: float | None
    missing: str
    evidence: tuple[Evidence, ...]


def read(indicator: Indicator, known: Known) -> Reading:
    """What the sign shows on the data known. Of several figures the value is the share that meets the test, 0 to 1, and
    `far` what is missing to the share wanted; else both are in the test's own unit."""
    own = [finding for finding in indicator.test.findings(known) if finding.own]
    told = [finding for finding in own if finding.met is not None]
    words = indicator.test.words(known)
    evidence = tuple(piece for finding in own for piece in finding.evidence)
    if not told:
        missing = "; ".join(dict.fromkeys(finding.missing for finding in own if finding.missing))
        return Reading(indicator, None, "", words, None, None, None, None, missing or "nothing to test with", evidence)
    if len(own) > 1:
        return _of_several(indicator, told, own, words, evidence)
    (one,) = told
    return Reading(
        indicator, one.met, one.figure, words, one.value, one.low, one.high, _far(indicator.test, one), "", evidence
    )


def _of_several(
    indicator: Indicator, told: Sequence[Finding], own: Sequence[Finding], words: str, evidence: tuple[Evidence, ...]
) -> Reading:
    met = sum(bool(finding.met) for finding in told)
    share = met / len(told)
    untold = len(own) - len(told)
    figure = f"{met} of {len(told)}" + (f", {untold} not told" if untold else "")
    far = max(0.0, indicator.share - share)
    return Reading(indicator, share >= indicator.share, figure, words, share, None, None, far, "", evidence)


def _far(test: ClaimTest, finding: Finding) -> float | None:
    if test.demand is None or finding.value is None:
        return None
    return 0.0 if test.demand.met(finding.value) else test.demand.distance(finding.value)


def earlier(indicator: Indicator, known: Known) -> Reading | None:
    """The same sign half a year before, from the same data; None where its test stands for one day only."""
    test: Any = indicator.test
    if "as_of" not in {field.name for field in fields(test)} or test.as_of is not None:
        return None
    back = replace(test, as_of=known.as_of - HALF_A_YEAR)
    return read(replace(indicator, test=back), known)


def trend(before: float | None, now: float | None) -> Trend:
    """Whether a distance to a threshold has shrunk: by a tenth, or to nothing."""
    if before is None or now is None:
        return Trend.UNKNOWN
    if abs(now - before) <= 0.1 * max(before, now):
        return Trend.STEADY
    return Trend.TOWARDS if now < before else Trend.AWAY


def readings(scenario: ScenarioDefinition, known: Known, past: Mapping[str, float]) -> list[dict[str, Any]]:
    """Every sign as plain data for JSON. `past` holds the distances of an earlier run by the sign's slug, for tests
    that cannot be counted to an earlier day."""
    rows = []
    for indicator in scenario.indicators:
        now, before = read(indicator, known), earlier(indicator, known)
        was = before.far if before else past.get(indicator.slug)
        rows.append(
            {
                "slug": indicator.slug,
                "title": indicator.title,
                "why": indicator.why,
                "test": now.words,
                "share": indicator.share,
                "met": now.met,
                "figure": now.figure,
                "value": _rounded(now.value),
                "low": _rounded(now.low),
                "high": _rounded(now.high),
                "far": _rounded(now.far),
                "before": before.figure if before else "",
                "before_on": _day(known.as_of - HALF_A_YEAR) if before and before.figure else "",
                "trend": trend(was, now.far).value,
                "missing": now.missing,
                "evidence": [{"kind": piece.kind, "ref": piece.ref, "label": piece.label} for piece in now.evidence],
            }
        )
    return rows


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4) + 0.0


def _day(on: date) -> str:
    return on.isoformat()
