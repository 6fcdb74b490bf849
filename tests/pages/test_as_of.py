"""A page of the past says what was known then, and later readings leave its bytes alone."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from tests.pages.addresses import FILES, TIMED, on, suffix_of
from tests.pages.reading import read
from tests.pages.world import ENTRANTS, prices, releases, scores
from tests.pipeline.vintages import NOTABLE, PANEL, PRICES, records
from tracker.models import AIModel, Alias, DataVersion, Endpoint, IndexRun, Release, Score, Snapshot
from tracker.pipeline import collect, ingest, recompute
from tracker.sources.record_file import MEDIA_TYPE

pytestmark = pytest.mark.usefixtures("world")
APRIL, THIRD = "2026-04-15", datetime(2026, 10, 1, 6, tzinfo=UTC)
PACKED = ("png", "zip")  # of what the other files show as it is
# Links that must lead to the same day: of some pages, and of everything that is a table.
DATED = re.compile(r"/(models|benchmarks|facts|gap|charts|methods)[/.]|/[^?]*\.(csv|json|parquet)(\?|$)")


def learn(url, rows, *, at=THIRD):
    """Another vintage of a document, read."""
    body = records(*rows, url=url, on=at.date())
    kept, _ = collect.keep(Endpoint.objects.get(url=url), body, fetched_at=at, media_type=MEDIA_TYPE)
    assert ingest.ingest(kept.pk, now=at, by="test").state == Snapshot.State.INGESTED


def october():
    """Everything that can change does: scores, releases and prices corrected, a new name, a new run, a failure."""
    abler = [replace(one, ability=one.ability + 0.4, parameters=1.25 * (one.parameters or 8e9)) for one in ENTRANTS]
    learn(PANEL, scores(abler))
    learn(NOTABLE, releases(abler))
    learn(PRICES, [replace(row, input=9.99) for row in prices(ENTRANTS, "example-host")])
    Alias.objects.create(kind="model", key="new", name="A New Name", model=AIModel.objects.get(slug="gpt-5"))
    Endpoint.objects.filter(url=PANEL).update(checked_at=timezone.now(), due_at=timezone.now(), last_error="gone")
    recompute.plan(now=THIRD)
    newest = IndexRun.objects.filter(historic=False).latest("known_at")
    assert newest.known_at == THIRD
    recompute.headline(newest.pk, clock=timezone.now, by="test")


@pytest.fixture
def told(ask):
    """What every dated address answered for a day in April, and a fact's evidence with it."""
    fact = Score.objects.filter(known_from__month=4, model__slug="gpt-5").first()
    changed = Release.objects.get(key="birch-1", known_from__month=4)
    dated = [at for at in (*TIMED, *FILES) if not at.startswith("/pipeline.") and suffix_of(at) not in PACKED]
    dated += [f"/facts/score/{fact.pk}/", f"/facts/release/{changed.pk}/"]
    return {address: ask(on(address, APRIL)) for address in dated}


def test_later_readings_leave_every_byte_of_the_past_alone(client, ask, told):
    today = {address: ask(address).content for address in TIMED}
    october()
    changed = [address for address, answer in told.items() if client.get(on(address, APRIL)).content != answer.content]
    assert changed == []
    # And they did change what is known now.
    assert {address for address in TIMED if client.get(address).content != today[address]} == set(TIMED)


def test_every_page_of_the_past_says_which_day_it_stands_for(told):
    for address, response in told.items():
        assert response.status_code == 200, address
        if response["Content-Type"].startswith("text/html"):
            assert "As known on 15 April 2026" in read(response).text, address


def test_a_walk_through_the_past_stays_there(told):
    lost = {}
    for address, response in told.items():
        if not response["Content-Type"].startswith("text/html"):
            continue
        page = read(response)
        dated = [link for link in page.links if DATED.match(link)]
        assert dated
        back = page.raw.partition("Show what is known now")[0].rpartition('href="')[2].partition('"')[0]
        if found := {link for link in dated if f"as_of={APRIL}" not in link} - {back}:
            lost[address] = found
    assert lost == {}


def test_what_was_corrected_later_is_shown_as_it_was(client):
    def size(query):
        return (
            read(client.get(f"/models/birch-1/{query}"))
            .within("content")
            .partition("Parameters")[2]
            .split()[0]
            .removesuffix("source")
        )

    assert size(f"?as_of={APRIL}") == "32B"
    assert size("") == "33B"
    old = Release.objects.get(key="birch-1", known_from__month=4)
    assert "it still holds" in read(client.get(f"/facts/release/{old.pk}/?as_of={APRIL}")).text
    assert "superseded" in read(client.get(f"/facts/release/{old.pk}/")).text


def test_what_was_learned_later_is_not_there(client):
    later = Score.objects.filter(known_from__month=9).first()
    assert client.get(f"/facts/score/{later.pk}/?as_of={APRIL}").status_code == 404
    rows = read(client.get(f"/models/?as_of={APRIL}")).rows("Model")
    assert len(rows) < len(read(client.get("/models/")).rows("Model"))
    page = read(client.get(f"/models/acme-13/?as_of={APRIL}"))
    assert "No score of this model is known as of this day." in page.text
    assert "No price of this model is known." in read(client.get(f"/models/gpt-5/?as_of={APRIL}")).text
    assert "example-host" in read(client.get("/models/gpt-5/")).text


def test_a_day_is_known_to_its_end(client):
    assert "index run" in read(client.get("/?as_of=2026-04-01")).text


@pytest.mark.parametrize(
    ("address", "day"), [*((address, "2026-03-31") for address in TIMED), ("/", "2019-01-01"), ("/gap/", "0001-01-01")]
)
def test_before_all_data_a_page_says_so_and_breaks_nowhere(client, address, day):
    response = client.get(on(address, day))
    assert response.status_code == 200
    text = read(response).text
    for word in ("None", "NaN", "being computed"):
        assert word not in text.replace("None is printed", "")
    if address in ("/", "/gap/"):
        assert "No benchmark data were known by then" in text


def test_a_day_whose_run_is_not_computed_yet_shows_its_own_facts_and_no_later_ones(client):
    past = IndexRun.objects.get(historic=True, known_at__month=4)
    IndexRun.objects.filter(pk=past.pk).update(state=IndexRun.State.DUE, draws=None)
    assert "is being computed" in read(client.get(f"/?as_of={APRIL}")).within("answer")
    for address in ("/models/gpt-5/", "/benchmarks/gpqa-diamond/", "/charts/benchmark-frontier/?benchmark=sums"):
        page = read(client.get(on(address, APRIL)))
        assert "example-host" not in page.text
        for link in [link for link in page.links if link.startswith("/facts/")][:8]:
            assert client.get(link).status_code == 200, link
    assert "No score" not in read(client.get(f"/models/gpt-5/?as_of={APRIL}")).text


@pytest.mark.parametrize("day", ["2026-12-31", "9999-12-31"])
def test_a_day_to_come_shows_what_is_known_now(client, day):
    assert read(client.get(f"/?as_of={day}")).within("answer") == read(client.get("/")).within("answer")


def test_the_footer_of_the_past_names_the_version_its_run_stands_on(client):
    run = IndexRun.objects.get(historic=True, known_at__month=4)
    DataVersion.objects.update(value=777)
    assert f"Version {run.data_version}." in read(client.get(f"/?as_of={APRIL}")).text
    assert "Version 777" in read(client.get("/")).text
