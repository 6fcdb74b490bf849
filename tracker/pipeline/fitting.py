"""One run's mathematics on the facts it knew: observations, fit, draws, and the gap under any question."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain import gap_report
from tracker.domain.clock import BenchmarkScore
from tracker.domain.frontier import Point, Release, frontier
from tracker.domain.gap import GapReport, columns, gap
from tracker.domain.gap_slices import family_of, stored_scope
from tracker.domain.index import (
    ANCHOR_BENCHMARK,
    ANCHOR_HIGH,
    ANCHOR_LOW,
    METHOD,
    REGULARISATION,
    IndexFit,
    IndexInputError,
    Observation,
    fit,
)
from tracker.domain.index_draws import (
    DRAW_SEED,
    DRAWS,
    Draws,
    Float32s,
    Interval,
    bootstrap,
    interval,
    leave_one_out,
)
from tracker.domain.openness import OpenMeans
from tracker.domain.preparation import MIN_BENCHMARKS, Measure, RawScores, prepare
from tracker.domain.scoped import MIN_SCORES, Scoped, scoped
from tracker.domain.scopes import ALL, in_scope
from tracker.domain.scores_gap import most_telling
from tracker.domain.specification import Effort, default_effort
from tracker.models import Benchmark, Setting
from tracker.pipeline.beliefs import Beliefs, BelievedModel
from tracker.pipeline.observation_columns import Columns

# The reference calls its anchors by these names; the catalogue tells their dated versions apart.
ANCHORS = {
    "claude-3-5-sonnet-jun-2024": ANCHOR_LOW[0],
    "gpt-5": ANCHOR_HIGH[0],
    "winogrande": ANCHOR_BENCHMARK,
}


# How draws are made: another way of making them has another name.
DRAWN_BY: Final = "each draw of its own seed"
_AT_ONCE: Final = 100_000  # observations that are written out at a time

# Every open record on the index since 2024 came from a model of this size or more.
CANDIDATE_PARAMETERS = 14e9


def called(thing: BelievedModel | Benchmark) -> str:
    """What the index and every report call a model or benchmark: its name, for the anchors the reference's."""
    return ANCHORS.get(thing.slug, thing.name)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to a run: which benchmarks and efforts, what "open" means, and which open models."""

    scope: str = ALL
    open_means: OpenMeans = OpenMeans.WEIGHTS
    region: str = ""
    max_parameters: float = 0.0
    effort: Effort = Effort.BEST
    family: str = ""

    @property
    def refitted(self) -> str:
        """Which abilities it needs fitted anew, by a name of their own; blank where the index's serve."""
        return "" if self.scope == ALL and self.effort is Effort.BEST else f"{self.scope}/{self.effort.value}"

    @property
    def stored_scope(self) -> str:
        """The scope under which the answer is stored: what has no column of its own stands behind it."""
        return stored_scope(self.scope, effort=self.effort.value, family=self.family)


Bounds = dict[str, Interval | None]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fit with what is needed to answer questions about it."""

    beliefs: Beliefs
    as_of: date
    slugs: Mapping[str, str]
    observations: tuple[Observation, ...]
    index: IndexFit
    draws: Draws
    # Refits without one benchmark each; None where nobody has made them yet.
    without: Draws | None = None
    drawn_from: str = ""
    # What several questions share, made when the first of them is asked.
    unasked: dict[Effort, Columns] = field(default_factory=dict, repr=False, compare=False)
    narrowed: dict[tuple[str, Effort], Scoped] = field(default_factory=dict, repr=False, compare=False)
    bounds: dict[tuple[str, Effort], Bounds] = field(default_factory=dict, repr=False, compare=False)

    def model(self, name: str) -> BelievedModel:
        """The model that the index calls so."""
        return self.beliefs.models[self.slugs[name]]

    @property
    def values(self) -> dict[str, float]:
        """Each model's place on the index, by the index's name for it."""
        return dict(zip(self.index.models, self.index.ability.tolist(), strict=True))

    def intervals(self) -> Bounds:
        """Each model's interval on the index, by the index's name for it."""
        key = (ALL, Effort.BEST)
        if key not in self.bounds:
            self.bounds[key] = interval(self.draws)
        return self.bounds[key]


def observations_of(
    beliefs: Beliefs, as_of: date, *, settings: Collection[str] | None = None, min_benchmarks: int = MIN_BENCHMARKS
) -> list[Observation]:
    """The index's input: every believed score that feeds it, of models released by `as_of`, prepared as published.
    `settings` narrows it to scores made under these."""
    measures = {
        called(benchmark): Measure(
            floor=benchmark.floor or 0.0,
            ceiling=1.0 if benchmark.ceiling is None else benchmark.ceiling,
            superseded_by=called(benchmark.superseded_by) if benchmark.superseded_by else "",
        )
        for benchmark in beliefs.benchmarks.values()
        if benchmark.in_index
    }
    return prepare(raw_scores(beliefs, as_of, settings=settings), measures, min_benchmarks=min_benchmarks)


def raw_scores(beliefs: Beliefs, as_of: date, *, settings: Collection[str] | None = None) -> RawScores:
    """Every believed score that feeds the index, of models released by `as_of`, by the index's names."""
    models = [beliefs.models[slug] for slug in beliefs.scores.models]
    released = np.array([model.released_on.toordinal() if model.released_on else 0 for model in models], dtype=np.int64)
    counted = beliefs.scores.feeds_index & (released > 0)[beliefs.scores.model]
    counted &= (released <= as_of.toordinal())[beliefs.scores.model]
    if settings is not None:
        counted &= np.isin(beliefs.scores.setting, [int(setting) for setting in settings])
    some = beliefs.scores.only(counted)
    return RawScores(
        models=[called(model) for model in models],
        benchmarks=[called(beliefs.benchmarks[slug]) for slug in some.benchmarks],
        model=some.model,
        benchmark=some.benchmark,
        value=some.value,
        released=released[some.model],
    )


