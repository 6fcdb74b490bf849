"""Every address of the site. A list or chart answers as a file under the same path and query with a suffix."""

from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import path, re_path

from tracker import feeds
from tracker.api import tables
from tracker.views import (
    benchmarks,
    can_i_use,
    charts,
    claims,
    data,
    gap,
    health,
    home,
    licences,
    methods,
    metrics,
    models,
    openness,
    pipeline,
    provenance,
    reconcile,
)

TABLE = r"(?P<suffix>csv|json|parquet)"
CHART = r"(?P<suffix>csv|json|parquet|svg|png|metadata\.json|zip)"

urlpatterns = [
    path("", home.home, name="home"),
    path("gap/", gap.gap_page, name="gap"),
    re_path(rf"^gap\.{CHART}$", gap.gap_page, name="gap-file"),
    path("gap/reconcile/", reconcile.reconcile_page, name="reconcile"),
    re_path(rf"^gap/reconcile\.{CHART}$", reconcile.reconcile_page, name="reconcile-file"),
    path("models/", models.model_list, name="models"),
    re_path(rf"^models\.{TABLE}$", models.model_list, name="models-file"),
    path("models/<slug:slug>/", models.model_detail, name="model"),
    re_path(rf"^models/(?P<slug>[-\w]+)\.{TABLE}$", models.model_detail, name="model-file"),
    path("benchmarks/", benchmarks.benchmark_list, name="benchmarks"),
    re_path(rf"^benchmarks\.{TABLE}$", benchmarks.benchmark_list, name="benchmarks-file"),
    path("benchmarks/<slug:slug>/", benchmarks.benchmark_detail, name="benchmark"),
    re_path(rf"^benchmarks/(?P<slug>[-\w]+)\.{TABLE}$", benchmarks.benchmark_detail, name="benchmark-file"),
    path("claims/", claims.claim_list, name="claims"),
    re_path(rf"^claims\.{TABLE}$", claims.claim_list, name="claims-file"),
    path("claims/<slug:slug>/", claims.claim_detail, name="claim"),
    re_path(rf"^claims/(?P<slug>[-\w]+)\.{TABLE}$", claims.claim_detail, name="claim-file"),
    path("licences/", licences.licence_list, name="licences"),
    re_path(rf"^licences\.{TABLE}$", licences.licence_list, name="licences-file"),
    path("licences/compare/", licences.compare, name="licences-compared"),
    re_path(rf"^licences/compare\.{TABLE}$", licences.compare, name="licences-compared-file"),
    path("licences/can-i-use/", can_i_use.can_i_use, name="can-i-use"),
    re_path(rf"^licences/can-i-use\.{TABLE}$", can_i_use.can_i_use, name="can-i-use-file"),
    path("licences/<slug:slug>/", licences.licence_detail, name="licence"),
    re_path(rf"^licences/(?P<slug>[-\w]+)\.{TABLE}$", licences.licence_detail, name="licence-file"),
    path("openness/", openness.openness_list, name="openness"),
    re_path(rf"^openness\.{TABLE}$", openness.openness_list, name="openness-file"),
    path("charts/<slug:slug>/", charts.chart, name="chart"),
    re_path(rf"^charts/(?P<slug>[-\w]+)\.{CHART}$", charts.chart, name="chart-file"),
    path("pipeline/", pipeline.overview, name="pipeline"),
    re_path(rf"^pipeline\.{TABLE}$", pipeline.overview, name="pipeline-file"),
    path("pipeline/<slug:slug>/", pipeline.source, name="source"),
    path("facts/<slug:kind>/<int:number>/", provenance.fact, name="fact"),
    path("snapshots/<int:number>/", provenance.snapshot, name="snapshot"),
    path("snapshots/<int:number>/document", provenance.document, name="document"),
    path("methods/", methods.methods_page, name="methods"),
    path("data/", data.overview, name="data"),
    path("data/datapackage.json", data.package, name="package"),
    path("data/citation.bib", data.citation, name="citation"),
    re_path(r"^data/(?P<name>[a-z_]+)\.(?P<suffix>csv|parquet)$", data.table_file, name="table-file"),
    path("api/", data.interface, name="api"),
    path("api/v1/", tables.index, name="api-index"),
    path("api/v1/openapi.json", tables.described, name="api-description"),
    path("api/v1/<str:name>", tables.table, name="api-table"),
    path("feeds/<slug:name>.atom", feeds.feed, name="feed"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.show, name="metrics"),
    path("favicon.ico", lambda request: redirect(static("img/favicon.svg"))),
]
