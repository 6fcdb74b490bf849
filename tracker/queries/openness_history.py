"""Openness over time: every release on the ladder, its shares by quarter, and what the open frontier stood under."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncQuarter

from tracker.domain.rubrics.ladder import LABELS
from tracker.models import ModelState, OpennessState
from tracker.queries.runs import RunInfo

# Classes of openness for charts, the most closed first: the rungs in each.
CLASSES = (
    ("closed", "API or product only", (0, 1)),
    ("noncommercial", "Non-commercial or untold terms", (2,)),
    ("restricted", "Restricted terms", (3,)),
    ("permissive", "Permissive licence", (4,)),
    ("open", "Open model (MOF, OSAID)", (5, 6, 7, 8)),
)
CLASS_OF = {rung: key for key, _, rungs in CLASSES for rung in rungs}
CLASS_NAMES = {key: name for key, name, _ in CLASSES}


@dataclass(frozen=True, slots=True)
class LadderRow:
    """One dated release on the ladder."""

    released_on: date
    model: str
    slug: str
    lab: str
    region: str
    country: str
    rung: int
    rung_label: str
    openness: str


@dataclass(frozen=True, slots=True)
class ShareRow:
    """How many releases of a quarter stand in one class of openness, and which part of them that is."""

    quarter: date
    openness: str
    releases: int
    of: int
    share: float


@dataclass(frozen=True, slots=True)
class SpellRow:
    """The days on which one open model led: who made it, where, and under which class of licence."""

    since: date
    until: date
    days: int
    model: str
    slug: str
    lab: str
    country: str
    licence: str
    licence_class: str


def _judged(run: RunInfo | None, params: Mapping[str, str]) -> QuerySet[ModelState]:
    """The dated releases of a run of which somebody has said how they can be had."""
    states = ModelState.objects.filter(run_id=run.id if run else None, released_on__isnull=False).exclude(access="")
    if run is not None:
        states = states.filter(released_on__lte=run.as_of)
    if params.get("region"):
        states = states.filter(model__lab__region=params["region"])
    rung = OpennessState.objects.filter(run_id=OuterRef("run_id"), model_id=OuterRef("model_id"))
    return states.exclude(access="unreleased").annotate(rung=Subquery(rung.values("rung")[:1])).filter(rung__gte=0)


def ladder_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[LadderRow]:
    """Every dated release on the ladder, oldest first; `region` narrows them."""
    found = _judged(run, params).order_by("released_on", "model__name", "pk")
    names = ("released_on", "model__name", "model__slug", "model__lab__name", "model__lab__region")
    return [
        LadderRow(on, name, slug, lab, region, country, rung, LABELS[rung], CLASS_OF[rung])
        for on, name, slug, lab, region, country, rung in found.values_list(*names, "model__lab__country", "rung")
    ]


def share_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[ShareRow]:
    """Quarter by quarter the releases in each class of openness; a quarter without a release has no row."""
    counted = _judged(run, params).order_by().values_list(TruncQuarter("released_on"), "rung")
    table: dict[date, dict[str, int]] = {}
    for quarter, rung, releases in counted.annotate(releases=Count("pk")):
        row = table.setdefault(quarter, dict.fromkeys(CLASS_NAMES, 0))
        row[CLASS_OF[rung]] += releases
    return [
        ShareRow(quarter, key, row[key], of, row[key] / of)
        for quarter, row in sorted(table.items())
        if (of := sum(row.values()))
        for key in CLASS_NAMES
    ]


LICENCE_CLASSES = {
    "osi": "OSI-approved licence",
    "commercial": "Commercial, not OSI-approved",
    "noncommercial": "Non-commercial or by permission",
    "untold": "Terms nobody has told",
}


def spell_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[SpellRow]:
    """The steps of the open frontier, oldest first: each leads from its release to the next one's."""
    if run is None:
        return []
    steps = ModelState.objects.filter(run_id=run.id, frontier="open", released_on__isnull=False)
    found = list(steps.select_related("model__lab", "licence").order_by("released_on", "value", "pk"))
    ends = [*(after.released_on for _, after in pairwise(found)), run.as_of] if found else []
    return [
        SpellRow(
            since=state.released_on,
            until=max(end, state.released_on),
            days=max((end - state.released_on).days, 0),
            model=state.model.name,
            slug=state.model.slug,
            lab=state.model.lab.name,
            country=state.model.lab.country or "Country not told",
            licence=state.licence.name if state.licence else "",
            licence_class=_licence_class(state),
        )
        for state, end in zip(found, ends, strict=True)
        if state.released_on is not None and end is not None
    ]


def _licence_class(state: ModelState) -> str:
    for means in ("osi", "commercial"):
        if means in state.open_means:
            return means
    known = state.licence is not None and state.licence.commercial in ("no", "permission")
    return "noncommercial" if known or state.access == "weights-noncommercial" else "untold"
