"""Every address of the site. A list or chart answers as a file under the same path and query with a suffix."""

from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import path, re_path

from tracker.views import benchmarks, charts, gap, health, home, methods, metrics, models, pipeline, provenance

TABLE = r"(?P<suffix>csv|json|parquet)"
CHART = r"(?P<suffix>csv|json|parquet|svg|png|metadata\.json|zip)"

urlpatterns = [
    path("", home.home, name="home"),
    path("gap/", gap.gap_page, name="gap"),
    re_path(rf"^gap\.{CHART}$", gap.gap_page, name="gap-file"),
    path("models/", models.model_list, name="models"),
    re_path(rf"^models\.{TABLE}$", models.model_list, name="models-file"),
    path("models/<slug:slug>/", models.model_detail, name="model"),
    re_path(rf"^models/(?P<slug>[-\w]+)\.{TABLE}$", models.model_detail, name="model-file"),
    path("benchmarks/", benchmarks.benchmark_list, name="benchmarks"),
    re_path(rf"^benchmarks\.{TABLE}$", benchmarks.benchmark_list, name="benchmarks-file"),
    path("benchmarks/<slug:slug>/", benchmarks.benchmark_detail, name="benchmark"),
    re_path(rf"^benchmarks/(?P<slug>[-\w]+)\.{TABLE}$", benchmarks.benchmark_detail, name="benchmark-file"),
    path("charts/<slug:slug>/", charts.chart, name="chart"),
    re_path(rf"^charts/(?P<slug>[-\w]+)\.{CHART}$", charts.chart, name="chart-file"),
    path("pipeline/", pipeline.overview, name="pipeline"),
    re_path(rf"^pipeline\.{TABLE}$", pipeline.overview, name="pipeline-file"),
    path("pipeline/<slug:slug>/", pipeline.source, name="source"),
    path("facts/<slug:kind>/<int:number>/", provenance.fact, name="fact"),
    path("snapshots/<int:number>/", provenance.snapshot, name="snapshot"),
    path("snapshots/<int:number>/document", provenance.document, name="document"),
    path("methods/", methods.methods_page, name="methods"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.show, name="metrics"),
    path("favicon.ico", lambda request: redirect(static("img/favicon.svg"))),
]
