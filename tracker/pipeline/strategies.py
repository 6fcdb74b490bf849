"""The phases of every lab's openness strategy, as one run believes its releases."""

from collections import Counter, defaultdict
from dataclasses import asdict
from typing import Any

from tracker.domain.openness import OpenMeans
from tracker.domain.strategy import Launch, phases
from tracker.models import AIModel, IndexRun
from tracker.pipeline.fitting import Fitted

NAME = "strategies"


def make(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """By lab its phases, and its releases by year and class; releases of which nobody said how they can be had do not
    count."""
    lab_of = dict(AIModel.objects.values_list("pk", "lab__slug"))
    launches: dict[str, list[Launch]] = defaultdict(list)
    for model in fit.beliefs.models.values():
        if model.released_on is None or model.open_means is None or model.released_on > run.as_of:
            continue
        launch = Launch(model.released_on, bool(model.open_means), OpenMeans.OSI in model.open_means)
        launches[lab_of[model.id]].append(launch)
    return {"labs": {lab: _lab(some, run) for lab, some in sorted(launches.items())}}


def _lab(launches: list[Launch], run: IndexRun) -> dict[str, Any]:
    years: dict[int, Counter[str]] = defaultdict(Counter)
    for launch in launches:
        years[launch.on.year]["osi" if launch.osi else "weights" if launch.downloadable else "closed"] += 1
    return {
        "releases": len(launches),
        "last": str(max(launch.on for launch in launches)),
        "years": {str(year): dict(counts) for year, counts in sorted(years.items())},
        "phases": [
            {**asdict(one), "since": str(one.since), "until": str(one.until) if one.until else ""}
            for one in phases(launches, until=run.as_of)
        ],
    }
