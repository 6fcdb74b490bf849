"""A page under its permalink, and its files, say the same bytes whatever is learned later."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.pages.reading import read
from tests.pages.test_as_of import learn, october
from tests.pages.test_claims import write
from tests.pages.world import ENTRANTS, NOW, catalogue, releases, scores
from tests.pipeline.vintages import NOTABLE, PANEL
from tracker.models import ClaimVerdict, Forecast, IndexRun, Insight
from tracker.pipeline import claims, recompute
from tracker.pipeline.catalog import load_catalog
from tracker.views.formats import TYPES

pytestmark = pytest.mark.usefixtures("world")

TABLES = ("csv", "json", "parquet")
PAGES = {
    "/": (),
    "/gap/": tuple(TYPES),
    "/gap/?scope=coding&open=osi": ("json", "csv", "svg"),
    "/gap/?region=china": ("json",),
    "/gap/reconcile/": tuple(TYPES),
    "/gap/reconcile/?a=ours&b=epoch-2025-10&b_benchmarks=private&order=average": ("json", "csv"),
    "/claims/": TABLES,
    "/claims/?topic=gap": TABLES,
    "/claims/behind/": TABLES,
    "/claims/turns-on-openness/": TABLES,
    "/benchmarks/": TABLES,
    "/benchmarks/?category=coding": (),
    "/benchmarks/gpqa-diamond/": TABLES,
    "/benchmarks/health/": TABLES,
    "/forecasts/": TABLES,
}
MORE = ("/benchmarks/health/models.csv", "/benchmarks/health/self-report.json", "/data/citation.bib")
FORECASTS = ("/forecasts.csv?part=backtest", "/forecasts.csv?part=records")
every_page = pytest.mark.parametrize("address", PAGES)
EVENING = NOW + timedelta(hours=6)


def finished(run, at):
    while recompute.advance(run.pk, clock=lambda: at, by="test"):
        pass
    run.refresh_from_db()
    assert run.state == IndexRun.State.DONE
    return run


@pytest.fixture
def today(tmp_path):
    """The world's run of today with claims judged, and nothing left to be computed of the past."""
    load_catalog(now=NOW, root=write(catalogue(tmp_path)))
    for run in IndexRun.objects.order_by("known_at"):
        claims.judge(run)
    # April's says its headline and its verdicts, and nothing more.
    IndexRun.objects.filter(historic=True).update(state=IndexRun.State.DONE)
    return IndexRun.objects.get(historic=False)


def evening():
    """A second run of the same day, on scores that a source corrected since."""
    abler = [replace(one, ability=one.ability + (0.8 if one.licence else 0.0)) for one in ENTRANTS]
    learn(NOTABLE, releases(abler), at=EVENING)
    learn(PANEL, scores(abler), at=EVENING)
    recompute.plan(now=EVENING)
    run = finished(IndexRun.objects.filter(historic=False).latest("known_at"), EVENING + timedelta(minutes=5))
    assert run.known_at == EVENING
    return run


def link(client, address):
    """The permalink that a page offers, as the test's browser asks for it."""
    page = client.get(address)
    assert page.status_code == 200, address
    (found,) = re.findall(r'<a href="http://testserver([^"]+)" rel="bookmark">', page.content.decode())
    return unescape(found)


def files(permalink, suffixes):
    path, _, query = permalink.partition("?")
    return [f"{path.rstrip('/')}.{suffix}?{query}" for suffix in suffixes]


def pinned(client, address):
    """The page under its permalink and all its files."""
    permalink = link(client, address)
    return [permalink, *files(permalink, PAGES[address])]


def asked(addresses):
    return {address: Client().get(address) for address in addresses}


def changed(before):
    return [
        address
        for address, first in before.items()
        for now in [Client().get(address)]
        if (now.status_code, now.content, now["ETag"]) != (200, first.content, first["ETag"])
    ]


def test_the_same_bytes_come_after_a_second_run_of_the_day_and_after_later_ones(client, today):
    addresses = [one for address in PAGES for one in pinned(client, address)]
    query = link(client, "/").partition("?")[2]
    addresses += [f"{address}{'&' if '?' in address else '?'}{query}" for address in (*MORE, *FORECASTS)]
    before, live = asked(addresses), asked(PAGES)
    assert {one.status_code for one in before.values()} == {200}
    shown = (Forecast.objects.count(), Insight.objects.count(), ClaimVerdict.objects.count())
    evening()
    october()
    assert (Forecast.objects.count(), Insight.objects.count(), ClaimVerdict.objects.count()) > shown
    assert changed(before) == []
    # And all of it did change for whoever asks for no run.
    assert set(changed(live)) == set(PAGES)


