"""The list of benchmarks, their health and that of labs' scores on them, and one benchmark with every model's score."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import benchmark_health, benchmarks, lab_meters, runs
from tracker.views import formats, permalink, score_markup, state
from tracker.views.figures import drawn
from tracker.views.page import show

# A page stays light; the files hold every row.
SHOWN = 200


@require_safe
@state.tagged
def benchmark_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/benchmarks/ and its files: every benchmark that may be shown; only the page is narrowed to a category."""
    pinned = permalink.pinned(request)
    run = pinned.run
    rows = benchmarks.benchmark_rows(run.id if run else None)
    if suffix:
        pinned.for_file()
        about = permalink.about(request, pinned, {}, reverse("benchmarks"))
        return formats.rows_as(suffix, rows, benchmarks.BenchmarkRow, name="benchmarks", about=about)
    categories = sorted({row.category for row in rows})
    wanted = state.choice(request, "category", ("", *categories), "")
    context = {
        "rows": [row for row in rows if not wanted or row.category == wanted],
        "categories": categories,
        "wanted": wanted,
        "run": run,
        "trends": benchmark_health.trends(run),
        "states": [(name, sum(row.state == name for row in rows)) for name in benchmark_health.STATES],
    }
    return show(
        request,
        "benchmarks.html",
        title="Benchmarks",
        description="Which benchmarks still tell the frontier apart, who leads, and who may read the questions.",
        pinned=pinned,
        said={"category": wanted},
        context=context,
    )


@require_safe
@state.tagged
def benchmark_detail(request: HttpRequest, slug: str, suffix: str = "") -> HttpResponse:
    """/benchmarks/SLUG/; its files hold every model's believed score, the page the first SHOWN."""
    pinned = permalink.pinned(request)
    day, run = pinned.day, pinned.run
    row = benchmarks.benchmark_row(run.id if run else None, slug)
    if row is None:
        raise Http404(f"No benchmark is named {slug}")
    scores = benchmarks.score_rows(run, {"benchmark": slug}, known_at=runs.facts_at(run, day))
    if suffix:
        pinned.for_file()
        about = permalink.about(request, pinned, {}, reverse("benchmark", args=[slug]))
        about |= {"benchmark": row.name, "slug": slug, "unit": row.unit}
        return formats.rows_as(suffix, scores, benchmarks.ScoreRow, name=slug, about=about)
    months = benchmark_health.health_rows(run, {"benchmark": slug})
    health = drawn(request, CHARTS["information-over-time"], run, {"benchmark": slug}, name=row.name, rows=months)
    context = {
        "row": row,
        "shown": min(SHOWN, len(scores)),
        "total": len(scores),
        "scores": score_markup.of_benchmark(scores[:SHOWN], row.unit, pinned.at),
        "run": run,
        "figure": drawn(request, CHARTS["benchmark-frontier"], run, {"benchmark": slug}, name=row.name, rows=scores),
        "months": months[::-1],
        "health": health if any(month.information for month in months) else None,
        "leaks": benchmark_health.leak_rows(day, slug),
        "influence": benchmark_health.influence_of(run, row.name),
        "meaning": benchmark_health.MEANINGS.get(row.state, ""),
    }
    return show(
        request,
        "benchmark.html",
        title=row.name,
        description=f"{row.name}: state, frontier by openness, and every model's believed score with its source.",
        pinned=pinned,
        context=context,
    )


@require_safe
@state.tagged
def benchmark_health_page(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """Every benchmark's state with its signals, and the two meters of labs."""
    pinned = permalink.pinned(request)
    day, run = pinned.day, pinned.run
    rows = benchmark_health.latest_rows(run, day)
    if suffix:
        pinned.for_file()
        about = permalink.about(request, pinned, {}, reverse("benchmark-health"))
        about |= {"states": benchmark_health.MEANINGS}
        return formats.rows_as(suffix, rows, benchmark_health.LatestRow, name="benchmark-health", about=about)
    reports = lab_meters.stored(run)
    maxxing, reported = reports[lab_meters.MAXXING], reports[lab_meters.REPORTED]
    inflation = lab_meters.inflation_rows(run, {}, reported)
    pairs = lab_meters.pair_rows(run, reported)
    figures = {
        "information": drawn(request, CHARTS["information-over-time"], run, {}),
        "maxxing": drawn(
            request, CHARTS["benchmaxxing"], run, {}, rows=lab_meters.meter_rows(run, {}, maxxing), table=False
        ),
        "reported": drawn(request, CHARTS["self-report"], run, {}, rows=inflation, table=False),
    }
    context = {
        "rows": rows,
        "run": run,
        "states": [
            (name, benchmark_health.MEANINGS[name], sum(row.state == name for row in rows))
            for name in benchmark_health.STATES
        ],
        "thresholds": benchmark_health.thresholds(),
        "figures": figures,
        "meters": lab_meters.METERS.items(),
        "labs": lab_meters.meter_rows(run, {}, maxxing),
        "models": lab_meters.model_rows(run, maxxing, most=SHOWN // len(lab_meters.METERS)),
        "all_models": len(maxxing.get("models", [])),
        "maxxing": maxxing,
        "inflation": inflation,
        "told": any(row.corrected is not None for row in inflation),
        "pairs": pairs[:SHOWN],
        "all_pairs": len(pairs),
        "reported": reported,
        "leaks": benchmark_health.leak_rows(day),
    }
    return show(
        request,
        "benchmark_health.html",
        title="Benchmark health",
        description="What each benchmark still tells of the frontier, and whether labs' scores hold.",
        pinned=pinned,
        context=context,
    )


@require_safe
@state.tagged
def model_meters(request: HttpRequest, suffix: str) -> HttpResponse:
    """Every model's difference between unseen and seen benchmarks, as a file."""
    pinned = permalink.pinned(request)
    pinned.for_file()
    about = permalink.about(request, pinned, {}, reverse("benchmark-health")) | {"meters": lab_meters.METERS}
    rows = lab_meters.model_rows(pinned.run)
    return formats.rows_as(suffix, rows, lab_meters.ModelMeterRow, name="benchmaxxing-models", about=about)


@require_safe
@state.tagged
def self_report_pairs(request: HttpRequest, suffix: str) -> HttpResponse:
    """Every pair of a lab's own score and another's, as a file."""
    pinned = permalink.pinned(request)
    pinned.for_file()
    about = permalink.about(request, pinned, {}, reverse("benchmark-health"))
    rows = lab_meters.pair_rows(pinned.run)
    return formats.rows_as(suffix, rows, lab_meters.PairRow, name="self-report-pairs", about=about)
