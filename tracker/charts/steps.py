"""Two frontiers on one chart: step lines with bands and names, the other points behind, the distance between."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.charts.base import interval, number
from tracker.charts.theme import ROLES, YIELDS, Figure, band, day, dots, line, note, plain, rule
from tracker.queries.gap import nearest

DAYS_IN_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Step:
    """One model's value on the day it was released."""

    side: str
    model: str
    lab: str
    on: date
    value: float
    low: float | None
    high: float | None
    leads: bool


@dataclass(frozen=True, slots=True)
class Level:
    """The closed model that first reached the level open models have at the end, and that level."""

    model: str
    on: date
    value: float


def leading(steps: Sequence[Step], side: str) -> list[Step]:
    """The side's models that beat all before them, oldest first."""
    return sorted((step for step in steps if step.side == side and step.leads), key=lambda step: step.on)


def reached(steps: Sequence[Step]) -> Level | None:
    """When closed models first had what open models have now; None when one side is empty or open leads."""
    opened, closed = leading(steps, "open"), leading(steps, "closed")
    if not opened or not closed:
        return None
    now = opened[-1].value
    # A frontier that falls is one of a benchmark where less is better.
    sign = -1 if falls(steps) else 1
    first = next((step for step in closed if sign * step.value >= sign * now), None)
    return None if first is None else Level(first.model, first.on, now)


def falls(steps: Sequence[Step]) -> bool:
    """Whether the steps of a side go down."""
    sides = (leading(steps, "open"), leading(steps, "closed"))
    return any(side[-1].value < side[0].value for side in sides if side)


def frontiers(
    figure: Figure, steps: Sequence[Step], *, until: date | None, unit: str, decimals: int, scale: float = 1
) -> Figure:
    """Fill the figure. `scale` multiplies the values (100 for a percentage)."""
    end = max([*(step.on for step in steps), *([until] if until else [])])
    # Very many do not lead, and are gone through once.
    first = [step for step in steps if step.leads]
    leads = {side: lead for side in ("closed", "open") if (lead := leading(first, side))}
    for side, lead in leads.items():
        known = [step for step in lead if step.low is not None and step.high is not None]
        if known:
            on = [*(step.on for step in lead), end]
            # A step that holds the scale has no interval: there the band closes on the value itself.
            low = [scale * (step.value if step.low is None else step.low) for step in [*lead, lead[-1]]]
            high = [scale * (step.value if step.high is None else step.high) for step in [*lead, lead[-1]]]
            figure["data"].append(band(side, [day(d) for d in on], low, high, steps=True))
    for side in ("closed", "open"):
        others = [step for step in steps if step.side == side and not step.leads]
        rest = [others[at] for at in nearest(_placed(others), _placed(leads.get(side, [])))]
        if rest:
            # How many there are says the table: a page is given the nearest alone, and one more.
            told = f" (the {len(rest)} nearest)" if len(rest) < len(others) else ""
            figure["data"].append(
                dots(
                    side,
                    [day(step.on) for step in rest],
                    [round(scale * step.value, 3) for step in rest],
                    name=f"Other {ROLES[side].name.lower()}{told}",
                    hover=[_hover(step, unit, decimals, scale) for step in rest],
                )
            )
    for side, lead in leads.items():
        best = lead[-1]
        drawn = line(
            side,
            [*(day(step.on) for step in lead), day(end)],
            [*(round(scale * step.value, 3) for step in lead), round(scale * best.value, 3)],
            # The line goes on to the day of the data, where there is no model to name.
            text=[*(plain(step.model) for step in lead), ""],
            hover=[*(_hover(step, unit, decimals, scale) for step in lead), f"Still {plain(best.model)}<br>{end}"],
            steps=True,
        )
        # Sizes that differ make Plotly take the markers for bubbles, ringed and see-through.
        drawn["marker"] |= {"size": [*(8 for _ in lead), 0], "opacity": 1, "line": {"width": 0}}
        drawn["meta"]["end"] = f"{number(scale * best.value, decimals)}{unit}"
        figure["data"].append(drawn)
    _range(figure, first, end, scale)
    _distance(figure, first, end, scale)
    return figure


def _placed(steps: Sequence[Step]) -> list[tuple[date, float]]:
    return [(step.on, step.value) for step in steps]


def _hover(step: Step, unit: str, decimals: int, scale: float) -> str:
    low, high = (None if v is None else scale * v for v in (step.low, step.high))
    known = interval(low, high, decimals)
    by = f", {plain(step.lab)}" if step.lab else ""
    value = f"{number(scale * step.value, decimals)}{unit}"
    return f"{plain(step.model)}{by}<br>{step.on}<br>{value}{f' (90 % interval {known})' if known else ''}"


def _range(figure: Figure, lead: Sequence[Step], end: date, scale: float) -> None:
    """Both frontiers in full: a weak model of long ago must not squeeze the years that matter."""
    edges = [scale * edge for step in lead for edge in (step.value, step.low, step.high) if edge is not None]
    low, high = min(edges), max(edges)
    room = (high - low or 1) * 0.05
    start = min(step.on for step in lead)
    wide = max((end - start) // 50, timedelta(days=5))
    figure["layout"]["yaxis"]["range"] = [round(low - room, 3), round(high + room, 3)]
    figure["layout"]["xaxis"]["range"] = [day(start - wide), day(end)]


def _distance(figure: Figure, steps: Sequence[Step], end: date, scale: float) -> None:
    level = reached(steps)
    if level is None or level.on >= end:
        return
    height = scale * level.value
    months = (end - level.on).days / DAYS_IN_MONTH
    figure["layout"]["shapes"].append(
        rule(x0=day(level.on), x1=day(end), y0=height, y1=height, colour="ink", width=1.5, dash="dot")
    )
    # At its right end, where the closed line has climbed furthest away from it.
    words = note(f"{months:.1f} months", x=day(end), y=height, xanchor="right", yanchor="bottom", colour="ink")
    figure["layout"]["annotations"].append({**words, "name": YIELDS})
