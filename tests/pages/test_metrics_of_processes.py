"""Pages and tasks in /metrics, as Prometheus' own reader understands them, and what the middleware adds to a page."""

import re
import time

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from landscape.observe.context import ids
from landscape.observe.counting import COUNTER
from landscape.observe.lines import WithIds
from tracker.models import Endpoint, Fetch, Issue, Snapshot
from tracker.watching import Watched

parser = pytest.importorskip("prometheus_client.parser", reason="prometheus-client is not installed")

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def counted(settings, tmp_path):
    """This process counts, into a folder of its own."""
    settings.STATE_DIR = tmp_path
    COUNTER.after_fork()
    COUNTER.begin(tmp_path / "counts", "web")
    yield
    COUNTER.folder = None
    COUNTER.after_fork()


def asked(client):
    COUNTER.write()
    text = client.get("/metrics").content.decode()
    families = {family.name: family for family in parser.text_string_to_metric_families(text)}
    assert text.count("# TYPE") == len(families)
    return families


def test_prometheus_own_reader_takes_every_family_and_histograms_are_whole(client, counted):
    for _ in range(3):
        client.get("/models/gpt-5/")
    client.get("/no-such-page/")
    families = asked(client)
    pages = families["landscape_page_seconds"]
    assert pages.type == "histogram"
    mine = [sample for sample in pages.samples if sample.labels["route"] == "model"]
    buckets = [sample.value for sample in mine if sample.name.endswith("_bucket")]
    assert buckets == sorted(buckets)
    assert buckets[-1] == 3
    (count,) = (sample.value for sample in mine if sample.name.endswith("_count"))
    (total,) = (sample.value for sample in mine if sample.name.endswith("_sum"))
    assert count == 3
    assert 0 < total < 60
    assert {s.labels["status"] for s in pages.samples if s.labels["route"] == "none"} == {"4xx"}
    (resident,) = families["landscape_process_resident_bytes"].samples
    assert resident.labels == {"part": "web"}
    assert resident.value > 10_000_000
    (built,) = families["landscape_build_info"].samples
    assert built.labels["version"]


def test_no_path_and_no_reader_stands_in_a_label(client, counted):
    client.get("/unsubscribe/abc:def/")
    client.get("/snapshots/1/")
    COUNTER.write()
    text = client.get("/metrics").content.decode()
    assert "abc" not in text
    assert 'route="unsubscribe"' in text
    assert 'route="snapshot"' in text


def test_bytes_and_answers_of_304_are_told_by_source(client, counted):
    endpoint = Endpoint.objects.get(url__contains="doi.org")
    snapshot = Snapshot.objects.filter(endpoint=endpoint).select_related("blob").first()
    now = timezone.now()
    for outcome, read in (("changed", snapshot), ("unchanged", snapshot), ("unchanged", None), ("failed", None)):
        Fetch.objects.create(endpoint=endpoint, started_at=now, seconds=2, outcome=outcome, snapshot=read)
    families = asked(client)

    def value(name):
        (sample,) = families[f"landscape_{name}"].samples
        assert sample.labels == {"source": "epoch_panel"}
        return sample.value

    assert value("fetches_not_modified") == 1
    assert value("fetch_bytes") == 2 * snapshot.blob.size > 0
    assert value("fetch_seconds") == 8


def test_the_oldest_work_tells_its_age_and_no_work_is_zero(client, counted):
    now = timezone.now()
    endpoint = Endpoint.objects.filter(source__enabled=True, source__every__isnull=False).first()
    Endpoint.objects.update(due_at=now + timezone.timedelta(days=1))
    Endpoint.objects.filter(pk=endpoint.pk).update(
        due_at=now - timezone.timedelta(hours=2), not_before=now - timezone.timedelta(hours=1)
    )
    ages = {s.labels["work"]: s.value for s in asked(client)["landscape_oldest_work_age_seconds"].samples}
    assert ages["collect"] == pytest.approx(3600, abs=60)
    assert ages["read"] == ages["letters"] == 0


def test_the_digest_tells_how_far_it_is(client, counted):
    states = {s.labels["state"]: s.value for s in asked(client)["landscape_digest_letters"].samples}
    newest = Issue.objects.order_by("-week").first()
    assert states["sent"] == (newest.letters.filter(state="sent").count() if newest else 0)
    assert states.keys() == {"waiting", "sending", "sent", "ambiguous", "dead", "dropped"}


def test_while_the_database_is_away_the_machine_says_so_and_tells_of_itself(client, counted):
    settled = connection.settings_dict
    connection.settings_dict = {**settled, "HOST": "127.0.0.1", "PORT": "1"}
    try:
        families = asked(client)
    finally:
        connection.settings_dict = settled
    assert [sample.value for sample in families["landscape_database_up"].samples] == [0]
    assert "landscape_disk_free_bytes" in families
    assert "landscape_queue_depth" not in families


def test_a_line_that_is_said_when_the_request_is_over_has_its_id_all_the_same(client, caplog):
    ident = client.get("/no-such-page/")["X-Request-Id"]
    (line,) = (record for record in caplog.records if record.name == "django.request")
    WithIds().filter(line)
    assert line.about == {"run": ident, "request": ident}


def test_a_scrape_adds_up_two_hundred_rows_in_milliseconds(client, counted):
    for number in range(100):
        for status in ("2xx", "3xx"):
            COUNTER.observe("page_seconds", (f"route-{number}", status), 0.01)
    COUNTER.write()
    began = time.perf_counter()
    assert client.get("/metrics").status_code == 200
    assert time.perf_counter() - began < 2


def test_an_answer_carries_the_id_that_was_given_or_one_of_its_own(client):
    assert client.get("/healthz", headers={"X-Request-Id": "proxy-0123456789"})["X-Request-Id"] == "proxy-0123456789"
    made = [client.get("/healthz", headers={"X-Request-Id": given})["X-Request-Id"] for given in ("", "a b", "x" * 99)]
    assert all(re.fullmatch(r"[0-9a-f]{32}", ident) for ident in made)
    assert len(set(made)) == 3


def test_while_a_request_is_answered_lines_carry_its_id_and_then_no_more():
    seen = []

    def view(request):
        seen.append(dict(ids()))
        raise LookupError

    request = RequestFactory().get("/", headers={"X-Request-Id": "proxy-0123456789"})
    with pytest.raises(LookupError):
        Watched(view)(request)
    assert seen == [{"run": "proxy-0123456789", "request": "proxy-0123456789"}]
    assert ids() == {}


def test_watching_a_page_costs_microseconds(counted):
    def bare(request):
        return HttpResponse()

    watched, request = Watched(bare), RequestFactory().get("/")

    def best(answer):
        times = []
        for _ in range(7):
            began = time.perf_counter()
            for _ in range(300):
                answer(request)
            times.append((time.perf_counter() - began) / 300)
        return min(times)

    # Measured: 10 microseconds on a busy machine; a warm page may take two thousand.
    assert best(watched) - best(bare) < 100e-6
