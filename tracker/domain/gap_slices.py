"""The gap cut into parts: by kind of benchmark, by where a lab sits, by family, by size; and how each is stored."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.frontier import DAYS_PER_MONTH, Release, field

STORED_AS: Final = "slices"  # the scope under which a run keeps them
LEVEL: Final = 0.9

# What readers call a family: the catalogue's are generations of it. First match by the model's own name.
FAMILIES: Final[Mapping[str, tuple[str, str]]] = {
    "deepseek": ("DeepSeek", r"deepseek"),
    "qwen": ("Qwen", r"qwen|qwq|qvq"),
    "kimi": ("Kimi", r"kimi|moonlight"),
    "glm": ("GLM", r"glm|chatglm"),
    "mistral": ("Mistral", r"mi[sx]tral|magistral|ministral|devstral|codestral|pixtral"),
    "llama": ("Llama", r"llama(?!.*nemotron)"),
    "gpt-oss": ("gpt-oss", r"gpt-oss"),
    "gemma": ("Gemma", r"gemma"),
    "nemotron": ("Nemotron", r".*nemotron"),
    "minimax": ("MiniMax", r"minimax"),
    "phi": ("Phi", r"phi-"),
    "mimo": ("MiMo", r"mimo"),
    "olmo": ("OLMo", r"olmo"),
    "granite": ("Granite", r"granite"),
    "hunyuan": ("Hunyuan", r"hunyuan|hy\d"),
    "grok": ("Grok", r"grok"),
}
_PATTERNS: Final = {slug: re.compile(pattern) for slug, (_, pattern) in FAMILIES.items()}
OF_THE_SCOPE: Final = re.compile(r"^(?P<scope>[^/]+)(?:/(?P<effort>default))?(?:/family:(?P<family>[a-z0-9-]+))?$")


def family_of(name: str, family: str = "") -> str:
    """The family readers would call the model's; "" where it is none of those listed. `family` is the catalogue's."""
    for words in (name, family):
        found = next((slug for slug, pattern in _PATTERNS.items() if pattern.match(words.casefold())), "")
        if found:
            return found
    return ""


def stored_scope(scope: str, *, effort: str = "best", family: str = "") -> str:
    """The stored name of a scope with an effort rule and a family: these have no column of their own."""
    parts = [scope, *([effort] if effort != "best" else []), *([f"family:{family}"] if family else [])]
    return "/".join(parts)


@dataclass(frozen=True, slots=True)
class FamilyPlace:
    """A family's best open model against the closed frontier. `at_release` and `today` are months since a closed model
    first had its level, on its release day and on the day of the data; None where none has, or before measurement.
    `points` is the closed frontier today minus its value."""

    name: str
    model: str
    released_on: date
    value: float
    models: int
    today: float | None
    today_low: float | None
    today_high: float | None
    at_release: float | None
    points: float
    points_low: float | None
    points_high: float | None
    level_first_by: str
    at_least: bool  # a closed model had it before any was measured: the lags are lower bounds


def families(
    releases: Sequence[Release], of: Mapping[str, str], as_of: date, drawn: NDArray[np.floating] | None
) -> tuple[FamilyPlace, ...]:
    """Every family with an open model on the index, the least far behind first. `of` maps a model to its
    family's name."""
    closed = sorted((r for r in releases if not r.open), key=lambda one: (one.released_on, -one.value))
    if not closed:
        return ()
    own = defaultdict[str, list[int]](list)
    for at, release in enumerate(releases):
        if release.open and of.get(release.model):
            own[of[release.model]].append(at)
    best = {
        name: max(some, key=lambda at: (releases[at].value, -releases[at].released_on.toordinal()))
        for name, some in own.items()
    }
    level = list(accumulate((release.value for release in closed), max))
    ends = _ends(releases, list(best.values()), as_of, drawn)
    found = []
    for name, at in best.items():
        leader = releases[at]
        reached = bisect_left(level, leader.value)
        first = closed[reached] if reached < len(closed) else None
        today = None if first is None else (as_of - first.released_on).days / DAYS_PER_MONTH
        (low, high), (points_low, points_high) = ends.get(at, (UNKNOWN, UNKNOWN))
        found.append(
            FamilyPlace(
                name=name,
                model=leader.model,
                released_on=leader.released_on,
                value=leader.value,
                models=len(own[name]),
                today=today,
                today_low=None if today is None else low,
                today_high=None if today is None else high,
                at_release=None if first is None else (leader.released_on - first.released_on).days / DAYS_PER_MONTH,
                points=level[-1] - leader.value,
                points_low=points_low,
                points_high=points_high,
                level_first_by="" if first is None else first.model,
                at_least=first is closed[0],
            )
        )
    return tuple(sorted(found, key=lambda one: (one.points, one.name)))


Ends = tuple[float | None, float | None]
UNKNOWN: Final[Ends] = (None, None)


def _ends(
    releases: Sequence[Release], columns: Sequence[int], as_of: date, drawn: NDArray[np.floating] | None
) -> dict[int, tuple[Ends, Ends]]:
    """By column of a model the intervals of how long ago its level was first reached, where most draws know that, and
    of how far it is below the closed frontier. That is one for all models, and found once."""
    if drawn is None or not columns:
        return {}
    rivals, levels = field(releases, drawn, open_side=False), drawn[:, columns].astype(float)
    tails = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    ages = (as_of.toordinal() - rivals.first(levels)) / DAYS_PER_MONTH
    apart = np.quantile(rivals.best[:, -1:] - levels, tails, axis=0)
    found: dict[int, tuple[Ends, Ends]] = {}
    for nth, at in enumerate(columns):
        known = ages[np.isfinite(ages[:, nth]), nth]
        since = UNKNOWN
        if 2 * len(known) > len(drawn):
            since = (float(np.quantile(known, tails[0])), float(np.quantile(known, tails[1])))
        found[at] = since, (float(apart[0, nth]), float(apart[1, nth]))
    return found


def slice_row(group: str, name: str, report: Mapping[str, Any]) -> dict[str, Any]:
    """One slice of a stored report: the estimates that are compared over slices, with what they rest on."""
    estimates = report.get("estimates", {})
    picked = {
        key: {part: estimates[key][part] for part in ("value", "low", "high")}
        for key in ("L1", "L3", "L5", "L7", "L8")
        if key in estimates
    }
    best = (report.get("frontier", {}).get("open") or [None])[-1]
    return {
        "group": group,
        "name": name,
        "estimates": picked,
        "open_models": report.get("models", {}).get("open", 0),
        "closed_models": report.get("models", {}).get("closed", 0),
        "censored": estimates.get("L7", {}).get("censored"),
        "best_open": best["model"] if best else "",
        "reason": report.get("reason", ""),
    }
