"""What is started on one machine, decided without starting it."""

import dataclasses
import fnmatch
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings

from landscape.local.stack import EVALUATOR, WORKERS, Plan, environment, known_host, programs, web_processes

LOCAL = ("localhost", "127.0.0.1", "[::1]")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(
        project=tmp_path,
        state=tmp_path,
        host="127.0.0.1",
        port=8000,
        live=True,
        database_url="",
        broker_url="",
        allowed_hosts=LOCAL,
        log_level="INFO",
    )


def test_every_queue_that_a_task_goes_to_has_a_worker() -> None:
    served = {queue for queues in (WORKERS | EVALUATOR).values() for queue in queues.split(",")}
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} | {settings.CELERY_TASK_DEFAULT_QUEUE}
    assert routed <= served


def test_every_scheduled_task_has_a_route_and_expires_before_it_is_sent_again() -> None:
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert any(fnmatch.fnmatch(entry["task"], pattern) for pattern in settings.CELERY_TASK_ROUTES)
        assert entry["options"]["expires"] <= entry["schedule"]


def test_no_task_may_run_so_long_that_it_is_delivered_twice() -> None:
    assert settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT
    assert settings.CELERY_TASK_TIME_LIMIT * 2 <= settings.VISIBILITY_TIMEOUT


def test_web_workers_and_beat_are_kept_running(plan: Plan) -> None:
    evaluator = EVALUATOR if find_spec("inspect_ai") else {}
    assert [program.name for program in programs(plan, cores=2)] == ["web", *WORKERS, *evaluator, "beat"]


def test_there_is_one_scheduler(plan: Plan) -> None:
    assert sum("beat" in program.command for program in programs(plan, cores=64)) == 1


def test_no_live_reaches_every_program(plan: Plan) -> None:
    assert environment(plan, {})["COLLECT_LIVE"] == "1"
    assert environment(dataclasses.replace(plan, live=False), {"COLLECT_LIVE": "1"})["COLLECT_LIVE"] == "0"


def test_programs_keep_their_state_where_the_supervisor_does(plan: Plan) -> None:
    assert environment(plan, {"STATE_DIR": "/elsewhere"})["STATE_DIR"] == str(plan.state)


def test_an_address_to_listen_on_is_an_allowed_host(plan: Plan) -> None:
    assert environment(dataclasses.replace(plan, host="10.0.0.5"), {})["ALLOWED_HOSTS"].endswith(",10.0.0.5")
    assert "ALLOWED_HOSTS" not in environment(plan, {})
    assert "ALLOWED_HOSTS" not in environment(dataclasses.replace(plan, host="0.0.0.0"), {})


def test_the_address_to_open_is_one_that_a_browser_takes(plan: Plan) -> None:
    assert plan.address == "http://127.0.0.1:8000/"
    assert dataclasses.replace(plan, host="::", port=81).address == "http://[::1]:81/"
    assert dataclasses.replace(plan, host="0.0.0.0").address == "http://127.0.0.1:8000/"


def test_links_in_letters_lead_to_this_site_unless_it_has_another_name(plan: Plan) -> None:
    assert environment(dataclasses.replace(plan, port=8123), {})["SITE_URL"] == "http://localhost:8123"
    assert environment(dataclasses.replace(plan, host="10.0.0.5"), {})["SITE_URL"] == "http://10.0.0.5:8000"
    assert environment(plan, {"SITE_URL": "https://ai.example"})["SITE_URL"] == "https://ai.example"


def test_the_site_is_asked_by_a_name_and_not_by_a_pattern() -> None:
    assert known_host((".example.org", "www.example.org")) == "www.example.org"
    assert known_host(("*",)) == "localhost"


@pytest.mark.parametrize(("cores", "count"), [(1, 1), (2, 1), (4, 2), (64, 4)])
def test_half_the_cores_serve_pages(cores: int, count: int) -> None:
    assert web_processes(cores) == count
