"""The status page: every part with its state, the promises with their shares, and a page also when parts are away."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from landscape.observe.counting import COUNTER
from tests.pages.reading import read
from tracker.models import Alarm, Beat, Endpoint, Fetch, IndexRun, Issue, Snapshot, Source
from tracker.queries.objectives import objectives

pytestmark = pytest.mark.usefixtures("world")
QUESTIONS = ("collect", "alarms", "ingest", "recompute", "findings", "mail")


@pytest.fixture(autouse=True)
def machine(world, settings, tmp_path):
    settings.BEAT_PULSE, settings.COUNTS_FOLDER, settings.EVALUATIONS = tmp_path / "alive", tmp_path / "counts", False
    settings.BEAT_PULSE.touch()
    for name in QUESTIONS:
        Beat.objects.update_or_create(name=name, defaults={"at": timezone.now()})
    return tmp_path


def states(client):
    rows = read(client.get("/status/")).rows("Part", "State", "What it does now")
    return {row[0]: row[1] for row in rows}


def promise(name, *, now, **given):
    found = objectives(now=now, digest_hour=7, **given)
    return next(one for one in found if one.name == name)


def test_every_part_is_named_with_its_state(client):
    found = states(client)
    assert set(found) >= {"Web server", "Database", "Broker", "Disk", "Capability index", "Weekly digest"}
    assert {state for title, state in found.items() if "evaluations" not in title} == {"works"}


def test_a_silent_worker_is_told_since_when_and_the_page_says_that_pages_are_right(client):
    last = timezone.now() - timedelta(hours=5)
    Beat.objects.filter(name="mail").update(at=last)
    page = read(client.get("/status/"))
    assert "Pages are shown as they should be" in page.text
    assert states(client)["Worker that sends letters"] == "degraded"
    assert f"is silent: letters wait, since {last:%Y-%m-%d %H:%M} UTC" in page.text


def test_the_page_comes_when_the_broker_is_away(client, settings, tmp_path):
    settings.CELERY_BROKER_URL = f"redis+socket://{tmp_path / 'nobody'}"
    response = client.get("/status/")
    assert response.status_code == 200
    assert states(client)["Broker"] == "broken"
    assert "nobody" not in response.content.decode()


def test_the_page_comes_when_the_database_is_away_and_names_no_host(client):
    settled = connection.settings_dict
    connection.settings_dict = {**settled, "HOST": "127.0.0.1", "PORT": "1"}
    try:
        page, as_json = client.get("/status/"), client.get("/status.json")
    finally:
        connection.settings_dict = settled
    assert (page.status_code, as_json.status_code) == (503, 503)
    assert page["Retry-After"] == as_json["Retry-After"] == "10"
    text = page.content.decode()
    assert "The rest of this page is in the database" in text
    assert "127.0.0.1" not in text
    assert as_json.json()["state"] == "broken"
    assert {part["name"]: part["state"] for part in as_json.json()["parts"]}["database"] == "broken"


def test_the_same_is_there_as_json(client):
    told = client.get("/status.json").json()
    assert told["state"] in ("works", "degraded")
    assert {row["slug"] for row in told["sources"]} == set(Source.objects.values_list("slug", flat=True))
    assert {row["name"] for row in told["objectives"]} == {
        "pages", "index", "reading", "answers", "sources", "workers", "digest"
    }  # fmt: skip


def test_an_incident_is_an_alarm_with_its_length_and_what_may_not_be_shown_is_not(client):
    now = timezone.now()
    told = {"severity": "alarm", "message": "it went away", "last_seen_at": now - timedelta(hours=3)}
    opened = now - timedelta(hours=8)
    for slug in ("epoch_panel", "openrouter"):
        source = Source.objects.get(slug=slug)
        Alarm.objects.create(
            kind="failing", subject=f"source:{source.pk}", source=source, opened_at=opened,
            closed_at=now - timedelta(hours=3), **told,
        )  # fmt: skip
    rows = read(client.get("/status/")).rows("Incident", "State", "Source", "From")
    assert [row[5] for row in rows] == ["5 h", "5 h"]
    assert sorted(row[6] == "it went away" for row in rows) == [False, True]


def test_a_source_in_trouble_stands_first_with_since_when(client):
    endpoint = Endpoint.objects.filter(source__slug="epoch_panel").first()
    Endpoint.objects.filter(pk=endpoint.pk).update(last_error="503")
    since = timezone.now() - timedelta(days=3)
    Alarm.objects.create(
        kind="failing", subject="x", severity="alarm", message="m", source=endpoint.source, opened_at=since,
        last_seen_at=since,
    )  # fmt: skip
    first = read(client.get("/status/")).rows("Source", "State", "In trouble since")[0]
    assert (first[1], first[2]) == ("failing", f"{since:%Y-%m-%d %H:%M} UTC")


def test_promises_are_counted_from_rows(machine):
    now = timezone.now()
    endpoint = Endpoint.objects.get(url__contains="doi.org")
    Fetch.objects.all().delete()
    for days, outcome in ((40, "failed"), (3, "failed"), (2, "unchanged"), (1, "changed"), (1, "unchanged")):
        Fetch.objects.create(endpoint=endpoint, started_at=now - timedelta(days=days), seconds=1, outcome=outcome)
    answers = promise("answers", now=now, counts=machine)
    assert (answers.kept, answers.total, answers.state) == (3, 4, "missed")


def test_a_document_is_read_in_time_or_not_and_one_that_just_came_is_neither(machine):
    now = timezone.now()
    endpoint = Endpoint.objects.get(url__contains="doi.org")
    blob = endpoint.current.blob
    Fetch.objects.all().delete()
    for number, (state, minutes, read_after) in enumerate(
        [("ingested", 600, 2), ("ingested", 500, 30), ("stored", 400, None), ("stored", 1, None)]
    ):
        at = now - timedelta(minutes=minutes, seconds=number)
        read_at = at + timedelta(minutes=read_after) if read_after else None
        made = Snapshot.objects.create(endpoint=endpoint, blob=blob, fetched_at=at, state=state, ingested_at=read_at)
        Fetch.objects.create(endpoint=endpoint, started_at=at, seconds=1, outcome="changed", snapshot=made)
    reading = promise("reading", now=now, counts=machine)
    assert (reading.kept, reading.total) == (1, 3)


def test_two_alarms_at_once_are_one_bad_hour(machine):
    now = timezone.now()
    endpoint = Endpoint.objects.first()
    Fetch.objects.create(endpoint=endpoint, started_at=now - timedelta(days=40), seconds=1, outcome="failed")
    Alarm.objects.all().delete()
    for subject, begun, ended in (("a", 10, 4), ("b", 8, 2)):
        Alarm.objects.create(
            kind="silent", subject=subject, severity="stopped", message="m", opened_at=now - timedelta(hours=begun),
            last_seen_at=now - timedelta(hours=ended), closed_at=now - timedelta(hours=ended),
        )  # fmt: skip
    workers = promise("workers", now=now, counts=machine)
    assert workers.total == pytest.approx(720)
    assert workers.kept == pytest.approx(712)
    assert workers.state == "missed"


def test_an_index_run_that_never_ended_is_a_promise_missed(machine):
    now = timezone.now()
    before = promise("index", now=now, counts=machine)
    run = IndexRun.objects.filter(historic=False).first()
    IndexRun.objects.create(
        known_at=run.known_at + timedelta(seconds=1), as_of=run.as_of, data_version=run.data_version + 1,
        method=run.method, created_at=now - timedelta(hours=1),
    )  # fmt: skip
    after = promise("index", now=now, counts=machine)
    assert (after.kept, after.total) == (before.kept, before.total + 1)


def test_a_digest_that_went_out_late_is_a_promise_missed_and_a_withheld_one_is_none(machine):
    Issue.objects.all().delete()
    monday = timezone.datetime(2026, 11, 16, tzinfo=timezone.get_default_timezone())
    for week, state, hours in (("2026-W46", "sent", 8), ("2026-W45", "sent", 12), ("2026-W44", "withheld", None)):
        until = monday - timedelta(weeks=46 - int(week[-2:]))
        at = until + timedelta(hours=hours) if hours else None
        Issue.objects.bulk_create(
            [Issue(week=week, state=state, since=until - timedelta(weeks=1), until=until, content={}, built_at=until,
                   approved_at=until, addressed_at=at, sent_at=at)]
        )  # fmt: skip
    digest = promise("digest", now=monday + timedelta(days=2), counts=machine)
    assert (digest.kept, digest.total, digest.state) == (1, 2, "missed")


def test_pages_are_counted_by_the_machine(machine):
    COUNTER.after_fork()
    COUNTER.begin(machine / "counts", "web")
    try:
        for status, seconds in (("2xx", 0.001), ("3xx", 0.25), ("2xx", 0.3), ("5xx", 0.001)):
            COUNTER.observe("page_seconds", ("home", status), seconds)
        COUNTER.write()
        pages = promise("pages", now=timezone.now(), counts=machine / "counts")
    finally:
        COUNTER.folder = None
        COUNTER.after_fork()
    assert (pages.kept, pages.total) == (2, 4)


def test_it_takes_the_same_few_queries_however_much_happened(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(40) as few:
        client.get("/status/")
    now = timezone.now()
    Alarm.objects.bulk_create(
        Alarm(kind="rows", subject=f"s{n}", severity="alarm", message="m", opened_at=now, last_seen_at=now)
        for n in range(100)
    )
    with django_assert_max_num_queries(len(few)):
        client.get("/status/")
