"""Choosing a model in the world of `world.py`: what fits, why the others do not, and what the page says of it."""

import csv
import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages.reading import read
from tests.pages.world import ENTRANTS, MARKUP_LAB
from tracker.models import GapResult, ModelState, Price, RunReport

pytestmark = pytest.mark.usefixtures("world")
BY_NAME = {entrant.name: entrant for entrant in ENTRANTS}


def told(client, query=""):
    return json.loads(client.get(f"/choose.json?{query}").content)


def states():
    return ModelState.objects.filter(run__historic=False, value__isnull=False)


def test_without_needs_every_placed_model_that_is_sold_fits_the_ablest_first(client):
    found = told(client)
    values = [row["value"] for row in found["rows"]]
    assert values == sorted(values, reverse=True)
    assert len(values) == states().count() == found["placed"] == found["fitting"] > 20
    page = read(client.get("/choose/"))
    assert found["rows"][0]["model"] in page.within("answer")
    assert [row[0].startswith(found["rows"][at]["model"]) for at, row in enumerate(page.rows("Model", "Place"))] == (
        [True] * 12
    )


def test_a_cost_is_the_worlds_price_times_the_volume_and_leads_to_its_fact(client):
    rows = told(client, "in=10&out=2")["rows"]
    assert {row["cost"] for row in rows} == {10 * 1.25 + 2 * 5.0}
    fact = Price.objects.get(pk=rows[0]["price_fact"])
    assert (fact.model.slug, fact.host) == (rows[0]["slug"], "example-host")
    page = read(client.get("/choose/?in=10&out=2"))
    assert f"/facts/price/{fact.pk}/" in page.links
    assert "$22.50 a month" in page.text


def test_own_hardware_keeps_the_open_models_that_fit_it(client):
    rows = told(client, "memory=24&own=yes")["rows"]
    # 7 and 32 (one corrected to 33) billion parameters fit 24 GB at 4 bits, 70 billion do not.
    assert {row["parameters"] for row in rows} == {7e9, 32e9, 33e9}
    assert {row["bits"] for row in rows if row["parameters"] == 7e9} == {16}
    assert {row["bits"] for row in rows if row["parameters"] >= 32e9} == {4}
    assert all(row["cost"] is None for row in rows)
    rules = {rule["rule"]: rule["models"] for rule in told(client, "memory=24&own=yes")["excluded"]}
    assert rules.keys() == {"hosting", "memory"}
    assert rules["hosting"] + rules["memory"] + len(rows) == states().count()


def test_a_licence_need_takes_what_was_read_and_says_what_nobody_has_read(client):
    rows = told(client, "may=osi")["rows"]
    assert {row["licence_slug"] for row in rows} == {"apache-2-0", "mit"}
    commercial = told(client, "may=commercial")
    assert {row["licence_slug"] for row in commercial["rows"]} == {"apache-2-0", "mit", "proprietary"}
    assert [rule["rule"] for rule in commercial["excluded"]] == ["commercial"]
    # Nobody has read in any licence of the world what may be done with outputs.
    unread = told(client, "may=outputs")
    assert unread["rows"] == []
    left_out = {rule["rule"]: rule["models"] for rule in unread["excluded"]}
    closed = states().filter(access="api").count()
    assert left_out == {"service": closed, "unread": unread["placed"] - closed}
    page = read(client.get("/choose/?may=outputs"))
    assert f"{closed} closed services and {unread['placed'] - closed} other models left out" in page.text
    assert "/choose/?may=outputs&unread=yes" in page.links
    assert "left out because nobody has read" not in read(client.get("/choose/?may=outputs&unread=yes")).text
    assert "Nobody has read in MIT License whether" in read(client.get("/choose/?may=outputs&unread=yes")).text
    kept = told(client, "may=outputs&unread=yes")["rows"]
    assert len(kept) == unread["placed"]
    assert all(row["cautions"].startswith("nobody has read in") for row in kept)


def test_regions_can_be_several(client):
    assert {row["region"] for row in told(client, "region=china&region=europe")["rows"]} == {"china", "europe"}
    assert {row["region"] for row in told(client, "region=us")["rows"]} == {"us"}


def test_the_capability_tax_is_that_of_the_stored_values(client):
    found = told(client, "region=china")
    row = found["rows"][0]
    best = max(states().filter(open_means=[]).exclude(access=""), key=lambda state: state.value)
    assert found["best_closed"]["slug"] == best.model.slug
    assert row["points_given_up"] == pytest.approx(best.value - row["value"])
    closed = states().filter(open_means=[], value__gte=row["value"]).exclude(access="").order_by("released_on")
    first = closed.first()
    assert row["reached_by_slug"] == first.model.slug
    assert row["months_given_up"] == pytest.approx((first.run.as_of - first.released_on).days / (365.25 / 12))
    page = read(client.get("/choose/?region=china"))
    assert f"you give up {row['points_given_up']:.1f} points" in page.text


