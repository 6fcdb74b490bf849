"""The list of benchmarks, and one benchmark with every model's believed score."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import benchmarks, runs
from tracker.views import formats, state
from tracker.views.figures import drawn
from tracker.views.page import show

# A page stays light; the files hold every row.
SHOWN = 200


@require_safe
@state.tagged
def benchmark_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    day = state.as_of(request)
    run = runs.run_for(day)
    rows = benchmarks.benchmark_rows(run.id if run else None)
    if suffix:
        about = {"as_of": str(day or (run.as_of if run else ""))}
        return formats.rows_as(suffix, rows, benchmarks.BenchmarkRow, name="benchmarks", about=about)
    categories = sorted({row.category for row in rows})
    wanted = state.choice(request, "category", ("", *categories), "")
    context = {
        "rows": [row for row in rows if not wanted or row.category == wanted],
        "categories": categories,
        "wanted": wanted,
        "run": run,
    }
    return show(
        request,
        "benchmarks.html",
        title="Benchmarks",
        description="Which benchmarks still tell the frontier apart, who leads, and who may read the questions.",
        as_of=day,
        run=run,
        context=context,
    )


@require_safe
@state.tagged
def benchmark_detail(request: HttpRequest, slug: str, suffix: str = "") -> HttpResponse:
    day = state.as_of(request)
    run = runs.run_for(day)
    row = benchmarks.benchmark_row(run.id if run else None, slug)
    if row is None:
        raise Http404(f"No benchmark is named {slug}")
    scores = benchmarks.score_rows(run, {"benchmark": slug}, known_at=runs.facts_at(run, day))
    if suffix:
        about = {"benchmark": row.name, "slug": slug, "unit": row.unit, "as_of": str(day or (run.as_of if run else ""))}
        return formats.rows_as(suffix, scores, benchmarks.ScoreRow, name=slug, about=about)
    context = {
        "row": row,
        "scores": scores[:SHOWN],
        "total": len(scores),
        "run": run,
        "figure": drawn(request, CHARTS["benchmark-frontier"], run, {"benchmark": slug}, name=row.name, rows=scores),
    }
    return show(
        request,
        "benchmark.html",
        title=row.name,
        description=f"{row.name}: state, frontier by openness, and every model's believed score with its source.",
        as_of=day,
        run=run,
        context=context,
    )
