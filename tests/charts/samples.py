"""Made-up rows for every chart: two sides that climb, a lag that crosses zero, an estimator without an answer."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from tests.charts.compare_samples import beside_rows
from tests.charts.evaluation_samples import cluster_rows
from tests.charts.forecast_samples import fan_rows
from tests.charts.gap_samples import (
    choice_rows,
    clock_rows,
    definition_rows,
    family_rows,
    influence_rows,
    slice_rows,
    waterfall_rows,
)
from tests.charts.health_samples import health_rows, inflation_rows, meter_rows
from tests.charts.landscape_samples import event_rows, region_rows
from tests.charts.price_samples import level_rows, price_rows, specialist_rows
from tracker.queries.benchmarks import ScoreRow
from tracker.queries.gap import EstimateRow, FrontierRow, SeriesRow, SurvivalRow
from tracker.queries.labs import PhaseRow
from tracker.queries.models import ScoreLine
from tracker.queries.openness_history import CLASS_NAMES, LadderRow, ShareRow, SpellRow
from tracker.queries.second_index import PlaceRow
from tracker.queries.statements import TOPICS, StatementRow

START = date(2023, 3, 1)


def frontier_rows() -> list[FrontierRow]:
    rows = []
    for side, first, height in (("closed", 0, 126.0), ("open", 40, 112.0)):
        for nth in range(40):
            leads = nth % 4 == 0
            value = height + nth * 0.8 - (0 if leads else 6.5)
            on = START + timedelta(days=first + 28 * nth)
            name = f"{side.title()} model {nth} <b>large</b> & co"
            rows.append(FrontierRow(side, name, f"{side}-{nth}", "A lab", on, value, value - 2.1, value + 1.7, leads))
    return rows


def series_rows() -> list[SeriesRow]:
    rows = [SeriesRow(START + timedelta(days=7 * n), 6 - 0.1 * n, 4 - 0.1 * n, 9 - 0.1 * n) for n in range(80)]
    return [*rows[:30], SeriesRow(rows[30].on, None, None, None), *rows[31:]]


def phase_rows() -> list[PhaseRow]:
    """One lab that closes, one that stays open, one whose newest phase is provisional and short."""

    def row(lab: str, stance: str, first: int, last: int, **more: bool) -> PhaseRow:
        since, until = START + timedelta(days=first), START + timedelta(days=last)
        lasts = more.get("lasts", False)
        return PhaseRow(lab, "a-lab", stance, since, until, lasts, more.get("provisional", False), 9, 5, 3)

    return [
        row("A lab with <b>a name</b> & more words than fit", "open", 0, 500),
        row("A lab with <b>a name</b> & more words than fit", "mixed", 501, 800),
        row("A lab with <b>a name</b> & more words than fit", "closed", 801, 1300, lasts=True),
        row("Open lab", "weights", 200, 1300, lasts=True),
        row("Quiet lab", "closed", 30, 700),
        row("Quiet lab", "quiet", 701, 1250),
        row("Quiet lab", "open", 1251, 1300, lasts=True, provisional=True),
    ]


def estimate_rows() -> list[EstimateRow]:
    def row(
        key: str, unit: str, value: float | None, low: float | None, high: float | None, note: str = ""
    ) -> EstimateRow:
        question = f"What does {key} ask, in a sentence long enough to need a second line on a telephone?"
        return EstimateRow(key, f"Name of {key}", question, "", unit, value, low, high, START, START, 14, 0.25, note)

    return [
        row("L1", "months", 5.2, 3.4, 7.9),
        row("L4", "months", 9.8, 5.2, 14.1),
        row("L6", "months", -0.7, None, None),
        row("L7", "months", None, None, None, "not reached yet"),
        row("L8", "points", 4.4, 1.9, 6.7),
    ]


def statement_rows() -> list[StatementRow]:
    """More than a statement a week on every topic, so that dots must make way; some with a month or a year only."""
    return [
        StatementRow(
            fact=nth,
            topic=TOPICS[nth % len(TOPICS)],
            said_on=START + timedelta(days=9 * nth),
            said=str(START + timedelta(days=9 * nth))[: (10, 7, 4)[nth % 3]],
            person=f"Speaker {nth % 7} <b>of</b> a & b",
            person_slug=f"speaker-{nth % 7}",
            lab="A lab" if nth % 2 else "",
            lab_slug="a-lab" if nth % 2 else "",
            summary=f"What takes a sentence so long that a telephone has to cut it somewhere, told {nth} times over.",
            quote="so <i>it</i> is",
            venue="A talk",
            url="https://example.org/talk",
        )
        for nth in range(140)
    ]


def survival_rows() -> list[SurvivalRow]:
    shares = (
        (0.0, 1.0, False),
        (1.5, 0.9, False),
        (3.0, 0.9, True),
        (6.2, 0.6, False),
        (9.0, 0.4, False),
        (14.0, 0.4, True),
    )
    return [SurvivalRow(months, share, max(share - 0.2, 0), min(share + 0.1, 1), cut) for months, share, cut in shares]


def score_rows() -> list[ScoreRow]:
    """Best first, as the query gives them."""
    rows = []
    for nth in range(30):
        side = ("open", "closed")[nth % 2]
        on = None if nth == 7 else START + timedelta(days=30 * nth)
        value = min(0.03 * nth + (0.1 if side == "closed" else 0), 0.97)
        rows.append(
            ScoreRow(f"Model {nth}", f"model-{nth}", "A lab", side, on, value, None, None, "high", "third-party")
        )
    return sorted(rows, key=lambda row: -row.value)


def score_lines() -> list[ScoreLine]:
    lines = []
    for nth, unit in enumerate(("proportion", "proportion", "elo", "proportion")):
        value = 1310.0 if unit == "elo" else 0.2 + 0.1 * nth
        lines.append(
            ScoreLine(
                fact=nth,
                benchmark=f"Benchmark {nth} with a rather long name",
                benchmark_slug=f"benchmark-{nth}",
                category="coding",
                unit=unit,
                setting="high",
                value=value,
                stderr=0.01 if nth else None,
                evaluator="third-party",
                evaluated_on=date(2026, 4, 1),
                source="A source",
                believed=True,
                best_open=value - 0.05,
                best_closed=value + 0.1,
            )
        )
    return lines


def ladder_rows() -> list[LadderRow]:
    """Labs of every region, one with a hostile name, that come up and down all rungs."""
    rows = []
    classes = ("closed", "closed", "noncommercial", "restricted", "permissive", "open", "open", "open", "open")
    for nth in range(180):
        region = ("us", "china", "europe", "other")[nth % 4]
        rung = nth % 9
        name = f"Model {nth} <b>large</b>"
        lab = f"Lab {nth % 36} <i>of</i> {region}"
        on = START + timedelta(days=7 * nth)
        rows.append(LadderRow(on, name, f"m-{nth}", lab, region, "A country", rung, "in words", classes[rung]))
    return rows


def share_rows() -> list[ShareRow]:
    rows = []
    for nth in range(14):
        parts = dict(zip(CLASS_NAMES, (8 + nth % 5, 3, 5 - nth % 3, 9, nth % 4), strict=True))
        of, quarter = sum(parts.values()), date(2023 + nth // 4, 3 * (nth % 4) + 1, 1)
        rows += [ShareRow(quarter, key, releases, of, releases / of) for key, releases in parts.items()]
    return rows


def spell_rows() -> list[SpellRow]:
    rows, since = [], START
    for nth in range(12):
        until = since + timedelta(days=40 + 11 * nth)
        kind = ("noncommercial", "osi", "commercial", "untold")[nth % 4]
        country = ("China", "United States", "France", "A country <u>of</u> a long name")[nth % 4]
        name = f"Model {nth} <b>large</b>"
        rows.append(SpellRow(since, until, (until - since).days, name, f"m-{nth}", "A lab", country, "A licence", kind))
        since = until
    return rows


def place_rows() -> list[PlaceRow]:
    rows = []
    for nth in range(60):
        first = 100 + nth
        second = first + (-1) ** nth * (30 - nth / 2)
        known = nth % 20 != 0
        rows.append(
            PlaceRow(
                f"Model {nth} <b>large</b> & co", f"m-{nth}", "A lab", ("open", "closed", "unknown")[nth % 3], first,
                first - 2 if known else None, first + 2 if known else None, second, second - 3 if known else None,
                second + 3 if known else None, second - first, 4 + nth % 9, "An exam" if nth < 12 else "",
            )
        )  # fmt: skip
    return rows


SAMPLES: dict[str, Sequence[Any]] = {
    "second-index": place_rows(),
    "evaluation-clusters": cluster_rows(),
    "price-capability": price_rows(),
    "price-of-level": level_rows(),
    "specialists": specialist_rows(),
    "frontier": frontier_rows(),
    "lag": series_rows(),
    "vertical": series_rows(),
    "estimators": estimate_rows(),
    "survival": survival_rows(),
    "benchmark-frontier": score_rows(),
    "model-scores": score_lines(),
    "compared": beside_rows(),
    "ladder-over-time": ladder_rows(),
    "openness-share": share_rows(),
    "open-frontier-licences": spell_rows(),
    "specification": definition_rows(),
    "choices": choice_rows(),
    "slices": slice_rows(),
    "families": family_rows(),
    "influence": influence_rows(),
    "clocks": clock_rows(),
    "waterfall": waterfall_rows(),
    "statements": statement_rows(),
    "events": event_rows(),
    "region-lags": region_rows(),
    "strategies": phase_rows(),
    "information-over-time": health_rows(),
    "benchmaxxing": meter_rows(),
    "self-report": inflation_rows(),
    "forecast-lag": fan_rows(),
    "forecast-catch-up": fan_rows(),
    "forecast-gap": fan_rows(),
}
