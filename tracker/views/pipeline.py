"""The pipeline as an operator reads it in ten seconds, and each source's history."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.queries import alarms, letters, pipeline, runs
from tracker.views import formats
from tracker.views.page import show


@require_safe
def overview(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/pipeline/, as it is at this moment: it keeps no past and is not kept."""
    now = timezone.now()
    rows = pipeline.source_rows(now=now)
    if suffix:
        return formats.rows_as(suffix, rows, pipeline.SourceRow, name="pipeline", about={})
    found = alarms.open_alarms(now=now)
    context = {
        "rows": sorted(rows, key=lambda row: pipeline.ORDER.index(row.state)),
        "alarms": found,
        "untold": alarms.untold(found, now=now),
        **pipeline.waiting_work(now=now),
        "waiting": pipeline.waiting_names(),
        "issues": letters.outbox(weeks=4),
        "run": runs.run_for(None),
        "drawing": pipeline.drawing_progress(),
        "bad": sum(row.state in pipeline.TROUBLED for row in rows),
    }
    return show(
        request,
        "pipeline.html",
        title="Pipeline",
        description="Every source: its state, its last answer, the age of its data, and what waits for a person.",
        context=context,
    )


@require_safe
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """/pipeline/SLUG/: a source's latest attempts, documents and alarms, as they are at this moment."""
    now = timezone.now()
    row = pipeline.source_row(slug, now=now)
    if row is None:
        raise Http404(f"No source is named {slug}")
    context = {
        "row": row,
        "alarms": alarms.open_alarms(now=now, source=slug),
        "healed": alarms.healed_alarms(slug),
        "fetches": pipeline.fetch_rows(slug),
        "snapshots": pipeline.snapshot_rows(slug),
        "waiting": pipeline.waiting_names(source=slug),
    }
    return show(
        request,
        "source.html",
        title=row.title,
        description=f"{row.title} by {row.publisher}: every attempt to collect it and every document kept.",
        context=context,
    )
