"""The number of queries of a page is bounded, and the same with ten times the rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks import _world
from tests.pages.addresses import FILES, PAGES, suffix_of
from tracker.models import (
    AIModel,
    Alias,
    Benchmark,
    BenchmarkState,
    Endpoint,
    Fetch,
    IndexRun,
    ModelState,
    Price,
    Release,
    Score,
    Setting,
    Unresolved,
)

pytestmark = pytest.mark.usefixtures("world")
ASKED = (*PAGES, *(file for file in FILES if suffix_of(file) in ("csv", "json")))
MOST = {"/": 28, "/gap/": 30, "/pipeline/": 22, "/status/": 36}
OTHERS = 20


def copies(rows, **changed):
    """Nine copies of each row; `changed` gives each its own names."""
    fresh = []
    for row in rows:
        for number in range(9):
            values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
            del values["id"]
            fresh.append(type(row)(**values | {name: f"{values[name]}-{number}" for name in changed}))
    return fresh


def grow():
    """Ten times the models with all that hangs on them, and ten times of all that lists hold."""
    for kind, unique in ((AIModel, ("slug", "name")), (Benchmark, ("slug", "name"))):
        kind.objects.bulk_create(copies(kind.objects.all(), **dict.fromkeys(unique, True)))
    run = IndexRun.objects.get(historic=False)
    state = ModelState.objects.filter(run=run).first()
    known = set(ModelState.objects.filter(run=run).values_list("model", flat=True))
    rows = [
        (ModelState, {"model_id": model})
        for model in AIModel.objects.exclude(pk__in=known).values_list("pk", flat=True)
    ]
    ranked = BenchmarkState.objects.filter(run=run).first()
    listed = set(BenchmarkState.objects.filter(run=run).values_list("benchmark", flat=True))
    rows += [
        (BenchmarkState, {"benchmark_id": pk})
        for pk in Benchmark.objects.exclude(pk__in=listed).values_list("pk", flat=True)
    ]
    for kind, changed in rows:
        like = state if kind is ModelState else ranked
        values = {field.attname: getattr(like, field.attname) for field in like._meta.concrete_fields}
        del values["id"]
        kind.objects.create(**values | changed)
    for kind in (Score, Release, Price):
        kind.objects.bulk_create(copies(kind.objects.filter(known_to=None), key=True))
    Unresolved.objects.bulk_create(copies(Unresolved.objects.all(), key=True))
    Alias.objects.bulk_create(copies(Alias.objects.all(), key=True))
    endpoint = Endpoint.objects.get(url__contains="doi.org")
    Fetch.objects.bulk_create(
        Fetch(endpoint=endpoint, started_at="2026-09-01T00:00Z", seconds=1, outcome="unchanged") for _ in range(60)
    )
    Endpoint.objects.bulk_create(copies(Endpoint.objects.all(), url=True))


def asked(client, address):
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def test_no_page_asks_much_or_more_when_there_is_ten_times_as_much(client):
    before = {address: asked(client, address) for address in ASKED}
    assert {at: n for at, n in before.items() if n > MOST.get(at.partition("?")[0], OTHERS)} == {}
    grow()
    after = {address: asked(client, address) for address in ASKED}
    more = {address: (before[address], after[address]) for address in ASKED if after[address] > before[address]}
    assert more == {}


def test_a_page_asks_as_much_at_a_thousand_scores_as_at_twenty_thousand(client):
    pages = [address for address in PAGES if not address.startswith("/charts/")]
    assert _world.grow(1_000) == 1_000
    few = {address: asked(client, address) for address in pages}
    assert _world.grow(20_000) == 20_000
    many = {address: asked(client, address) for address in pages}
    assert {address: (few[address], many[address]) for address in pages if few[address] != many[address]} == {}
    assert few["/scores/"] < OTHERS


def test_a_benchmark_with_very_many_scores_shows_the_best_and_leads_to_all(client):
    from tests.pages.reading import read
    from tracker.views.benchmarks import SHOWN

    like = Score.objects.filter(benchmark__slug="gpqa-diamond", known_to=None).first()
    values = {field.attname: getattr(like, field.attname) for field in like._meta.concrete_fields}
    del values["id"]
    models = AIModel.objects.bulk_create(
        AIModel(slug=f"many-{number}", name=f"Many {number}", lab_id=like.model.lab_id) for number in range(400)
    )
    Score.objects.bulk_create(Score(**values | {"model_id": one.pk, "key": one.slug}) for one in models)
    response = client.get("/benchmarks/gpqa-diamond/", headers={"Accept-Encoding": "gzip"})
    assert len(response.content) < 60_000
    page = read(client.get("/benchmarks/gpqa-diamond/"))
    assert len(page.rows("Model", "Lab", "Weights", "Score", "90 % interval")) == SHOWN
    assert f"The best {SHOWN} of {400 + 26} models" in page.text
    assert len(client.get("/benchmarks/gpqa-diamond.csv").content.splitlines()) == 1 + 400 + 26


def test_a_model_with_very_many_scores_shows_the_first_of_each_benchmark_and_leads_to_all(client):
    from tests.pages.reading import read
    from tracker.views.models import SHOWN

    columns = ("Benchmark", "Score", "± s.e.", "Setting", "Measured by", "Category", "Source")
    before = read(client.get("/models/gpt-5/")).rows(*columns)
    assert len(before) < 20
    kept = len(client.get("/models/gpt-5.csv").content.splitlines())
    like = Score.objects.filter(model__slug="gpt-5", benchmark__slug="gpqa-diamond", known_to=None).first()
    values = {field.attname: getattr(like, field.attname) for field in like._meta.concrete_fields}
    del values["id"]
    settings = Setting.objects.bulk_create(Setting(scaffold=f"Tool {number}") for number in range(400))
    Score.objects.bulk_create(
        Score(**values | {"setting_id": one.pk, "key": one.scaffold, "value": 0.001}) for one in settings
    )
    response = client.get("/models/gpt-5/", headers={"Accept-Encoding": "gzip"})
    assert len(response.content) < 60_000
    page = read(client.get("/models/gpt-5/"))
    shown = page.rows(*columns)
    assert len(shown) == SHOWN
    # What stood there before still does: no other benchmark gives way to one with very many.
    assert [row for row in shown if row[1] != "0.1 %"] == before
    assert f"{SHOWN} of the {400 + kept - 1} scores known of GPT-5" in page.text
    assert len(client.get("/models/gpt-5.csv").content.splitlines()) == 400 + kept
