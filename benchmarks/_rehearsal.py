"""Every change that the rules for migrations allow, done to the largest table while others read and write it."""

import time
from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from tracker.management.migration_rules import faults
from tracker.management.patience import patiently

APP, TABLE, BATCH = "tracker", "score", 20_000
INDEX = models.Index(fields=["rehearsed", "key"], name="rehearsed_by_key")
CHECK = models.CheckConstraint(condition=models.Q(rehearsed__gte=0), name="rehearsed_is_not_negative")


def fill(apps: Any, editor: Any) -> None:
    """In batches, each a transaction of its own: nobody waits for more than one of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM tracker_score")
        first, last = cursor.fetchone()
        for start in range(first, last + 1, BATCH):
            cursor.execute("UPDATE tracker_score SET rehearsed = id WHERE id >= %s AND id < %s", [start, start + BATCH])


STEPS: tuple[tuple[str, Operation, dict[str, Any]], ...] = (
    ("a column with a value of the database's", migrations.AddField(
        TABLE, "rehearsed", models.BigIntegerField(db_default=0)), {}),
    ("filled in batches", migrations.RunPython(fill, migrations.RunPython.noop), {"atomic": False}),
    ("an index, concurrently", AddIndexConcurrently(TABLE, INDEX), {"atomic": False}),
    ("a check that is not valid yet", AddConstraintNotValid(TABLE, CHECK), {}),
    ("the check validated", ValidateConstraint(TABLE, CHECK.name), {}),
    ("the index away, concurrently", RemoveIndexConcurrently(TABLE, INDEX.name), {"atomic": False}),
    ("the check away", migrations.RemoveConstraint(TABLE, CHECK.name), {}),
    ("the column away", migrations.RemoveField(TABLE, "rehearsed"), {"contract": True}),
)  # fmt: skip


def rehearse() -> Iterator[tuple[str, float, int]]:
    """Each step by name, how many seconds it took, and how often it had to let others through."""
    loader = MigrationLoader(connection)
    state = loader.project_state(loader.graph.leaf_nodes(APP))
    for number, (name, operation, more) in enumerate(STEPS):
        step = migrations.Migration(f"9{number:03}_rehearsed", APP)
        step.operations = [operation]
        for attribute, value in more.items():
            setattr(step, attribute, value)
        if broken := faults(step, state):
            raise RuntimeError(f"not what the rules allow: {broken[0]}")
        tries: list[str] = []
        began = time.perf_counter()

        def apply(step: migrations.Migration = step) -> None:
            with connection.schema_editor(atomic=step.atomic) as editor:
                step.apply(state.clone(), editor)

        patiently(connection, apply, say=tries.append)
        for each in step.operations:
            each.state_forwards(APP, state)
        yield name, time.perf_counter() - began, len(tries)
