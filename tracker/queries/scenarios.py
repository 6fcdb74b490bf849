"""The futures that are watched: what each one's signs read in a run, and which way they move."""

from dataclasses import dataclass
from typing import Any

from tracker.models import Scenario
from tracker.queries.run_reports import report
from tracker.queries.runs import RunInfo

REPORT = "scenarios"


@dataclass(frozen=True, slots=True)
class SignRow:
    """One sign of one future. `met` is None where it cannot be told: `missing` says what is wanting."""

    scenario: str
    slug: str
    title: str
    why: str
    test: str
    met: bool | None
    figure: str
    value: float | None
    low: float | None
    high: float | None
    trend: str
    before: str
    before_on: str
    missing: str
    evidence: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """One future with its signs; blank where the run has not read them."""

    slug: str
    title: str
    summary: str
    source: str
    url: str
    signs: tuple[SignRow, ...]

    @property
    def met(self) -> int:
        return sum(sign.met is True for sign in self.signs)

    @property
    def told(self) -> int:
        return sum(sign.met is not None for sign in self.signs)

    @property
    def nearing(self) -> int:
        return sum(sign.trend == "towards" for sign in self.signs)

    @property
    def receding(self) -> int:
        return sum(sign.trend == "away" for sign in self.signs)


def scenarios(run: RunInfo | None) -> tuple[ScenarioRow, ...]:
    """Every future that is listed, by slug, with the readings of one run; without a run they have no signs."""
    found = report(run, REPORT)
    return tuple(
        ScenarioRow(
            slug=row.slug,
            title=row.title,
            summary=row.summary,
            source=row.definition.get("source", ""),
            url=row.definition.get("url", ""),
            signs=tuple(_sign(row.slug, sign) for sign in found.get(row.slug, [])),
        )
        for row in Scenario.objects.filter(listed=True).order_by("slug")
    )


def _sign(scenario: str, sign: dict[str, Any]) -> SignRow:
    names = ("slug", "title", "why", "test", "met", "figure", "value", "low", "high", "trend", "before", "before_on")
    return SignRow(
        scenario=scenario,
        missing=sign["missing"],
        evidence=tuple((piece["kind"], piece["ref"], piece["label"]) for piece in sign["evidence"]),
        **{name: sign[name] for name in names},
    )