def test_the_same_bytes_come_when_an_earlier_run_of_the_day_is_forgotten(client, today):
    later = evening()
    addresses = [one for address in PAGES for one in pinned(client, address)]
    assert all(f"run={later.pk}" in address for address in addresses)
    before = asked(addresses)
    recompute.forget(later, now=EVENING + recompute.KEPT_FOR + timedelta(days=1))
    assert not IndexRun.objects.filter(pk=today.pk).exists()
    assert changed(before) == []


@every_page
def test_a_page_offers_its_permalink_and_is_cited_by_it(client, today, address):
    permalink = link(client, address)
    keys = {name: value for name, (value,) in parse_qs(urlsplit(permalink).query).items()}
    wanted = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}
    day = {"as_of": str(today.known_at.date()), "run": str(today.pk), "v": today.method}
    # A pair of definitions names both sides, whichever the address left out.
    assert {"a": keys.get("a"), "b": keys.get("b")}.items() >= (keys.items() - wanted.items() - day.items())
    assert keys.items() >= {**wanted, **day}.items()
    page = client.get(permalink)
    assert link(client, permalink) == permalink
    block = unescape(page.content.decode()).partition('id="permalink"')[2]
    assert f"url = {{http://testserver{permalink}}}" in block
    assert f"index run {today.pk}, definition {today.method}" in block
    text = read(page).text
    assert re.search(rf"As known on 2 September 2026\s*, index run {today.pk}\.", text)
    assert "Not what the address names" not in text


@every_page
def test_the_links_of_a_pinned_page_stay_with_its_run(client, today, address):
    page = read(client.get(link(client, address)))
    own = [one for one in page.links if re.match(r"/(gap|claims|benchmarks|forecasts|charts)[/.]", one)]
    assert own
    # A row of the past leads to its own day, and one may leave.
    lost = [one for one in own if f"run={today.pk}" not in one and "as_of=" not in one]
    assert set(lost) <= {address.partition("?")[0]}


def test_the_files_of_a_page_name_the_permalink_that_it_offers(client, today):
    for address in ("/gap/?scope=coding&open=osi", "/claims/?topic=gap", "/benchmarks/", "/forecasts/"):
        permalink = link(client, address)
        (file,) = files(permalink, ["json"])
        told = client.get(file).json()
        assert (told["permalink"], told["index_run"]) == (f"http://testserver{permalink}", today.pk)


def test_a_pinned_front_page_leaves_out_what_is_only_so_now(client, today):
    live, then = read(client.get("/")), read(client.get(link(client, "/")))
    for words in (r"Last \S+, next", r"\d+ sources?(,|\.)", "by e-mail on Monday"):
        assert re.search(words, live.text), words
        assert not re.search(words, then.text), words
    assert "what is only so now, such as the state of the pipeline" in then.text
    assert then.within("answer") == live.within("answer")
    assert [one.title for one in Insight.objects.all()]
    assert then.text.count("No finding yet.") == live.text.count("No finding yet.") == 0


def test_the_permalink_waits_for_the_runs_behind_the_page(client, today):
    IndexRun.objects.filter(historic=True).update(state=IndexRun.State.READY)
    page = client.get("/gap/")
    assert b'rel="bookmark"' not in page.content
    assert "follows when the runs behind it are complete" in read(page).text
    # One that cannot be computed keeps nobody waiting.
    IndexRun.objects.filter(historic=True).update(last_error="no facts")
    assert link(Client(), "/gap/?open=osi")


@every_page
def test_a_run_that_is_not_kept_is_told_on_a_page_and_gone_as_a_file(client, today, address):
    permalink = f"{address}{'&' if '?' in address else '?'}run=999999&v=eci-0"
    page = client.get(permalink)
    assert page.status_code == 200
    assert "Index run 999999 is not kept any more. Shown is what stands for its day now." in read(page).text
    for file in files(permalink, PAGES[address]):
        refused = client.get(file)
        assert refused.status_code == 410
        text = read(refused).text
        assert "This is kept no more" in text
        assert "Index run 999999 is not kept any more." in text
        assert "without a note" not in text


def test_another_definition_is_told_on_a_page_and_refused_to_a_file(client):
    assert "The address names definition eci-0." in read(client.get("/gap/?v=eci-0")).text
    assert client.get("/claims.csv?v=eci-0").status_code == 404
