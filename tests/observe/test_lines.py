"""A line of the log: one JSON object whatever happened, with its ids and without anybody's address."""

import json
import logging
import threading

import pytest
from django.conf import settings

from landscape.observe.context import about, ids, well_formed
from landscape.observe.lines import JsonLine, PersonLine, WithIds, blanked, configuration


def record(message: str = "done", *args: object, logger: str = "tracker.tasks", **extra: object) -> logging.LogRecord:
    made = logging.getLogger(logger).makeRecord(logger, logging.INFO, "f", 1, message, args, None, extra=extra)
    WithIds().filter(made)
    return made


def as_json(made: logging.LogRecord) -> dict[str, object]:
    line = JsonLine().format(made)
    assert "\n" not in line
    return json.loads(line)


def test_a_json_line_says_when_what_and_whose_it_is():
    with about(run="r" * 32, task="collect_endpoint", task_id="t-1", queue="collect", endpoint=7):
        told = as_json(record("collected %s", "a\nb", snapshot=12))
    assert told["time"].endswith("+00:00")
    assert (told["level"], told["logger"], told["message"]) == ("INFO", "tracker.tasks", "collected a\nb")
    assert (told["run"], told["task"], told["queue"]) == ("r" * 32, "collect_endpoint", "collect")
    assert (told["endpoint"], told["snapshot"]) == ("7", 12)


def test_an_exception_is_a_field_of_the_same_line():
    try:
        raise ValueError("no such ann@example.org")
    except ValueError as error:
        made = record("it failed")
        made.exc_info = (ValueError, error, error.__traceback__)
    told = as_json(made)
    assert told["exception"] == "ValueError"
    assert told["traceback"].startswith("Traceback")
    assert "raise ValueError" in told["traceback"]
    assert "ann@" not in told["traceback"]
    assert "ValueError" in PersonLine().format(made)


def test_what_django_adds_of_a_request_is_not_told():
    told = as_json(record("x", logger="django.request", request=object(), status_code=404))
    assert "request" not in told
    assert told["status_code"] == 404


def test_what_is_being_done_ends_with_it_and_is_each_threads_own():
    seen = []
    with about(run="one", snapshot=None):
        with about(task="x"):
            assert ids() == {"run": "one", "task": "x"}
        thread = threading.Thread(target=lambda: seen.append(dict(ids())))
        thread.start()
        thread.join()
        assert ids() == {"run": "one"}
    assert seen == [{}]
    assert ids() == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("550 <bob.o'hara@mail.example.org> unknown", "550 <<mail address>> unknown"),
        ("to ann+x@example.org: no", "to <mail address>: no"),
        ("Not Found: /unsubscribe/abc:def_1-2/", "Not Found: /unsubscribe/…"),
        ("Not Found: /subscribe/confirm/eyJ.x/ now", "Not Found: /subscribe/confirm/… now"),
        ("Forbidden: /preferences/abc/", "Forbidden: /preferences/…"),
        ("GET /oauth?code=123&next=/x", "GET /oauth?code=…&next=/x"),
        ("https://h/x?api_key=abcd&sort=name", "https://h/x?api_key=…&sort=name"),
        ("redis://:hunter2@host:6379/0 is away", "redis://…@host:6379/0 is away"),
        ("login failed from 203.0.113.9 at 2026-11-22 19:40:01", "login failed from <address> at 2026-11-22 19:40:01"),
        ("from 2001:db8::17, PID 12", "from <address>, PID 12"),
        ("PostgreSQL 18.6.0 and numpy 2.1 in 0:00:01", "PostgreSQL 18.6.0 and numpy 2.1 in 0:00:01"),
    ],
)  # fmt: skip
def test_nobodys_address_and_no_key_stands_in_a_line(text, told):
    assert blanked(text, logger="axes.handlers") == told
    assert as_json(record("%s", text, logger="axes.handlers"))["message"] == told
    assert told in PersonLine().format(record("%s", text, logger="axes.handlers"))


def test_a_publishers_address_stays_because_it_is_what_is_wrong():
    said = "example.org leads to 169.254.169.254, which is no public address"
    assert blanked(said, logger="tracker.pipeline.collect") == said


@pytest.mark.parametrize(
    "given", ["short", "x" * 65, "a b c d e f g h", "ann@example.org", 'a"b\\c1234', "-12345678", ""]
)
def test_what_somebody_calls_a_request_must_be_plain(given):
    assert not well_formed(given)


def test_a_persons_line_ends_in_the_runs_beginning():
    with about(run="0123456789abcdef"):
        line = PersonLine().format(record("read it"))
    assert line.endswith("INFO tracker.tasks: read it [01234567]")


@pytest.mark.parametrize("form", ["line", "json"])
def test_either_form_can_be_configured(form):
    import logging.config

    told = configuration(form, "INFO")
    assert told["handlers"]["console"]["formatter"] == form
    assert logging.config.DictConfigurator(told).configure_handler(
        told["handlers"]["console"] | {"filters": [], "formatter": None}
    )


def test_a_line_is_for_a_person_unless_asked_otherwise():
    assert settings.LOG_FORMAT == "line"