class OtherObservationsError(IndexInputError):
    """The stored draws were drawn from other observations: their columns would be taken for other models' intervals."""


@dataclass(frozen=True, slots=True)
class Centre:
    """What a run's draws are made around: its observations, their fit, and the fingerprint of both."""

    observations: tuple[Observation, ...]
    index: IndexFit
    drawn_from: str


def observed(beliefs: Beliefs, as_of: date) -> tuple[tuple[Observation, ...], str]:
    """The observations, and the fingerprint of draws that rest on them. Raises IndexInputError where there are none."""
    observations = tuple(observations_of(beliefs, as_of))
    if not observations:
        raise IndexInputError("no model has enough scores on the index's benchmarks yet")
    return observations, _fingerprint(observations)


def fitted(
    beliefs: Beliefs,
    as_of: date,
    centre: Centre | None = None,
    drawn: Draws | None = None,
    *,
    draws: int = DRAWS,
    without: Draws | None = None,
) -> Fitted:
    """The fit with its draws; those that are not given are made. Raises IndexInputError."""
    if centre is None:
        observations, found = observed(beliefs, as_of)
        centre = Centre(observations, fit(observations), found)
    if drawn is None:
        drawn = bootstrap(centre.observations, centre.index, draws=draws, seed=DRAW_SEED)
    things: list[BelievedModel | Benchmark] = [*beliefs.models.values(), *beliefs.benchmarks.values()]
    slugs = {called(thing): thing.slug for thing in things}
    return Fitted(beliefs, as_of, slugs, centre.observations, centre.index, drawn, without, centre.drawn_from)


def _fingerprint(observations: Sequence[Observation]) -> str:
    """Of everything that the draws follow from: the observations in their order, and how draws are made."""
    found = hashlib.sha256(repr((METHOD, DRAWS, DRAW_SEED, DRAWN_BY, REGULARISATION)).encode())
    told = {name: repr(name) for row in observations for name in (row.model, row.benchmark)}
    for first in range(0, len(observations), _AT_ONCE):
        some = observations[first : first + _AT_ONCE]
        found.update("".join([f"{told[row.model]} {told[row.benchmark]}\n" for row in some]).encode())
    found.update(np.array([(row.value, row.weight) for row in observations]).tobytes())
    return found.hexdigest()


def side(model: BelievedModel, asked: Asked) -> bool | None:
    """Whether the model counts as open (True) or closed (False) under the question; None: on neither side.

    A model whose access nobody has told us is on neither side. Weights that do not meet the asked-for meaning of "open"
    are not closed models either: they are left out. Region and size narrow the open side only, for "how far behind are
    China's open models?" compares them with the one closed frontier there is.
    """
    if model.open_means is None:
        return None
    if not model.open_means:
        return False
    if asked.open_means not in model.open_means:
        return None
    if asked.region and model.region != asked.region:
        return None
    if asked.max_parameters:
        size = model.release["parameters"]
        return True if size is not None and size <= asked.max_parameters else None
    if asked.family and family_of(model.name, model.family) != asked.family:
        return None
    return True


@dataclass(frozen=True, slots=True)
class Compared:
    """The models of one question with their places, ready for the estimators."""

    releases: tuple[Release, ...]
    drawn: Float32s | None
    scores: tuple[BenchmarkScore, ...]
    bounds: Bounds


def compared(fitted: Fitted, asked: Asked) -> Compared:
    """The question's two sides. Raises IndexInputError where one of them is empty."""
    names: Sequence[str]
    drawn: Float32s | None
    if not asked.refitted:
        names, ability, drawn = fitted.index.models, fitted.index.ability, fitted.draws.ability
        bounds = fitted.intervals()
    else:
        narrow, bounds = _narrowed(fitted, asked)
        names, ability, drawn = narrow.models, narrow.ability, narrow.draws
    values = dict(zip(names, ability.tolist(), strict=True))
    overall = fitted.values
    releases: list[Release] = []
    for name in names:
        model = fitted.model(name)
        is_open = side(model, asked)
        if is_open is None or model.released_on is None:
            continue
        wide = None if asked.scope == ALL else overall.get(name)
        releases.append(Release(name, model.released_on, is_open, values[name], overall=wide))
    # In the order of their days, so that an earlier day is their beginning.
    releases.sort(key=lambda release: release.released_on)
    for wanted, words in ((True, "open model that meets this definition"), (False, "closed model")):
        if not any(release.open is wanted for release in releases):
            raise IndexInputError(f"No {words} has enough scores on these benchmarks.")
    column = {name: at for at, name in enumerate(names)}
    chosen = None if drawn is None else drawn[:, [column[release.model] for release in releases]]
    told = _told(fitted, asked.effort)
    return Compared(tuple(releases), chosen, told.read_by_a_clock(_inside(fitted, asked, told), releases), bounds)


