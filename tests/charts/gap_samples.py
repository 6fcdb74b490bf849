"""Made-up rows for the charts of the explorer and the reconciler: long names, missing answers, clocks that run."""

from datetime import date, timedelta
from itertools import product

from tracker.queries.gap import ClockRow, InfluenceRow
from tracker.queries.gap_parts import ChoiceRow, DefinitionRow, FamilyRow, SliceRow
from tracker.queries.reconcile import WaterfallRow

START = date(2023, 3, 1)
LONG_NAME = "A model <b>with</b> a long name"


def definition_rows() -> list[DefinitionRow]:
    """Every combination, as many as a run has; the last more than a number."""
    every = list(
        product(
            ("L1", "L3", "L4", "L5", "L6", "L7"),
            ("all", "agentic", "coding", "mathematics", "knowledge", "public", "semi-private", "private"),
            ("weights", "commercial", "osi"),
            ("best", "default"),
            ("plain", "95"),
        )
    )
    rows = []
    for rank, choices in enumerate(every[:480], 1):
        value = -2 + 0.03 * rank
        low, high = (value - 3, value + 3 + rank % 7) if rank % 5 else (None, None)
        rows.append(DefinitionRow(rank, *choices, value=value, low=low, high=high, at_least=None))
    return [*rows, DefinitionRow(481, *every[-1], value=None, low=None, high=None, at_least=17.0)]


def choice_rows() -> list[ChoiceRow]:
    return [
        ChoiceRow("scope", "Benchmarks", 0.41, "public", 3.8, "semi-private", 7.7),
        ChoiceRow("open_means", "Meaning of “open”", 0.02, "weights", 5.2, "osi", 6.1),
        ChoiceRow("", "Combinations and chance", 0.37, "", None, "", None),
    ]


def slice_rows() -> list[SliceRow]:
    def row(group: str, name: str, lag: float | None, low: float | None, high: float | None) -> SliceRow:
        return SliceRow(
            group, name, lag, low, high, 4.0, None, 6.5, 30, 80, LONG_NAME, "" if lag else "Too few models."
        )

    return [
        row("all", "all", 6.5, 5.2, 7.8),
        row("category", "agentic", 5.5, 4.0, 9.0),
        row("category", "multimodal", None, None, None),
        row("access", "non-public", 7.2, 4.4, 44.0),
        row("region", "other", -1.3, None, None),
        row("size", "consumer-gpu", 12.7, 11.0, 14.2),
    ]


def family_rows() -> list[FamilyRow]:
    def row(name: str, today: float | None, points: float) -> FamilyRow:
        return FamilyRow(
            name=name, model=f"{name}: {LONG_NAME}"[:40], slug=name.lower(), released_on=START,
            value=150 - points, models=7, today=today, today_low=today and today - 2, today_high=today and today + 3,
            at_release=today and today - 1, points=points, points_low=points - 2, points_high=points + 2,
            level_first_by=LONG_NAME if today else "", at_least=points > 20,
        )  # fmt: skip

    return [row("Kimi", None, -1.5), row("Qwen", 5.2, 4.5), row("Mistral", 22.9, 28.0)]


def influence_rows() -> list[InfluenceRow]:
    rows = [
        InfluenceRow(f"Benchmark {nth} with a rather long name", "L1", 6.5, 6.5 + change, change)
        for nth in range(14)
        for change in [(-1) ** nth * (14 - nth) / 10]
    ]
    return [*rows, InfluenceRow("No refit", "L1", 6.5, None, None), InfluenceRow("Benchmark 0", "L3", 5.3, 5.1, -0.2)]


def clock_rows() -> list[ClockRow]:
    def row(nth: int, months: float, by: str) -> ClockRow:
        on = START + timedelta(days=100 * nth)
        return ClockRow(f"{LONG_NAME} {nth}", on, 120.0 + nth, by, on if by else None, months, not by)

    return [row(0, 16.3, LONG_NAME), row(1, 7.1, LONG_NAME), row(2, -0.5, LONG_NAME), row(3, 5.2, ""), row(4, 1.0, "")]


def waterfall_rows() -> list[WaterfallRow]:
    bars = [
        ("published", "Somebody May 2026: published", "4 months", 0.0, 4.0),
        ("rest", "Not explained by our replay", "Another index.", 4.0, 2.62),
        ("replayed", "Somebody May 2026: on our data", "", 0.0, 2.62),
        ("step", "Window", "2025 → 2026", 2.62, 2.62),
        ("step", "Estimator and Tolerance", "L1 → L4; 95 % → none", 2.62, -0.4),
        ("step", "Benchmarks", "All → Private", -0.4, 7.11),
        ("replayed", "Another: on our data", "", 0.0, 7.11),
        ("rest", "Not explained by our replay", "Other benchmarks.", 7.11, 9.0),
        ("published", "Another: published", "9 months", 0.0, 9.0),
    ]
    spreads = {2: (2.1, 3.3, "scores"), 3: (0.0, 0.0, "scores"), 4: (-4.2, -1.9, "scores and benchmarks")}
    return [
        WaterfallRow(*bar, round(bar[4] - bar[3], 2), *spreads.get(nth, (None, None, "none: nobody drew it")))
        for nth, bar in enumerate(bars)
    ]
