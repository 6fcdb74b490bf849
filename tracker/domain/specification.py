"""The specification curve: the lag under every reasonable definition at once, and which choice moves it most."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np

from tracker.domain.definitions import Category, ItemAccess
from tracker.domain.estimate import DEFINITIONS, Estimator
from tracker.domain.openness import OpenMeans
from tracker.domain.scopes import ALL

STORED_AS: Final = "specification"  # the scope under which a run keeps it
LONG: Final = 6.0  # months: "more than half a year"


class Effort(StrEnum):
    """Which of a model's scores on one benchmark counts where it was run at several efforts."""

    BEST = "best"
    DEFAULT = "default"


class Tolerance(StrEnum):
    """When a closed model counts as ahead."""

    PLAIN = "plain"
    SURE = "95"


# Efforts that nobody asked for: none is named, it was not recorded, or it is what providers give by default.
DEFAULT_EFFORTS: Final = frozenset({"", "unknown", "default", "medium"})
ASKED_MODES: Final = frozenset({"thinking", "non-thinking", "reasoning", "pro", "max", "deep-think"})


def default_effort(effort: str, budget: int, mode: str) -> bool:
    """Whether a score was made without asking for more or less thinking than the provider gives."""
    return effort.casefold() in DEFAULT_EFFORTS and not budget and mode.casefold() not in ASKED_MODES


# Scopes that do not hold one another: all of them, the four large categories, the three classes of access.
SCOPES: Final = (
    ALL,
    Category.AGENTIC.value,
    Category.CODING.value,
    Category.MATHEMATICS.value,
    Category.KNOWLEDGE.value,
    ItemAccess.PUBLIC.value,
    ItemAccess.SEMI_PRIVATE.value,
    ItemAccess.PRIVATE.value,
)
# L2 is L1 with tolerance, L8 is no lag.
ESTIMATORS: Final = (Estimator.L1, Estimator.L3, Estimator.L4, Estimator.L5, Estimator.L6, Estimator.L7)
# Only where both frontiers rest on some models does a definition count as reasonable.
LEAST_MODELS: Final = 5


@dataclass(frozen=True, slots=True)
class Specification:
    """One definition's answer in months. `at_least` stands in for a value where more than half is unmatched after so
    many months: the answer is more than that."""

    estimator: str
    scope: str
    open_means: str
    effort: str
    tolerance: str
    value: float | None
    low: float | None = None
    high: float | None = None
    at_least: float | None = None

    @property
    def answer(self) -> tuple[float | None, ...]:
        return self.value, self.low, self.high, self.at_least

    @property
    def place(self) -> float | None:
        """What it is sorted by."""
        return self.at_least if self.value is None else self.value

    def longer_than(self, months: float) -> bool | None:
        """Whether it says more than so many months; None where it does not tell."""
        if self.value is not None:
            return self.value > months
        return True if self.at_least is not None and self.at_least >= months else None


