"""Prices and specialists in the world of `world.py`, where every model costs the same until October."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.pages.reading import read
from tests.pages.world import ENTRANTS, HIDDEN_HOST, prices
from tests.pipeline.vintages import PRICES, records
from tracker.domain.price_frontier import blended
from tracker.models import Endpoint, IndexRun, ModelState, Price, RunReport, Score, Snapshot
from tracker.pipeline import collect, drawing, ingest
from tracker.pipeline import prices as price_report
from tracker.pipeline import specialists as specialist_report
from tracker.sources.record_file import MEDIA_TYPE

pytestmark = pytest.mark.usefixtures("world")
FLAT = blended(1.25, 5.0)
OCTOBER = datetime(2026, 10, 1, 6, tzinfo=UTC)


def rows_of(client, address):
    return list(csv.DictReader(io.StringIO(client.get(address).content.decode())))


@pytest.fixture
def sold():
    """From October on prices differ: closed models cost more with every release, open ones a fortieth of that, GPT-5 is
    sold by its maker too, one open model is to be had for nothing."""
    offers = []
    for nth, row in enumerate(prices(ENTRANTS, "example-host")):
        factor = 0.4 * (nth % 14 + 1) if nth < 14 else 0.01 * (nth - 13)
        offers.append(replace(row, input=round(1.25 * factor, 4), output=round(5.0 * factor, 4)))
    gpt = next(row for row in offers if row.model == "GPT-5")
    free = next(row for row in offers if row.model == "Birch 1")
    offers += [
        replace(gpt, key="openai/gpt-5", host="openai", input=9.0, output=36.0),
        replace(free, key="free/birch-1", host="free-host", input=0.0, output=0.0),
    ]
    body = records(*offers, url=PRICES, on=OCTOBER.date())
    kept, _ = collect.keep(Endpoint.objects.get(url=PRICES), body, fetched_at=OCTOBER, media_type=MEDIA_TYPE)
    assert ingest.ingest(kept.pk, now=OCTOBER, by="test").state == Snapshot.State.INGESTED
    run = IndexRun.objects.get(historic=False)
    run.known_at = OCTOBER
    fit = drawing.fit_of(run)
    for name, make in (("prices", price_report.make), ("specialists", specialist_report.make)):
        RunReport.objects.filter(run=run, name=name).update(report=make(run, fit))
    return RunReport.objects.get(run=run, name="prices").report


def test_every_model_that_is_sold_stands_on_the_page_and_in_every_file(ask, client):
    rows = rows_of(client, "/prices.csv")
    assert {row["slug"] for row in rows} == {entrant.slug for entrant in ENTRANTS}
    assert {float(row["blend"]) for row in rows} == {FLAT}
    assert len(read(ask("/prices/")).rows("Model", "Lab", "Weights", "Index", "90 % interval")) == len(
        client.get("/prices.json").json()["rows"]
    )
    assert HIDDEN_HOST not in ask("/prices/").content.decode()


def test_at_one_price_for_all_only_the_ablest_model_is_worth_it(client):
    best = ModelState.objects.filter(run__historic=False, value__isnull=False).order_by("-value").first()
    assert [row["slug"] for row in rows_of(client, "/prices.csv") if row["pareto"] == "True"] == [best.model.slug]


def test_a_model_is_best_for_its_price_when_no_other_beats_it(client, sold):
    rows = [
        (
            row["slug"],
            float(row["blend"]),
            float(row["value"]),
            row["pareto"] == "True",
            row["side"],
            row["pareto_of_side"],
        )
        for row in rows_of(client, "/prices.csv")
        if row["value"]
    ]
    assert 2 < sum(row[3] for row in rows) < len(rows)

    def beaten(row, others):
        return any(
            (price <= row[1] and value > row[2]) or (price < row[1] and value >= row[2])
            for _, price, value, *_ in others
        )

    for row in rows:
        assert row[3] is not beaten(row, rows)
        assert (row[5] == "True") is not beaten(row, [other for other in rows if other[4] == row[4]])


def test_what_is_free_is_not_the_cheapest_offer(client, sold):
    row = next(row for row in rows_of(client, "/prices.csv") if row["slug"] == "birch-1")
    assert (row["host"], row["hosts"]) == ("example-host", "1")
    assert Price.objects.known().filter(host="free-host", input=0).exists()


def test_the_makers_own_offer_stands_beside_the_cheapest(client, sold):
    row = next(row for row in rows_of(client, "/prices.csv") if row["slug"] == "gpt-5")
    assert (row["host"], row["own_host"], float(row["own_blend"])) == ("example-host", "openai", blended(9.0, 36.0))
    assert client.get(f"/facts/price/{row['own_fact']}/").status_code == 200
    assert all(other["own_host"] == "" for other in rows_of(client, "/prices.csv") if other["slug"] != "gpt-5")


def test_a_price_counts_until_the_day_it_was_seen_to_change(client, sold):
    rows = rows_of(client, "/charts/price-of-level.csv")
    september = [row for row in rows if row["month"] == "2026-09-30"]
    october = {(row["level"], row["side"]): float(row["price"]) for row in rows if row["month"] == "2026-10-01"}
    assert {float(row["price"]) for row in september} == {FLAT}
    cheap = {row["slug"]: float(row["blend"]) for row in rows_of(client, "/prices.csv")}
    values = {row["slug"]: (row["side"], float(row["value"])) for row in rows_of(client, "/prices.csv") if row["value"]}
    assert october
    for (level, side), price in october.items():
        able = [slug for slug, (of, value) in values.items() if of == side and value >= float(level)]
        assert price == pytest.approx(min(cheap[slug] for slug in able))
    # Nothing was known of any price before the first document on them.
    assert min(row["month"] for row in rows) == "2026-09-30"


def test_staying_closed_costs_the_ratio_of_the_two_cheapest(client, sold):
    ratios = {one["level"]: one for one in sold["ratios"]}
    assert ratios
    for one in ratios.values():
        assert one["ratio"] == pytest.approx(one["closed"] / one["open"], abs=1e-3)
        assert one["low"] is None or one["low"] <= one["high"]
    table = read(client.get("/prices/")).rows("Level", "Cheapest open")
    assert [f"{one['ratio']:.2f}" for one in sorted(ratios.values(), key=lambda one: -one["level"])] == [
        row[5] for row in table if row[5] != "–"
    ]


def test_the_table_narrows_by_what_the_address_says(client):
    def slugs(query):
        return {row["slug"] for row in rows_of(client, f"/prices.csv?{query}")}

    opened, closed = slugs("side=open"), slugs("side=closed")
    assert opened | closed == slugs("")
    assert not opened & closed
    assert {slug.partition("-")[0] for slug in slugs("region=europe")} == {"cedar"}
    able = {state.model.slug for state in ModelState.objects.filter(run__historic=False, value__gte=140)}
    assert slugs("level=140") == able
    assert able
    for wrong in ("side=half", "region=mars", "level=high", "level=12345"):
        assert client.get(f"/prices/?{wrong}").status_code == 404


def test_every_price_leads_to_its_fact(ask, client):
    facts = {link for link in read(ask("/prices/")).links if link.startswith("/facts/price/")}
    assert len(facts) == len(ENTRANTS)
    assert all(client.get(link).status_code == 200 for link in sorted(facts)[:5])


@pytest.mark.parametrize("page", ["prices", "specialists"])
def test_a_day_before_the_reports_has_a_sentence_in_their_place(client, page):
    assert "made for the present only" in read(client.get(f"/{page}/?as_of=2026-04-15")).text
    assert rows_of(client, f"/{page}.csv?as_of=2026-04-15") == []
    assert client.get("/specialists/?as_of=2026-04-15&field=coding&level=90").status_code == 200


def scores_of(benchmark):
    return {
        score.model.slug: score.value
        for score in Score.objects.known().filter(benchmark__slug=benchmark, endpoint__source__may_display=True)
    }


@pytest.mark.parametrize("level", ["", "80", "95"])
@pytest.mark.parametrize("benchmark", ["sums", "repair"])
def test_the_cheapest_at_a_level_is_the_cheapest_that_reaches_it(client, sold, benchmark, level):
    row = next(row for row in rows_of(client, f"/specialists.csv?level={level}") if row["slug"] == benchmark)
    scores, cheap = scores_of(benchmark), {row["slug"]: float(row["blend"]) for row in rows_of(client, "/prices.csv")}
    best = max(scores, key=lambda slug: scores[slug])
    bar = scores[best] * int(level) / 100 if level else scores[best] - 2 * 0.02
    reaching = [slug for slug, value in scores.items() if value >= bar]
    assert float(row["level"]) == pytest.approx(bar, abs=1e-6)
    assert float(row["cheapest_price"]) == pytest.approx(min(cheap[slug] for slug in reaching))
    assert float(row["ratio"]) == pytest.approx(cheap[best] / float(row["cheapest_price"]), rel=1e-4)
    assert float(row["ratio_low"]) <= float(row["ratio"]) <= float(row["ratio_high"])


def test_only_benchmarks_of_a_followed_field_stand_there_each_once(client):
    rows = rows_of(client, "/specialists.csv")
    assert {row["slug"]: row["field"] for row in rows} == {"sums": "Mathematics", "repair": "Coding"}
    assert len(rows) == 2
    assert [row["slug"] for row in rows_of(client, "/specialists.csv?field=coding")] == ["repair"]
    text = read(client.get("/specialists/")).text
    assert "No benchmark of this field has a score that may be shown yet." in text
    for wrong in ("field=cooking", "level=85"):
        assert client.get(f"/specialists/?{wrong}").status_code == 404


def test_a_model_that_beats_one_of_ten_times_its_price_is_told(client, sold):
    cheap = {row["model"]: float(row["blend"]) for row in rows_of(client, "/prices.csv")}
    for row in rows_of(client, "/specialists.csv"):
        assert float(row["times"]) >= 10
        assert float(row["times"]) == pytest.approx(cheap[row["loser"]] / cheap[row["winner"]], rel=1e-4)


def test_at_one_price_nobody_beats_a_dearer_model(client):
    assert {row["winner"] for row in rows_of(client, "/specialists.csv")} == {""}
    assert "none does" in read(client.get("/specialists/")).text


def test_every_number_on_specialists_leads_to_its_fact(client, sold):
    facts = {link for link in read(client.get("/specialists/?level=80")).links if link.startswith("/facts/")}
    assert {link.split("/")[2] for link in facts} >= {"score", "price", "release"}
    assert all(client.get(link).status_code == 200 for link in facts)


def test_nothing_is_priced_before_its_day(sold):
    days = [month[0] for one in sold["levels"] for month in one["months"]]
    assert min(days) >= str(date(2026, 9, 1))
    assert max(days) == sold["on"] == str(OCTOBER.date())
