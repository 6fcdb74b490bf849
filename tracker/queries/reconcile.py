"""Two definitions of the lag replayed on stored runs, and what lies between them, choice by choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from tracker.domain import reconcile
from tracker.domain.gap_replay_draws import interval
from tracker.domain.reconcile import ALLOWED as ALLOWED
from tracker.domain.reconcile import CHOICE_NAMES as CHOICE_NAMES
from tracker.domain.reconcile import LEVEL_NAMES as LEVEL_NAMES
from tracker.domain.reconcile import ORDER as ORDER
from tracker.domain.reconcile import Definition, Published, Vintage, Waterfall
from tracker.domain.specification import Tolerance
from tracker.models import GapResult, IndexRun, part_shown
from tracker.queries import runs
from tracker.queries.runs import RunInfo, end_of

PRESETS = reconcile.BY_SLUG
FIRST, SECOND = "epoch-2026-05", "ihle-private"
ORDERS = ("fixed", "average")
WINDOWS = {window.slug: window for window in reconcile.WINDOWS}
# Months are printed with two decimals, so that what is printed adds up.
DECIMALS = 2
SURE_OF_ALL, RAW_SCORES = "L5", "L4"
# Why a bar has no interval.
CERTAIN = "none: who is ahead beyond doubt is told by all draws together"
OTHER_RUN = "none: two runs, whose draws have nothing to do with each other"
NOT_DRAWN = "none: only what lies between published answers is drawn again"
TOO_FEW = "none: most draws do not tell it"
IN_ALL_ORDERS = "none: a mean over all orders passes through definitions that are not drawn again"
UNEXPLAINED = "none: what it lacks cannot be drawn"
AS_PUBLISHED = "as published"
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
    """One bar: a number that stands (`published`, `replayed`), or a move from `start` to `end` (`step`, `rest`). `low`
    and `high` are the 90 % interval of `months`; `interval` says what was drawn anew for it, or why there is none."""

    kind: str
    name: str
    change: str
    start: float
    end: float
    months: float
    low: float | None = None
    high: float | None = None
    interval: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """The 90 % interval of a lag or of a change, and what was drawn anew for it; or, in `over`, why there is none."""

    low: float | None
    high: float | None
    over: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Both sides and the waterfall between them; `problems` says why there is none, or what it leaves open."""

    a: Side
    b: Side
    rows: tuple[WaterfallRow, ...]
    problems: tuple[str, ...]
    averaged: bool
    difference: Spread


@dataclass(frozen=True, slots=True)
class Grid:
    """One run's replays."""

    run: int
    known_at: datetime
    values: tuple[float | None, ...]
    axes: Mapping[str, tuple[str, ...]]
    windows: Mapping[str, tuple[date, date]]
    drawn: Mapping[str, Sequence[float | None]]

    def rows(self, definition: Definition) -> Sequence[float | None] | None:
        """The definition's lag in every draw; None where it was not drawn again."""
        return self.drawn.get(str(reconcile.place(definition, self.axes)))


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
            self._then[definition.window] = self._known_on(self.run, window.until)
        run = self._then[definition.window]
        grid = None if run is None else self._of(run)
        # Facts that reach no further than the day before the window say nothing of it.
        since, until = grid.windows.get(definition.window, (date.max, date.min)) if grid else (date.max, date.min)
        return grid if since <= until else None

    @staticmethod
    def _known_on(run: RunInfo, day: date) -> int | None:
        """The run that stands for a day; what was known later than the page's own run stays unknown to it."""
        if day >= run.known_at.date():
            return run.id
        known = runs.beside(run.id, known_at=run.known_at, created_at=run.created_at)
        fitted = known.filter(known_at__lte=end_of(day), draws__isnull=False).exclude(state=IndexRun.State.DUE)
        return fitted.order_by("-known_at", "-pk").values_list("pk", flat=True).first()

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

    def spread(self, definition: Definition, since: Definition | None = None) -> Spread:
        """The interval of the definition's lag, or of its change from another's in the same draws."""
        both = (definition,) if since is None else (since, definition)
        grids = [self.grid(one) for one in both]
        rows = [grid.rows(one) for grid, one in zip(grids, both, strict=True) if grid]
        if len({grid.run for grid in grids if grid}) != 1:
            return Spread(None, None, OTHER_RUN)
        if any(one.estimator == SURE_OF_ALL and one.tolerance == Tolerance.SURE.value for one in both):
            return Spread(None, None, CERTAIN)
        told = [drawn for drawn in rows if drawn is not None]
        found = interval(told[-1], told[0] if since else None) if len(told) == len(both) else None
        if found is None:
            return Spread(None, None, NOT_DRAWN if len(told) < len(both) else TOO_FEW)
        low, high = (round(bound, DECIMALS) for bound in found)
        return Spread(low, high, " and ".join(sorted({_drawn_over(one) for one in both}, reverse=True)))