def _told(fitted: Fitted, effort: Effort) -> Columns:
    if effort not in fitted.unasked:
        fitted.unasked[effort] = Columns.of(_under_effort(fitted, effort))
    return fitted.unasked[effort]


def _inside(fitted: Fitted, asked: Asked, told: Columns) -> NDArray[np.bool_]:
    """Which of the rows are in the question's scope."""
    inside = [_in_scope(fitted, benchmark, asked.scope) for benchmark in told.benchmarks]
    return np.array(inside, dtype=bool)[told.benchmark]


def _under_effort(fitted: Fitted, effort: Effort) -> list[Observation]:
    if effort is Effort.BEST:
        return list(fitted.observations)
    settings = frozenset(
        str(setting.pk)
        for setting in Setting.objects.all()
        if default_effort(setting.effort, setting.budget, setting.mode)
    )
    rows = observations_of(fitted.beliefs, fitted.as_of, settings=settings, min_benchmarks=MIN_SCORES)
    # The curves are those of the index: what it does not know has none.
    known = frozenset(fitted.index.benchmarks)
    return [row for row in rows if row.benchmark in known]


def _narrowed(fitted: Fitted, asked: Asked) -> tuple[Scoped, Bounds]:
    """The refit of one scope and effort: the same for every meaning of "open", so it is made once."""
    key = (asked.scope, asked.effort)
    if key not in fitted.narrowed:
        told = _told(fitted, asked.effort)
        rows = [told.rows[at] for at in np.flatnonzero(_inside(fitted, asked, told)).tolist()]
        least = MIN_BENCHMARKS if asked.scope == ALL else MIN_SCORES
        fitted.narrowed[key] = scoped(fitted.index, fitted.draws, rows, min_scores=least)
        fitted.bounds[key] = fitted.narrowed[key].interval()
    return fitted.narrowed[key], fitted.bounds[key]


def answer(fitted: Fitted, asked: Asked, *, leave_out: bool = False) -> tuple[GapReport, list[dict[str, Any]]]:
    """The report on one question, and every model's place for the frontier chart. Raises IndexInputError."""
    found = compared(fitted, asked)
    kept = [release.model for release in found.releases]
    refits = None
    if leave_out:
        without = fitted.without or leave_one_out(fitted.observations, fitted.index)
        refits = (without.labels, columns(without, kept))
    report = gap(
        found.releases,
        fitted.as_of,
        draws=found.drawn,
        scores=found.scores,
        scale=fitted.index.scale,
        refits=refits,
        unevaluated=_unevaluated(fitted, asked, set(kept)),
        reference=most_telling(fitted.index, max(release.value for release in found.releases if not release.open)),
    )
    return report, _points(fitted, found.releases, found.bounds)


def _unevaluated(fitted: Fitted, asked: Asked, measured: set[str]) -> list[Point]:
    """Open models that nobody has measured in this scope and that are large enough to have matched a closed step."""
    return [
        Point(model.released_on, 0.0, called(model))
        for model in fitted.beliefs.models.values()
        if called(model) not in measured
        and model.released_on is not None
        and model.released_on <= fitted.as_of
        and (model.release["parameters"] or 0) >= CANDIDATE_PARAMETERS
        and side(model, asked)
    ]


def _in_scope(fitted: Fitted, benchmark: str, scope: str) -> bool:
    row = fitted.beliefs.benchmarks[fitted.slugs[benchmark]]
    return in_scope(scope, category=row.category, access=row.access)


def _points(fitted: Fitted, releases: Sequence[Release], bounds: Bounds) -> list[dict[str, Any]]:
    steps = {
        point.model
        for is_open in (True, False)
        for point in frontier(Point(r.released_on, r.value, r.model) for r in releases if r.open == is_open)
    }
    points = []
    for release in sorted(releases, key=lambda release: (release.released_on, release.model)):
        model, band = fitted.model(release.model), bounds.get(release.model)
        points.append(
            {
                "side": "open" if release.open else "closed",
                "model": model.name,
                "slug": model.slug,
                "lab": model.lab,
                "released_on": release.released_on.isoformat(),
                "value": gap_report.number(release.value),
                "low": gap_report.number(band.low) if band else None,
                "high": gap_report.number(band.high) if band else None,
                "on_frontier": release.model in steps,
            }
        )
    return points
