"""The broker only wakes workers: messages that are lost, doubled or late make no difference to the facts."""

import json
import logging

import pytest
from celery import current_app
from django.utils import timezone

from landscape.celery import app
from landscape.observe.context import about
from landscape.observe.lines import JsonLine, WithIds
from tests.pipeline.steps import content, endpoint
from tests.pipeline.vintages import PANEL, PRICES, panel, prices
from tracker import tasks
from tracker.models import Beat, Endpoint, Fetch, IndexRun, Price, Snapshot, Source
from tracker.pipeline import collect, ingest

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def live(settings, publisher):
    """The installation collects from our publisher; of all addresses only one is due."""
    settings.SOURCE_MIRROR, settings.COLLECT_LIVE = publisher.url, True
    publisher.put(PRICES, prices())
    Endpoint.objects.exclude(url=PRICES).update(due_at=None)
    tasks.fetching.cache_clear()
    yield publisher
    tasks.fetching().close()
    tasks.fetching.cache_clear()


@pytest.fixture
def broker():
    """The tests' broker in memory, emptied before and after."""
    with app.connection_for_write() as connection:
        channel = connection.default_channel

        def messages() -> list[dict]:
            found = []
            for name in ("collect", "compute"):
                while (message := channel.basic_get(name)) is not None:
                    channel.basic_ack(message.delivery_tag)
                    found.append({"task": message.headers["task"], "expires": message.headers["expires"],
                                  "args": json.loads(message.body)[0],
                                  "run": message.headers["landscape_run"]})  # fmt: skip
            return found

        for name in ("collect", "compute"):
            app.amqp.queues[name](channel).declare()
        messages()
        yield messages
        messages()


@pytest.fixture
def eager():
    """Every message is taken up at once, by this process."""
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    yield
    app.conf.task_always_eager = app.conf.task_eager_propagates = False


def test_the_tests_broker_is_in_memory():
    assert current_app.conf.broker_url == "memory://"


def test_one_question_of_beat_ends_in_facts(live, eager):
    tasks.collect_due.delay()
    assert Fetch.objects.get().outcome == "changed"
    assert Snapshot.objects.get().state == "ingested"
    assert Price.objects.count() == 5


def test_what_is_due_is_sent_for_by_id_and_not_for_ever(live, broker):
    tasks.collect_due()
    (message,) = broker()
    assert (message["task"], message["args"]) == ("tracker.tasks.collect_endpoint", [endpoint(PRICES).pk])
    assert message["expires"] is not None


def test_a_lost_message_to_collect_is_sent_again(live, broker):
    tasks.collect_due()
    assert len(broker()) == 1  # and nobody hears it
    tasks.collect_due()
    (again,) = broker()
    tasks.collect_endpoint(*again["args"])
    assert Fetch.objects.count() == 1


def test_a_lost_message_to_read_is_healed_by_the_next_question(live, broker):
    tasks.collect_endpoint(endpoint(PRICES).pk)
    (lost,) = broker()
    assert lost["task"] == "tracker.tasks.ingest_snapshot"
    assert not Price.objects.exists()
    tasks.ingest_due()
    (healed,) = broker()
    assert healed["args"] == lost["args"]
    tasks.ingest_snapshot(*healed["args"])
    assert Price.objects.count() == 5
    tasks.ingest_due()
    assert [message["task"] for message in broker()] == ["tracker.tasks.recompute_due"]


def test_doubled_messages_do_no_harm(live, broker):
    number = endpoint(PRICES).pk
    tasks.collect_endpoint(number)
    tasks.collect_endpoint(number)
    snapshot = Snapshot.objects.get().pk
    tasks.ingest_snapshot(snapshot)
    facts = content()
    tasks.ingest_snapshot(snapshot)
    tasks.collect_endpoint(number)
    assert content() == facts
    assert len(live.requests) == Fetch.objects.count() == 1


def test_a_message_that_comes_after_its_work_was_done_does_nothing(live, broker):
    tasks.collect_due()
    (message,) = broker()
    collect.collect(endpoint(PRICES).pk, now=timezone.now(), by="other", fetching=tasks.fetching)
    tasks.collect_endpoint(*message["args"])
    assert len(live.requests) == 1


def test_an_installation_that_is_told_not_to_ask_does_not_ask(live, settings, broker):
    settings.COLLECT_LIVE = False
    tasks.collect_due()
    assert broker() == []
    assert live.requests == []


def test_a_source_that_fails_leaves_a_row_and_no_task_that_broke(live, eager):
    live.fail(PRICES, "500")
    tasks.collect_due.delay()
    assert Fetch.objects.get().outcome == "failed"
    assert not Snapshot.objects.exists()


def test_a_switched_off_source_is_not_sent_for(live, broker):
    Source.objects.update(enabled=False)
    tasks.collect_due()
    assert broker() == []


def test_beats_questions_leave_proof_that_a_worker_heard_them(broker):
    before = timezone.now()
    tasks.collect_due()
    tasks.ingest_due()
    tasks.recompute_due()
    assert set(Beat.objects.values_list("name", flat=True)) == {"collect", "ingest", "recompute"}
    assert Beat.objects.filter(at__gte=before).count() == 3


def test_what_was_read_is_computed_without_anybody_asking(broker):
    snapshot, _ = collect.keep(endpoint(PANEL), panel(), fetched_at=timezone.now(), media_type="text/csv")
    tasks.ingest_snapshot(snapshot.pk)
    (asked,) = broker()
    assert asked["task"] == "tracker.tasks.recompute_due"
    tasks.recompute_due()
    run = IndexRun.objects.get()
    (sent,) = broker()
    assert (sent["task"], sent["args"]) == ("tracker.tasks.recompute_run", [run.pk])
    assert ingest.waiting(now=timezone.now()) == []


def test_one_id_leads_from_the_wake_up_through_messages_logs_and_rows_to_the_index(live, broker, caplog):
    """Each task is run under the run that its message carries, as a worker does."""
    live.put(PANEL, panel())
    Endpoint.objects.filter(url=PANEL).update(due_at=timezone.now())
    caplog.set_level(logging.INFO, "tracker")
    caplog.handler.addFilter(WithIds())
    with about(run="woken-by-a-test"):
        tasks.collect_endpoint(endpoint(PANEL).pk)
    seen = set()
    while waiting := broker():
        for message in waiting:
            seen.add((message["task"].rpartition(".")[2], message["run"]))
            if not message["task"].endswith("recompute_run"):
                with about(run=message["run"]):
                    current_app.tasks[message["task"]](*message["args"])
    assert seen == {(task, "woken-by-a-test") for task in ("ingest_snapshot", "recompute_due", "recompute_run")}
    rows = [*Fetch.objects.values_list("asked_in", flat=True)]
    rows += [one for pair in Snapshot.objects.values_list("collected_in", "read_in") for one in pair]
    rows += IndexRun.objects.values_list("planned_in", flat=True)
    assert rows == ["woken-by-a-test"] * 4
    lines = [json.loads(JsonLine().format(record)) for record in caplog.records if record.name == "tracker.tasks"]
    assert [line["message"].split()[0] for line in lines if line["run"] == "woken-by-a-test"] == ["collected", "read"]
