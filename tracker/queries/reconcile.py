"""Two definitions of the lag replayed on stored runs, and what lies between them, choice by choice."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from tracker.domain import reconcile
from tracker.domain.reconcile import ALLOWED as ALLOWED
from tracker.domain.reconcile import CHOICE_NAMES as CHOICE_NAMES
from tracker.domain.reconcile import LEVEL_NAMES as LEVEL_NAMES
from tracker.domain.reconcile import ORDER as ORDER
from tracker.domain.reconcile import Definition, Published, Vintage, Waterfall
from tracker.models import GapResult
from tracker.queries.runs import RunInfo, run_for

PRESETS = reconcile.BY_SLUG
FIRST, SECOND = "epoch-2026-05", "ihle-private"
ORDERS = ("fixed", "average")
WINDOWS = {window.slug: window for window in reconcile.WINDOWS}
# Months are printed with two decimals, so that what is printed adds up.
DECIMALS = 2
# Days of the past that the page compares itself with.
MOST_MOMENTS = 60


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: what was published, the definition it is replayed under, and what our data give."""

    key: str
    published: Published
    definition: Definition
    changed: bool
    value: float | None
    since: date | None
    until: date | None
    known_at: datetime | None
    notes: tuple[str, ...]

    @property
    def said(self) -> float | None:
        """The published number; a definition that was changed has none."""
        return None if self.changed else self.published.value

    @property
    def name(self) -> str:
        when = f" {self.published.on:%b %Y}" if self.published.on else ""
        return f"{self.published.author}{when}" + (", changed" if self.changed else "")


@dataclass(frozen=True, slots=True)
class WaterfallRow:
    """One bar: a number that stands (`published`, `replayed`), or a move from `start` to `end` (`step`, `rest`)."""

    kind: str
    name: str
    change: str
    start: float
    end: float
    months: float


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Both sides and the waterfall between them; `problems` says why there is none, or what it leaves open."""

    a: Side
    b: Side
    rows: tuple[WaterfallRow, ...]
    problems: tuple[str, ...]
    averaged: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """One run's replays."""

    run: int
    known_at: datetime
    values: tuple[float | None, ...]
    axes: Mapping[str, tuple[str, ...]]
    windows: Mapping[str, tuple[date, date]]


def chosen(params: Mapping[str, str], side: str) -> tuple[Published, Definition, bool]:
    """The published result an address names for a side, its definition with the changed choices, whether any was."""
    published = PRESETS[params.get(side, FIRST if side == "a" else SECOND)]
    changes = {name: params[f"{side}_{name}"] for name in ORDER if f"{side}_{name}" in params}
    definition = replace(published.definition, **changes)
    return published, definition, definition != published.definition


class Replays:
    """The values of definitions, each from the run whose facts it is to stand on. Runs are read once."""

    def __init__(self, run: RunInfo | None) -> None:
        self.run = run
        self._grids: dict[int, Grid | None] = {}
        self._then: dict[str, int | None] = {}

    def grid(self, definition: Definition) -> Grid | None:
        """The run that a definition is read from; None where no stored run knew those facts."""
        if self.run is None:
            return None
        window = WINDOWS[definition.window]
        if definition.vintage == Vintage.NOW.value or window.until is None:
            return self._of(self.run.id)
        if definition.window not in self._then:
            found = run_for(window.until) if window.until < self.run.known_at.date() else None
            # What was known later than the page's own day stays unknown to it.
            late = found is not None and found.known_at > self.run.known_at
            newest = self.run.id if window.until >= self.run.known_at.date() else None
            self._then[definition.window] = newest if found is None or late else found.id
        run = self._then[definition.window]
        grid = None if run is None else self._of(run)
        # Facts that reach no further than the day before the window say nothing of it.
        since, until = grid.windows.get(definition.window, (date.max, date.min)) if grid else (date.max, date.min)
        return grid if since <= until else None

    def _of(self, run: int) -> Grid | None:
        if run not in self._grids:
            found = GapResult.objects.filter(run_id=run, scope=reconcile.STORED_AS)
            row = found.values_list("report", "run__known_at").first()
            self._grids[run] = None if row is None else _grid(run, *row)
        return self._grids[run]

    def value(self, definition: Definition) -> float | None:
        """The lag in months; None where no run tells it."""
        grid = self.grid(definition)
        place = reconcile.place(definition, grid.axes) if grid else None
        found = grid.values[place] if grid and place is not None else None
        return None if found is None else round(found, DECIMALS)


def _grid(run: int, report: Mapping[str, Any], known_at: datetime) -> Grid:
    windows = {
        slug: (date.fromisoformat(since), date.fromisoformat(until))
        for slug, (since, until) in report["windows"].items()
    }
    # A run of another day may have known other levels: its values are found by its own axes.
    axes = {name: tuple(levels) for name, levels in report["axes"].items()}
    if set(axes) != set(reconcile.AXES):
        axes = {}
    return Grid(run, known_at, tuple(report["values"]), axes, windows)


def reconciled(run: RunInfo | None, params: Mapping[str, str]) -> Reconciled:
    """Both sides of an address, replayed, with the difference taken apart."""
    replays = Replays(run)
    a, b = (_side(replays, params, key) for key in ("a", "b"))
    problems = [f"{side.name}: {problem}" for side in (a, b) for problem in _problems(replays, run, side)]
    averaged = params.get("order") == "average"
    found: Waterfall | None = None
    if averaged:
        found = reconcile.averaged(a.definition, b.definition, replays.value)
        if found is None and a.value is not None and b.value is not None:
            problems.append("Some orders pass through definitions without an answer: the fixed order is shown.")
            averaged = False
    found = found or reconcile.waterfall(a.definition, b.definition, replays.value)
    if found and found.skipped:
        names = ", ".join(CHOICE_NAMES[name].lower() for name in found.skipped)
        problems.append(f"Changed alone, the data give no answer for: {names}. It is changed together with the next.")
    return Reconciled(a, b, tuple(_rows(a, b, found)) if found else (), tuple(problems), averaged)


