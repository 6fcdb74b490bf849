"""The diagram is what the code says, and the code is read right."""

import ast
from pathlib import Path

from tests.commands.conftest import Call
from tracker.management.diagram import imported, known_tables, layers, tasks

PROJECT = Path(__file__).resolve().parents[2]
SOURCE = """
from celery import shared_task
from tracker.pipeline import collect, ingest
from tracker.sources import SOURCES

def helper(): ...

@shared_task
def look_due():
    for one in collect.due():
        look_at.delay(one)

@shared_task(bind=True)
def look_at(self, one):
    ingest.ingest(one)
    helper()
"""


def test_the_drawn_path_is_the_one_in_the_code(call: Call) -> None:
    """Otherwise: `manage.py diagram`."""
    assert "is what the code says" in call("diagram", "--check")


def test_a_task_is_read_with_its_queue_its_clock_and_whom_it_calls() -> None:
    routes = {"tracker.tasks.look_*": {"queue": "looking"}}
    due, at = tasks(SOURCE, routes, {"look_due": {"schedule": 30.0}})
    assert (due.name, due.queue, due.every) == ("look_due", "looking", 30.0)
    assert (due.calls, due.wakes) == (("tracker.pipeline.collect",), ("look_at",))
    assert (at.every, at.calls, at.wakes) == (0.0, ("tracker.pipeline.ingest",), ())


def test_imports_are_followed_to_tables_and_layers() -> None:
    assert imported(ast.parse("from tracker.models import Score as S\nimport os")) == {"S": "tracker.models.Score"}
    assert "provenance" in known_tables("tracker.pipeline.collect", PROJECT)
    found = layers(PROJECT)
    assert ("pipeline", "models") in found
    assert ("models", "pipeline") not in found
