"""One model's page beside its scores: its lab, why it counts as closed, what happened to it, which price counts."""

import pytest
from django.test import Client

from tests.pages.reading import read
from tests.pages.world import MARKUP_LAB, QUOTED
from tracker.models import Benchmark, Event, ModelState, Price, RunReport, Score, Setting
from tracker.queries import models, runs

pytestmark = pytest.mark.usefixtures("world")


def test_the_lab_and_the_comparison_are_a_link_away(client: Client):
    page = read(client.get("/models/acme-two/"))
    assert {"/labs/acme/", "/compare/?m=acme-two"} <= set(page.links)
    past = read(client.get("/models/acme-two/?as_of=2026-04-15"))
    assert "/compare/?m=acme-two&as_of=2026-04-15" in past.links
    row = next(row for row in client.get("/models.json").json()["rows"] if row["slug"] == "acme-two")
    assert (row["lab"], row["lab_slug"]) == (MARKUP_LAB, "acme")


def test_a_model_whose_weights_came_late_says_why_it_counts_as_closed(client: Client):
    assert "closed: its weights cannot be downloaded" in read(client.get("/models/acme-two/")).text
    ModelState.objects.filter(model__slug="birch-1").update(open_means=[])
    words = "closed although its weights can be downloaded: they came more than 30 days after"
    assert words in read(client.get("/models/birch-1/")).text
    assert words not in read(client.get("/models/birch-2/")).text


def test_what_happened_to_a_model_stands_on_its_page_with_the_source(client: Client):
    page = read(client.get("/models/acme-two/"))
    told = Event.objects.get(key="acme-closed")
    assert QUOTED + " through an API" in page.text
    assert f"/facts/event/{told.pk}/" in page.links
    assert "Raises one billion dollars" not in page.text
    assert "What happened to it" not in read(client.get("/models/gpt-5/")).text
    assert "through an API" not in read(client.get("/models/acme-two/?as_of=2026-03-31")).text


def test_the_price_that_the_run_counts_is_marked(client: Client):
    price = Price.objects.get(model__slug="gpt-5", host="example-host")
    same = {field.attname: getattr(price, field.attname) for field in Price._meta.concrete_fields}
    del same["id"]
    Price.objects.create(**same | {"key": "dearer", "host": "other-host", "input": 9.0})
    hosts = [row[0] for row in read(client.get("/models/gpt-5/")).rows("Host")]
    assert hosts == ["example-host cheapest", "other-host"]
    found = RunReport.objects.get(run__historic=False, name="prices")
    offers = found.report["models"]["gpt-5"]["hosts"]
    assert [offer["fact"] for offer in offers] == [price.pk]
    offers.insert(0, {"host": "other-host", "blend": 0.5, "fact": Price.objects.get(key="dearer").pk})
    found.save()
    hosts = [row[0] for row in read(client.get("/models/gpt-5/")).rows("Host")]
    assert hosts == ["example-host counted", "other-host cheapest"]


def test_where_less_is_better_the_chart_has_the_least_of_the_settings(client: Client):
    score = Score.objects.get(model__slug="gpt-5", benchmark__slug="sums", known_to=None)
    same = {field.attname: getattr(score, field.attname) for field in Score._meta.concrete_fields}
    del same["id"]
    thrifty = Setting.objects.create(effort="minimal")
    Score.objects.create(**same | {"key": "thrifty", "digest": "0", "setting_id": thrifty.pk, "value": score.value / 2})

    def charted() -> list[float]:
        rows = models.score_rows(runs.run_for(None), {"model": "gpt-5"})
        return [row.value for row in rows if row.benchmark_slug == "sums"]

    assert charted() == [score.value]
    Benchmark.objects.filter(slug="sums").update(lower_is_better=True)
    assert charted() == [score.value / 2]
