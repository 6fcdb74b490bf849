"""The gap cut into parts: by kind of benchmark, by where a lab sits, by family, by size; and how each is stored."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from tracker.domain.frontier import DAYS_PER_MONTH, Floats, Release

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
    releases: Sequence[Release], of: Mapping[str, str], as_of: date, drawn: Floats | None
) -> tuple[FamilyPlace, ...]:
    """Every family with an open model on the index, the least far behind first. `of` maps a model to its
    family's name."""
    closed = sorted(
        ((at, r) for at, r in enumerate(releases) if not r.open), key=lambda one: (one[1].released_on, -one[1].value)
    )
    if not closed:
        return ()
    columns = [at for at, _ in closed]
    days = np.array([r.released_on.toordinal() for _, r in closed], dtype=float)
    found = []
    for name in sorted({of[r.model] for r in releases if r.open and of.get(r.model)}):
        own = [(at, r) for at, r in enumerate(releases) if r.open and of.get(r.model) == name]
        at, best = max(own, key=lambda one: (one[1].value, -one[1].released_on.toordinal()))
        first = next((r for _, r in closed if r.value >= best.value), None)
        today = None if first is None else (as_of - first.released_on).days / DAYS_PER_MONTH
        low = high = points_low = points_high = None
        if drawn is not None:
            reached = drawn[:, columns] >= drawn[:, [at]]
            since = np.where(reached, days, math.inf).min(axis=1)
            ages = (as_of.toordinal() - since[np.isfinite(since)]) / DAYS_PER_MONTH
            tails = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
            if 2 * len(ages) > len(drawn) and today is not None:
                low, high = (float(edge) for edge in np.quantile(ages, tails))
            apart = drawn[:, columns].max(axis=1) - drawn[:, at]
            points_low, points_high = (float(edge) for edge in np.quantile(apart, tails))
        found.append(
            FamilyPlace(
                name=name,
                model=best.model,
                released_on=best.released_on,
                value=best.value,
                models=len(own),
                today=today,
                today_low=low,
                today_high=high,
                at_release=None if first is None else (best.released_on - first.released_on).days / DAYS_PER_MONTH,
                points=max(r.value for _, r in closed) - best.value,
                points_low=points_low,
                points_high=points_high,
                level_first_by="" if first is None else first.model,
                at_least=first is closed[0][1],
            )
        )
    return tuple(sorted(found, key=lambda one: (one.points, one.name)))


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