def test_a_field_of_work_ranks_by_its_own_benchmarks_and_says_on_how_many(client):
    every, field = told(client), told(client, "domain=reasoning&region=us")
    assert field["needs"] == {"region": ["us"], "domain": "reasoning"}
    assert field["placed"] + field["without_a_place"] == every["placed"] + every["without_a_place"]
    points = GapResult.objects.get(run__historic=False, scope="reasoning", open_means="weights", region="").report[
        "points"
    ]
    values = {point["slug"]: point["value"] for point in points}
    assert field["rows"]
    assert {row["slug"]: row["value"] for row in field["rows"]}.items() <= values.items()
    whole = {row["slug"]: row["value"] for row in every["rows"]}
    assert any(row["value"] != whole[row["slug"]] for row in field["rows"])
    # Two benchmarks of reasoning feed the index, and one of them may not be shown.
    page = read(client.get("/choose/?domain=reasoning"))
    assert {row[3] for row in page.rows("Model", "Place", "Index", "Benchmarks")} == {"1"}
    # One benchmark places nobody.
    assert "No model has a place in this field" in read(client.get("/choose/?domain=coding")).text


def test_what_does_not_fit_is_told_by_rule_with_the_nearest_misses(client):
    found = told(client, "budget=1&in=10&out=2&region=china")
    assert found["rows"] == []
    rules = {rule["rule"]: rule for rule in found["excluded"]}
    assert rules["budget"]["models"] == found["placed"]
    assert rules["budget"]["alone"] == found["placed"] - rules["region"]["models"]
    assert [miss["rules"] for miss in found["nearest_misses"][:2]] == ["budget", "budget"]
    page = read(client.get("/choose/?budget=1&in=10&out=2&region=china"))
    assert "Nothing fits." in page.text
    assert "it costs more than the budget" in page.text
    told_first = ["It costs more than the budget", str(found["placed"]), str(rules["budget"]["alone"])]
    assert page.rows("Rule", "Models", "Alone")[0] == told_first
    assert "$22.50 a month at example-host, $1.00 are there" in page.text


def test_a_budget_without_a_volume_says_that_it_leaves_nothing_out(client):
    assert "A budget alone leaves nothing out" in read(client.get("/choose/?budget=5")).text
    assert told(client, "budget=5")["fitting"] == told(client)["fitting"]


def test_without_a_report_on_prices_costs_are_blank_and_the_page_says_so(client):
    RunReport.objects.filter(name="prices").delete()
    found = told(client, "in=10&out=2")
    assert found["rows"]
    assert all(row["cost"] is None for row in found["rows"])
    assert {row["access"] for row in found["rows"]} == {"api"}
    assert "No prices are known for this day" in read(client.get("/choose/?in=10")).text


def test_the_address_keeps_the_needs_in_the_form_and_in_the_files(client):
    address = (
        "/choose/?budget=1,000&in=2.5&context=128k&bits=8&memory=80&may=osi&may=share&region=china&own=yes&sort=cost"
    )
    page = read(client.get(address))
    values = {field.get("name"): field.get("value") for field in page.all("input") if field.get("type") != "checkbox"}
    assert (values["budget"], values["in"], values["context"], values["memory"]) == ("1000", "2.5", "128000", "80")
    ticked = {(field["name"], field["value"]) for field in page.all("input") if "checked" in field}
    assert ticked == {("may", "osi"), ("may", "share"), ("region", "china"), ("own", "yes")}
    file = next(link for link in page.links if link.startswith("/choose.csv"))
    assert file == (
        "/choose.csv?budget=1000&in=2.5&memory=80&bits=8&own=yes&may=share&may=osi&region=china&context=128000&sort=cost"
    )
    assert client.get(file).status_code == 200
    assert read(client.get("/choose/")).links.count("/choose.csv") == 1


def test_files_hold_what_fits_in_the_order_asked_for(client):
    rows = list(csv.DictReader(io.StringIO(client.get("/choose.csv?region=us&in=1").content.decode())))
    assert [row["slug"] for row in rows] == [row["slug"] for row in told(client, "region=us&in=1")["rows"]]
    assert client.get("/choose.parquet?region=us").status_code == 200


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("budget=much", "budget=much is not a number"),
        ("in=-1", "in=-1 is not a number"),
        ("out=nan", "out=nan is not a number"),
        ("in=2,5", "in=2,5 is not a number"),
        ("memory=0", "memory=0 is not a number"),
        ("context=long", "context=long is not a number of tokens"),
        ("context=k", "context=k is not a number of tokens"),
        ("bits=3", "bits=3 is not known"),
        ("region=moon", "region=moon is not known"),
        ("may=<b>", "may=<b> is not known"),
        ("domain=juggling", "domain=juggling is not known"),
        ("domain=preference", "domain=preference is not known"),
    ],
)
def test_nonsense_is_told_in_words(client, query, said):
    response = client.get(f"/choose/?{query}")
    assert response.status_code == 404
    assert said in read(response).text


def test_a_past_day_stands_on_its_own_run(client):
    past = told(client, "as_of=2026-05-01&region=china")
    assert 0 < past["placed"] < told(client)["placed"]
    assert not past["prices_known"]
    assert "No model has a place in this field" in read(client.get("/choose/?as_of=2026-05-01&domain=coding")).text
    page = read(client.get("/choose/?as_of=2026-05-01"))
    assert {"name": "as_of", "type": "hidden", "value": "2026-05-01"} in page.all("input")


def test_hostile_names_stay_words(client):
    page = read(client.get("/choose/?region=us"))
    assert MARKUP_LAB in page.text
    assert "b" not in {tag for tag, _ in page.tags}
    assert BY_NAME.keys() & {row["model"] for row in told(client, "region=us")["rows"]}


def test_a_page_takes_few_queries_whatever_is_asked(client):
    counts = set()
    for query in ("", "budget=9&in=10&memory=24&may=osi&region=us", "in=1"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/choose/?{query}").status_code == 200
        counts.add(len(asked))
    assert len(counts) == 1
    assert counts.pop() <= 12
