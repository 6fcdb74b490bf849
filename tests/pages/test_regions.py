"""Regions, in the world of `world.py`."""

import pytest
from django.test import Client

from tests.pages.reading import read
from tests.pages.world import MARKUP_LAB
from tracker.models import GapResult, ModelState, RunReport

pytestmark = pytest.mark.usefixtures("world")


def rows(client: Client) -> dict[str, dict]:
    return {row["region"]: row for row in client.get("/regions.json").json()["rows"]}


def test_every_region_is_there_also_one_without_labs(client: Client):
    found = rows(client)
    assert list(found) == ["us", "china", "europe", "other"]
    assert (found["other"]["labs"], found["other"]["share"], found["other"]["lag"]) == (0, None, None)
    page = read(client.get("/regions/"))
    assert "No lab of this region has a counted release" in page.text
    # Why there is no lag is said in the run's own words.
    assert [row[0] for row in page.rows("Region")] == ["United States", "China", "Europe", "Elsewhere"]


def test_the_lag_of_a_region_is_the_one_that_the_run_stored(client: Client):
    told = GapResult.objects.get(run__historic=False, scope="all", region="china", open_means="weights").report
    lead = told["estimates"]["L1"]
    china = rows(client)["china"]
    assert (china["lag"], china["low"], china["high"]) == (lead["value"], lead["low"], lead["high"])
    assert china["open_models"] == told["models"]["open"]
    shown = {row[0]: row for row in read(client.get("/regions/")).rows("Region")}
    assert shown["China"][1] == f"{lead['value']:.1f}".replace("-", "\N{MINUS SIGN}")


def test_releases_and_shares_are_those_of_the_regions_labs(client: Client):
    labs = RunReport.objects.get(run__historic=False, name="strategies").report["labs"]
    found = rows(client)
    assert found["china"]["releases"] == labs["birch"]["releases"]
    assert found["us"]["releases"] == sum(labs[slug]["releases"] for slug in ("acme", "anthropic", "openai"))
    assert (found["us"]["share"], found["china"]["share"]) == (0.0, 1.0)
    years = client.get("/regions/years.json").json()["rows"]
    for region in ("us", "china", "europe"):
        assert sum(row["releases"] for row in years if row["region"] == region) == found[region]["releases"]


def test_the_best_models_are_the_highest_on_the_index_of_each_side(client: Client):
    states = ModelState.objects.filter(run__historic=False, value__isnull=False)
    best = states.filter(model__lab__region="china").order_by("-value").first()
    found = rows(client)
    assert (found["china"]["best_open_slug"], found["china"]["best_closed"]) == (best.model.slug, "")
    closed = states.filter(model__lab__region="us", open_means=[]).order_by("-value").first()
    assert (found["us"]["best_closed_slug"], found["us"]["best_open"]) == (closed.model.slug, "")


def test_labs_stand_in_their_region_with_their_stance(client: Client):
    page = read(client.get("/regions/"))
    tables = [table for table in page.tables if table and table[0][:2] == ["Lab", "Stance now"]]
    assert next(table[1][0] for table in tables) == MARKUP_LAB
    assert {row[0]: row[1] for row in tables[0][1:]}[MARKUP_LAB] == "closed"
    assert [row[0] for row in tables[1][1:]] == ["Birch"]


def test_a_run_that_has_not_come_so_far_leaves_blanks(client: Client):
    RunReport.objects.filter(name="strategies").delete()
    GapResult.objects.filter(region="china").delete()
    page = read(client.get("/regions/"))
    assert "No run has counted the releases by year yet" in page.text
    assert {row[0]: row[1] for row in page.rows("Region")}["China"] == "not told"


def test_the_chart_has_the_pages_lags_of_the_regions_that_have_releases(client: Client):
    shown = {row["region"]: row["lag"] for row in client.get("/charts/region-lags.json").json()["rows"]}
    assert shown == {region: row["lag"] for region, row in rows(client).items() if row["releases"]}
    assert 'id="region-lags"' in read(client.get("/regions/")).raw
