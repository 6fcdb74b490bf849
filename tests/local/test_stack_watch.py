"""`up` has somebody look after the alarms now and then without waiting for it; the web server keeps no access log."""

import json
import time
from pathlib import Path

import pytest

from landscape.local import stack
from landscape.local.stack import Plan, Stack, programs


def plan(folder: Path, **given: str) -> Plan:
    return Plan(
        project=folder, state=folder, host="127.0.0.1", port=8000, live=True, database_url="", broker_url="",
        allowed_hosts=("localhost",), log_level="INFO", **given,
    )  # fmt: skip


def test_it_looks_every_few_minutes_and_never_twice_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(stack, "WATCHED_EVERY", 0.0)
    (tmp_path / "manage.py").write_text("import sys, time; print(*sys.argv[1:], flush=True); time.sleep(0.3)")
    up = Stack(plan(tmp_path), say=print)
    log, end = tmp_path / "logs" / "watch.log", time.monotonic() + 20
    up._watch_workers()
    first = up._look
    up._watch_workers()
    assert first is up._look is not None
    while up._look is first:
        assert time.monotonic() < end
        time.sleep(0.02)
        up._watch_workers()
    assert log.read_text().startswith("watch\n")
    up._look.end()


def test_right_after_the_start_nobody_looks_because_nobody_can_have_been_heard(tmp_path):
    up = Stack(plan(tmp_path), say=print)
    up._watch_workers()
    assert up._look is None


@pytest.mark.parametrize("form", ["line", "json"])
def test_the_web_server_keeps_no_access_log_and_writes_as_the_others_do(tmp_path, form):
    web, *_ = programs(plan(tmp_path, log_format=form), cores=2)
    assert "--no-access-log" in web.command
    assert "--access-log" not in web.command
    assert ("--log-config" in web.command) == (form == "json")
    if form == "json":
        told = json.loads(Path(web.command[web.command.index("--log-config") + 1]).read_text())
        assert told["loggers"]["granian.access"]["handlers"] == []
        assert told["handlers"]["console"]["formatter"] == "json"