def _drawn_over(definition: Definition) -> str:
    return "benchmarks" if definition.estimator == RAW_SCORES else "scores"


def _grid(run: int, report: Mapping[str, Any], known_at: datetime) -> Grid:
    windows = {
        slug: (date.fromisoformat(since), date.fromisoformat(until))
        for slug, (since, until) in report["windows"].items()
    }
    # A run of another day may have known other levels: its values are found by its own axes.
    axes = {name: tuple(levels) for name, levels in report["axes"].items()}
    if set(axes) != set(reconcile.AXES):
        axes = {}
    return Grid(run, known_at, tuple(report["values"]), axes, windows, report.get("drawn", {}))


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
    rows = tuple(_rows(replays, a, b, found, averaged=averaged)) if found else ()
    spread = replays.spread(b.definition, a.definition) if found else Spread(None, None, "")
    return Reconciled(a, b, rows, tuple(problems), averaged, spread)


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


def _bar(kind: str, name: str, change: str, start: float, end: float, spread: Spread) -> WaterfallRow:
    months = round(end - start, DECIMALS)
    return WaterfallRow(kind, name, change, start, end, months, spread.low, spread.high, spread.over)


def _published(side: Side) -> Spread:
    one = side.published
    return Spread(one.low, one.high, AS_PUBLISHED if one.low is not None else "none was published")


def _rows(replays: Replays, a: Side, b: Side, found: Waterfall, *, averaged: bool) -> list[WaterfallRow]:
    rows, unexplained = [], Spread(None, None, UNEXPLAINED)
    if a.said is not None:
        rows.append(_bar("published", f"{a.name}: published", a.published.says, 0.0, a.said, _published(a)))
        rows.append(_bar("rest", "Not explained by our replay", a.published.apart, a.said, found.first, unexplained))
    own = replays.spread(a.definition)
    rows.append(_bar("replayed", f"{a.name}: on our data", "", 0.0, found.first, own))
    at = a.definition
    for step in found.steps:
        names = " and ".join(CHOICE_NAMES[name] for name in step.choices)
        change = "; ".join(
            f"{LEVEL_NAMES[name][getattr(a.definition, name)]} → {LEVEL_NAMES[name][getattr(b.definition, name)]}"
            for name in step.choices
        )
        before, at = at, at.towards(b.definition, step.choices)
        spread = Spread(None, None, IN_ALL_ORDERS) if averaged else replays.spread(at, before)
        rows.append(_bar("step", names, change, step.before, step.after, spread))
    own = replays.spread(b.definition)
    rows.append(_bar("replayed", f"{b.name}: on our data", "", 0.0, found.last, own))
    if b.said is not None:
        rows.append(_bar("rest", "Not explained by our replay", b.published.apart, found.last, b.said, unexplained))
        rows.append(_bar("published", f"{b.name}: published", b.published.says, 0.0, b.said, _published(b)))
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
    known = runs.beside(run.id, known_at=run.known_at, created_at=run.created_at)
    headlines = GapResult.objects.filter(
        run__in=known.values("pk"), scope="all", open_means="weights", region="", max_parameters=0
    ).order_by("-run__known_at")
    value = part_shown("estimates", estimator, "value")
    said = list(headlines.values_list("run_id", "run__known_at", "run__as_of", value)[:MOST_MOMENTS])
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