CHOICES: Final[Mapping[str, str]] = {
    "estimator": "Estimator",
    "scope": "Benchmarks",
    "open_means": "Meaning of “open”",
    "effort": "Effort rule",
    "tolerance": "Tolerance",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """How much of the definitions' variance one choice explains by its main effect, over and above the others, and how
    far its levels' means lie apart."""

    name: str
    share: float
    low_level: str
    low_mean: float
    high_level: str
    high_mean: float


@dataclass(frozen=True, slots=True)
class SpecificationCurve:
    """All of it. `unknown` definitions have no answer; `rest` is the variance that no single choice explains."""

    definitions: tuple[Specification, ...]
    unknown: int
    thin: int
    longer: int
    told: int
    median: float | None
    choices: tuple[Choice, ...]
    rest: float | None


def from_reports(reports: Iterable[tuple[str, str, str, Mapping[str, Any]]]) -> SpecificationCurve:
    """The curve of stored reports, each with its scope, meaning of "open" and effort rule."""
    found: list[Specification] = []
    unknown = thin = 0
    for scope, means, effort, report in reports:
        if scope not in SCOPES:
            continue
        models = report.get("models") or {}
        if min(models.get("open", 0), models.get("closed", 0)) < LEAST_MODELS:
            thin += 1
            continue
        for tolerance in Tolerance:
            for estimator in ESTIMATORS:
                row = stored_estimate(report, estimator, tolerance)
                if row is None:
                    continue
                waited = (report.get("survival") or {}).get("follow_up") if estimator is Estimator.L7 else None
                at_least = waited if row["value"] is None else None
                one = Specification(
                    estimator.value, scope, means, effort, tolerance.value,
                    row["value"], row["low"], row["high"], at_least,
                )  # fmt: skip
                if one.place is None:
                    unknown += 1
                else:
                    found.append(one)
    return curve(found, unknown=unknown, thin=thin)


def stored_estimate(report: Mapping[str, Any], estimator: Estimator, tolerance: Tolerance) -> Mapping[str, Any] | None:
    """A stored report's estimate under a tolerance; None where the estimator has no such form."""
    if tolerance is Tolerance.PLAIN:
        found: Mapping[str, Any] | None = report.get("estimates", {}).get(estimator.value)
        return found
    if estimator is Estimator.L1:
        return stored_estimate(report, Estimator.L2, Tolerance.PLAIN)
    tolerant: Mapping[str, Any] | None = report.get("tolerant", {}).get(estimator.value)
    return tolerant


def curve(definitions: Sequence[Specification], *, unknown: int = 0, thin: int = 0) -> SpecificationCurve:
    """Sorted, counted and taken apart."""
    ordered = sorted(definitions, key=lambda one: (one.place or 0.0, one.estimator, one.scope, one.open_means))
    said = [one.longer_than(LONG) for one in ordered]
    places = [one.place for one in ordered if one.place is not None]
    choices, rest = main_effects([one for one in ordered if one.value is not None])
    return SpecificationCurve(
        definitions=tuple(ordered),
        unknown=unknown,
        thin=thin,
        longer=sum(one is True for one in said),
        told=sum(one is not None for one in said),
        median=float(np.median(places)) if places else None,
        choices=choices,
        rest=rest,
    )


def main_effects(definitions: Sequence[Specification]) -> tuple[tuple[Choice, ...], float | None]:
    """Each choice's share of the variance, largest first, and the rest: an analysis of variance with main effects only.

    A choice's share is what the fit of all main effects loses without it, by the total sum of squares. The definitions
    do not fill the grid evenly, so the shares and the rest need not add up to one: what choices explain together is in
    none of them. The rest is what the main effects leave: choices working together, and chance.
    """
    values = np.array([one.value for one in definitions], dtype=float)
    total = float(((values - values.mean()) ** 2).sum()) if len(values) else 0.0
    if len(values) < 3 or total <= 0:
        return (), None
    columns = {name: _dummies([getattr(one, name) for one in definitions]) for name in CHOICES}
    whole = _residual(values, list(columns.values()))
    found = []
    for name in CHOICES:
        without = _residual(values, [column for other, column in columns.items() if other != name])
        levels: dict[str, list[float]] = {}
        for one in definitions:
            levels.setdefault(getattr(one, name), []).append(one.value or 0.0)
        means = {level: sum(some) / len(some) for level, some in levels.items()}
        low, high = min(means, key=lambda level: means[level]), max(means, key=lambda level: means[level])
        found.append(Choice(name, max(0.0, without - whole) / total, low, means[low], high, means[high]))
    return tuple(sorted(found, key=lambda one: -one.share)), whole / total


def _dummies(levels: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    names = sorted(set(levels))
    return np.array([[float(level == name) for name in names[1:]] for level in levels]).reshape(len(levels), -1)


def _residual(values: np.ndarray[Any, np.dtype[np.float64]], columns: Sequence[Any]) -> float:
    design = np.column_stack([np.ones(len(values)), *columns])
    fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
    return float(((values - fitted) ** 2).sum())


def level_names() -> dict[str, dict[str, str]]:
    """What each level of each choice is called, in the order of the matrix."""
    return {
        "estimator": {one.value: f"{one.value} {DEFINITIONS[one].name.lower()}" for one in ESTIMATORS},
        "scope": {scope: "all" if scope == ALL else scope for scope in SCOPES},
        "open_means": {means.value: means.value for means in OpenMeans},
        "effort": {Effort.BEST.value: "best effort", Effort.DEFAULT.value: "default effort"},
        "tolerance": {Tolerance.PLAIN.value: "plain", Tolerance.SURE.value: "95 % sure"},
    }
