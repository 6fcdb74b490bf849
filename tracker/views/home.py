"""The front page, the morning's one look: the answer, what changed, what waits, and how fresh it all is."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import changes, claims, gap, insights, pipeline, runs, scenarios
from tracker.queries.latest_events import latest_events
from tracker.views import permalink, state
from tracker.views.answer import Answer, answer_of
from tracker.views.figures import drawn
from tracker.views.page import show

CUT_NAMES = {
    "weights": ("Weights can be downloaded", "Any model whose final weights anyone can download."),
    "commercial": (
        "Commercial use without asking",
        "Downloadable, and the licence lets nearly everyone use it commercially.",
    ),
    "osi": ("OSI-approved licence", "Downloadable, under a licence that the Open Source Initiative approved."),
    "osaid": ("Open Source AI Definition", "As above, with full data information and open training code (OSAID 1.0)."),
}


RELEASES, FINDINGS, FLIPS, EVENTS = 5, 4, 4, 5


@dataclass(frozen=True, slots=True)
class Cut:
    """The answer under one meaning of "open"."""

    key: str
    name: str
    explanation: str
    answer: Answer | None


@require_safe
@state.tagged
def home(request: HttpRequest) -> HttpResponse:
    """The front page. Sources are told of as they are now, and so not on a page of the past."""
    pinned = permalink.pinned(request)
    day, run = pinned.day, pinned.run
    reports = gap.spreads(run)
    cuts = [Cut(key, *words, answer_of(reports.get(key))) for key, words in CUT_NAMES.items()]
    sources = {} if day else pipeline.source_states(now=state.clock())
    at = runs.facts_at(run, day)
    stored = reports.get("weights", {})
    frontier = gap.frontier_rows(run, {}, stored)
    clocks, running = changes.running_clocks(stored)
    flips = changes.flips_of_week(claims.judged(day, run))
    context: dict[str, Any] = {
        "run": run,
        "awaited": run is None and runs.awaited(day),
        "answer": answer_of(reports.get("weights")),
        "cuts": cuts,
        "changes": changes.changes(run, limit=RELEASES) if run else None,
        "insights": insights.latest(known_at=run.told_at if run else at, limit=FINDINGS),
        "clocks": clocks,
        "running": running,
        "flips": flips[:FLIPS],
        "flipped": len(flips),
        "licences": changes.licence_alarms(run, now=at or state.clock()),
        "scenarios": scenarios.scenarios(run),
        "events": latest_events(known_at=at, limit=EVENTS),
        "sources": len(sources),
        "troubled": sum(found in pipeline.TROUBLED for found in sources.values()),
        "frontier": drawn(request, CHARTS["frontier"], run, {}, rows=frontier, total=gap.models_of(stored)),
        "estimators": drawn(request, CHARTS["estimators"], run, {}, rows=gap.estimate_rows(run, {}, stored)),
    }
    return show(
        request,
        "home.html",
        title="How far do open models trail closed ones?",
        description="The gap between open and closed AI, computed every day under every definition, with its evidence.",
        pinned=pinned,
        context=context,
    )
