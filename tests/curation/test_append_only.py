"""Decisions are only added: the database refuses the rest, by SQL too, and the constraints hold what a decision is."""

import importlib

import pytest
from django.db import IntegrityError, connection, transaction

from tests.curation.steps import strangers_arrive, waiting
from tests.pipeline.steps import at
from tracker import curation
from tracker.models import Decision

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def decision(ann) -> Decision:
    strangers_arrive()
    return curation.ignore_names([waiting("gpt-example-mini-2")], by=ann, reason="Why", now=at(2)).decisions[0]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tracker_decision SET reason = 'another'",
        "UPDATE tracker_decision SET by_id = by_id",
        "DELETE FROM tracker_decision",
        "INSERT INTO tracker_decision SELECT * FROM tracker_decision ON CONFLICT (id) DO UPDATE SET reason = 'another'",
    ],
)
def test_raw_sql_cannot_change_or_delete_a_decision(decision, statement):
    with pytest.raises(IntegrityError, match="only added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Decision.objects.get(pk=decision.pk).reason == "Why"


def test_neither_can_the_model(decision):
    decision.reason = "another"
    with pytest.raises(IntegrityError, match="only added"), transaction.atomic():
        decision.save()
    with pytest.raises(IntegrityError, match="only added"), transaction.atomic():
        decision.delete()


def test_who_decided_something_stays(decision, ann):
    from django.db.models import ProtectedError

    with pytest.raises(ProtectedError):
        ann.delete()


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"reason": ""}, "decision_has_a_reason"),
        ({"words": ""}, "decision_has_words"),
        ({"kind": "undo"}, "decision_undoes_iff_undo"),
    ],
)
def test_the_database_knows_what_a_decision_is(decision, refused, change, constraint):
    values = {field.attname: getattr(decision, field.attname) for field in Decision._meta.concrete_fields}
    del values["id"]
    with refused(constraint):
        Decision.objects.create(**{**values, **change})


def test_the_trigger_goes_and_comes_with_its_migration(decision):
    migration = importlib.import_module("tracker.migrations.0002_decisions")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(migration.CHANGEABLE)
        cursor.execute("UPDATE tracker_decision SET reason = 'Because'")
        assert cursor.rowcount == 1
        cursor.execute(migration.APPEND_ONLY)
    with pytest.raises(IntegrityError, match="only added"), transaction.atomic():
        Decision.objects.update(reason="another")
