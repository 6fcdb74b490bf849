"""Every address of the site in the world of `world.py`."""

from tracker.charts import CHARTS
from tracker.views.charts import SEVERAL, SUBJECTS
from tracker.views.formats import TYPES

QUERY = {
    "model-scores": "?model=gpt-5",
    "benchmark-frontier": "?benchmark=gpqa-diamond",
    "strategies": "?lab=birch",
    "events": "?lab=birch",
    "information-over-time": "?benchmark=gpqa-diamond",
    "evaluation-clusters": "?evaluation=1",
    "compared": "?models=gpt-5,acme-two,birch-1",
}
assert QUERY.keys() == {*SUBJECTS, *SEVERAL}

# Runs 1 and 2 are done, 3 goes on, 4 has failed, 5 and 6 were stopped, 7 waits.
EVALUATIONS = (
    "/evaluations/",
    "/evaluations/?state=done&sort=accuracy",
    *(f"/evaluations/{number}/" for number in range(1, 8)),
    "/evaluations/1/?cluster=sums/easy&outcome=wrong",
    "/evaluations/3/?follow=yes",
    "/evaluations/compare/",
    "/evaluations/compare/?a=1&b=2",
    "/evaluations/compare/?a=1&b=7",
    "/evaluations/next/",
    "/evaluations/power/",
    "/evaluations/power/?difference=2&questions=500&a=1&b=2",
)
TIMED = (
    "/",
    "/gap/",
    "/gap/?scope=coding&open=osi",
    "/gap/?region=china",
    "/gap/?effort=default&tolerance=95",
    "/gap/?family=glm",
    "/gap/reconcile/",
    "/gap/reconcile/?a=ours&b=epoch-2025-10&b_benchmarks=private&order=average",
    "/models/",
    "/models/?open=closed&sort=released",
    "/models/gpt-5/",
    "/models/acme-two/",
    "/models/birch-1/",
    "/benchmarks/",
    "/benchmarks/?category=coding",
    "/benchmarks/gpqa-diamond/",
    "/benchmarks/sums/",
    "/benchmarks/duels/",
    "/benchmarks/health/",
    "/scores/",
    "/scores/?category=knowledge&weights=open&weights=closed",
    "/scores/?benchmark=gpqa-diamond&sort=score",
    "/openness/",
    "/openness/?rung=4&region=china",
    "/openness/?rubric=osaid",
    "/licences/",
    "/licences/?osi=yes&sort=name",
    "/licences/mit/",
    "/licences/compare/",
    "/licences/compare/?a=mit&b=example-community",
    "/licences/can-i-use/",
    "/licences/can-i-use/?licence=mit&users=5&share=yes",
    "/compare/",
    "/compare/?m=gpt-5&m=acme-two&m=birch-1",
    "/compare/?m=gpt-5&m=cedar-9&show=every",
    "/regions/",
    "/labs/",
    "/labs/?region=china",
    "/labs/birch/",
    "/labs/acme/",
    "/labs/cedar/",
    "/prices/",
    "/prices/?side=open&region=china",
    "/specialists/",
    "/specialists/?level=90&field=coding",
    "/insights/",
    "/insights/?kind=frontier",
    "/scenarios/",
    "/search/?q=birhc",
    "/choose/",
    "/choose/?budget=50&in=10&out=2&memory=80&may=commercial&region=china&region=europe&domain=reasoning",
    "/digest/",
    "/timeline/",
    "/timeline/?kind=promise&from=2023-01-01&to=2026-01-01",
    "/claims/",
    "/statements/",
    "/statements/?topic=openness&from=2024-01-01",
    "/people/",
    "/people/ada-birchwood/",
    "/efficiency/",
    "/forecasts/",
    "/methods/",
    *(f"/charts/{slug}/{QUERY.get(slug, '')}" for slug in CHARTS),
)
PAGES = (
    *(*TIMED, *EVALUATIONS, "/data/", "/api/"),
    *("/pipeline/", "/pipeline/epoch_panel/", "/pipeline/openrouter/", "/status/"),
)

TABLES = ("csv", "json", "parquet")
LISTS = ("/models", "/models/gpt-5", "/benchmarks", "/benchmarks/gpqa-diamond", "/pipeline")
PRICE_LISTS = ("/prices", "/specialists", "/forecasts")
LICENCE_LISTS = ("/openness", "/licences", "/licences/mit", "/licences/compare", "/licences/can-i-use")
OTHER_LISTS = (
    "/claims", "/insights", "/scenarios", "/search", "/compare", "/regions", "/regions/years", "/labs", "/labs/birch",
    "/timeline", "/statements", "/people", "/people/ada-birchwood", "/efficiency", "/digest",
)  # fmt: skip
CHART_FILES = tuple(f"/charts/{slug}.{suffix}{QUERY.get(slug, '')}" for slug in CHARTS for suffix in TYPES)
FILES = (
    *(f"{name}.{suffix}" for name in LISTS for suffix in TABLES),
    *(f"/gap.{suffix}" for suffix in TYPES),
    *(f"/gap/reconcile.{suffix}" for suffix in TYPES),
    *(f"{name}.{suffix}" for name in LICENCE_LISTS for suffix in TABLES),
    *(f"{name}.{suffix}" for name in (*PRICE_LISTS, *OTHER_LISTS) for suffix in TABLES),
    *(f"/choose.{suffix}" for suffix in TABLES),
    *(f"/evaluations{part}.{suffix}" for part in ("", "/1", "/compare", "/next") for suffix in TABLES),
    "/evaluations/1.eee.json",
    "/evaluations/1.eee.jsonl",
    *(f"/benchmarks/health{part}.{suffix}" for part in ("", "/models", "/self-report") for suffix in TABLES),
    *CHART_FILES,
)


def on(address: str, day: str) -> str:
    """The address as of a day."""
    return f"{address}{'&' if '?' in address else '?'}as_of={day}"


def suffix_of(address: str) -> str:
    name = address.partition("?")[0].rpartition("/")[2]
    return name.partition(".")[2].removeprefix("eee.")  # a run in another schema is JSON all the same