def _side(replays: Replays, params: Mapping[str, str], key: str) -> Side:
    published, definition, changed = chosen(params, key)
    notes = [] if changed or not published.apart else [published.apart]
    window = WINDOWS[definition.window]
    if definition.vintage == Vintage.THEN.value and replays.run is not None and replays.grid(definition) is None:
        wanted = window.until
        definition = replace(definition, vintage=Vintage.NOW.value)
        notes.append(f"No facts are stored that were known on {wanted} and reach there; replayed on what is known now.")
    grid = replays.grid(definition)
    since, until = grid.windows.get(definition.window, (None, None)) if grid else (None, None)
    if grid and window.until and until and until < window.until:
        notes.append(f"The facts of {grid.known_at:%-d %B %Y} reach to {until}: the window ends there.")
    return Side(
        key, published, definition, changed, replays.value(definition), since, until,
        grid.known_at if grid else None, tuple(notes),
    )  # fmt: skip


def _problems(replays: Replays, run: RunInfo | None, side: Side) -> list[str]:
    if side.value is not None:
        return []
    if run is None or replays.grid(side.definition) is None:
        return ["its replay has not been computed yet."]
    for name in ORDER:
        for level in ALLOWED[name]:
            other = replace(side.definition, **{name: level})
            if other != side.definition and replays.value(other) is not None:
                now, then = LEVEL_NAMES[name][getattr(side.definition, name)], LEVEL_NAMES[name][level]
                words = (
                    f"the data do not tell it. What is missing shows in {CHOICE_NAMES[name].lower()}: "
                    f"“{now}” has no answer here, “{then}” has one."
                )
                return [words]
    return ["the data do not tell it, whichever single choice is changed."]


def _bar(kind: str, name: str, change: str, start: float, end: float) -> WaterfallRow:
    return WaterfallRow(kind, name, change, start, end, round(end - start, DECIMALS))


def _rows(a: Side, b: Side, found: Waterfall) -> list[WaterfallRow]:
    rows = []
    if a.said is not None:
        rows.append(_bar("published", f"{a.name}: published", a.published.says, 0.0, a.said))
        rows.append(_bar("rest", "Not explained by our replay", a.published.apart, a.said, found.first))
    rows.append(_bar("replayed", f"{a.name}: on our data", "", 0.0, found.first))
    for step in found.steps:
        names = " and ".join(CHOICE_NAMES[name] for name in step.choices)
        change = "; ".join(
            f"{LEVEL_NAMES[name][getattr(a.definition, name)]} → {LEVEL_NAMES[name][getattr(b.definition, name)]}"
            for name in step.choices
        )
        rows.append(_bar("step", names, change, step.before, step.after))
    rows.append(_bar("replayed", f"{b.name}: on our data", "", 0.0, found.last))
    if b.said is not None:
        rows.append(_bar("rest", "Not explained by our replay", b.published.apart, found.last, b.said))
        rows.append(_bar("published", f"{b.name}: published", b.published.says, 0.0, b.said))
    return rows


def waterfall_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[WaterfallRow]:
    """The bars of an address, from the first number to the second."""
    return list(reconciled(run, params).rows)


@dataclass(frozen=True, slots=True)
class MomentRow:
    """What was said on an earlier day, what is known now of that day, and what is said now: the change since is the
    data's (revised) and the world's (moved), and nothing else."""

    known_at: datetime
    as_of: date
    said: float
    again: float
    now: float

    @property
    def revised(self) -> float:
        return round(self.again - self.said, DECIMALS)

    @property
    def moved(self) -> float:
        return round(self.now - self.again, DECIMALS)

    @property
    def change(self) -> float:
        return round(self.now - self.said, DECIMALS)


def moment_rows(run: RunInfo | None, estimator: str = "L1") -> list[MomentRow]:
    """The default question's lag as every stored day said it, beside the run's, the newest first."""
    if run is None:
        return []
    report = GapResult.objects.filter(run_id=run.id, scope=reconcile.STORED_AS).values_list(
        "report__moments", flat=True
    )
    moments = report.first() or {}
    headlines = GapResult.objects.filter(
        run__known_at__lte=run.known_at, scope="all", open_means="weights", region="", max_parameters=0
    ).order_by("-run__known_at")
    path = f"report__estimates__{estimator}__value"
    said = list(headlines.values_list("run_id", "run__known_at", "run__as_of", path)[:MOST_MOMENTS])
    now = next((value for number, _, _, value in said if number == run.id), None)
    return [
        MomentRow(known_at, as_of, *(round(one, DECIMALS) for one in (value, again, now)))
        for number, known_at, as_of, value in said
        for again in [moments.get(as_of.isoformat(), {}).get(estimator)]
        if number != run.id and value is not None and again is not None and now is not None
    ]


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A published result beside what our data give under its definition."""

    slug: str
    author: str
    on: date | None
    says: str
    value: float | None
    low: float | None
    high: float | None
    replayed: float | None
    notes: str


def published_rows(run: RunInfo | None) -> list[PublishedRow]:
    """All published results that can be replayed."""
    replays = Replays(run)
    rows = []
    for one in reconcile.PUBLISHED:
        side = _side(replays, {"a": one.slug}, "a")
        rows.append(
            PublishedRow(
                one.slug, one.author, one.on, one.says, one.value, one.low, one.high, side.value, " ".join(side.notes)
            )
        )
    return rows
