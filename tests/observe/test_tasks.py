"""What is noted of tasks that a real Celery worker takes from a real queue, in this process."""

import logging
import time

import pytest
from celery.contrib.testing.worker import start_worker
from django.http import HttpResponse
from django.test import RequestFactory

from landscape.celery import app
from landscape.observe import tasks as observed
from landscape.observe.context import about, ids
from landscape.observe.counting import COUNTER, read
from tracker.watching import Watched

DONE: list[dict[str, str]] = []
logger = logging.getLogger("tracker.tasks")


@app.task(name="observed.collect_probe")
def collect_probe(endpoint: int) -> None:
    DONE.append(dict(ids()))
    ingest_probe.apply_async((endpoint + 1,), queue="collect")


@app.task(name="observed.ingest_probe")
def ingest_probe(snapshot: int) -> None:
    DONE.append(dict(ids()))


@app.task(name="observed.collect_fault")
def collect_fault() -> None:
    DONE.append(dict(ids()))
    raise LookupError("ann@example.org is not there")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where this process counts while a worker runs in it."""
    place = tmp_path_factory.mktemp("counts")
    COUNTER.after_fork()
    COUNTER.begin(place, "collector")
    with start_worker(app, pool="solo", perform_ping_check=False, queues=["collect"], shutdown_timeout=20):
        yield place
    COUNTER.folder = None
    COUNTER.after_fork()


def wait_for(count):
    end = time.monotonic() + 20
    while len(DONE) < count:
        assert time.monotonic() < end, DONE
        time.sleep(0.02)
    found = DONE[:]
    DONE.clear()
    return found


def counted(folder, kind, task, *more):
    end = time.monotonic() + 20
    while True:  # a task's end is noted just after it has ended
        rows = {row.labels: row.values for row in read(folder)[0] if row.kind == kind}
        if ("collect", task, *more) in rows:
            return rows["collect", task, *more]
        assert time.monotonic() < end, rows
        time.sleep(0.05)


def test_the_requests_id_goes_to_its_task_and_to_the_task_that_follows_with_what_each_is_about(folder):
    def view(request):
        collect_probe.delay(41)
        return HttpResponse()

    answer = Watched(view)(RequestFactory().get("/", headers={"X-Request-Id": "proxy-0123456789"}))
    first, second = wait_for(2)
    assert answer["X-Request-Id"] == first["run"] == second["run"] == "proxy-0123456789"
    assert (first["task"], first["queue"], first["endpoint"]) == ("collect_probe", "collect", "41")
    assert (second["task"], second["snapshot"]) == ("ingest_probe", "42")
    assert first["task_id"] != second["task_id"]
    assert "endpoint" not in second
    assert ids() == {}
    wait = counted(folder, "task_wait_seconds", "ingest_probe")
    took = counted(folder, "task_seconds", "ingest_probe")
    assert sum(wait[:-1]) == sum(took[:-1]) == 1
    assert 0 <= took[-1] < 20
    assert counted(folder, "tasks_started_total", "ingest_probe") == (1,)
    assert counted(folder, "tasks_ended_total", "ingest_probe", "success") == (1,)


def test_a_wake_up_that_nobody_asked_for_begins_a_run_of_its_own(folder):
    collect_probe.delay(1)
    collect_probe.delay(2)
    runs = {one["run"] for one in wait_for(4)}
    assert len(runs) == 2


def test_a_failure_is_counted_and_its_line_has_the_run_and_the_traceback(folder, caplog):
    with about(run="asked-by-a-test"):
        collect_fault.delay()
    wait_for(1)
    assert counted(folder, "tasks_ended_total", "collect_fault", "failure") == (1,)
    (line,) = (record for record in caplog.records if record.levelno == logging.ERROR)
    assert line.exc_info
    assert line.name == "celery.app.trace"


def test_beat_leaves_its_pulse_and_a_full_disk_does_not_stop_it(tmp_path):
    headers = {}
    observed.sent(headers, pulse=tmp_path / "alive")
    assert (tmp_path / "alive").exists()
    assert len(headers[observed.RUN]) == 32
    observed.sent(headers, pulse=tmp_path / "no" / "such" / "place")


def test_a_run_that_somebody_made_up_is_not_taken_over():
    observed.began("t-1", "tracker.tasks.x", "collect", {observed.RUN: 'a"b\n'}, (), ())
    try:
        assert len(ids()["run"]) == 32
    finally:
        observed.ended("t-1", "tracker.tasks.x", "collect", "SUCCESS")
