"""The rules for migrations: each is broken once by a migration of ours, and kept by the next; `migrate` has limits."""

import threading
import time
from typing import Any

import pytest
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from tracker.management import migration_rules
from tracker.management.migration_rules import faults, sql_faults, squawk, statements

INDEX = models.Index(fields=["size"], name="tree_by_size")
POSITIVE = models.CheckConstraint(condition=models.Q(size__gt=0), name="tree_has_a_size")


def before() -> ProjectState:
    state = ProjectState()
    fields: list[tuple[str, Any]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=50)),
        ("size", models.BigIntegerField(null=True)),
    ]
    state.add_model(ModelState("tracker", "Tree", fields))
    return state


def migration(*operations: Operation, **more: Any) -> migrations.Migration:
    made = migrations.Migration("0099_trees", "tracker")
    made.operations = list(operations)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def said(*operations: Operation, **more: Any) -> list[str]:
    return [fault.words for fault in faults(migration(*operations, **more), before())]


BIG = models.BigIntegerField(null=True)


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (migrations.RenameField("tree", "size", "height"), "renames a column"),
        (migrations.RenameModel("Tree", "Plant"), "renames a table"),
        (migrations.AlterModelTable("tree", "trees"), "renames a table"),
        (migrations.RemoveField("tree", "size"), "a version after the last code that used it"),
        (migrations.DeleteModel("Tree"), "a version after the last code that used it"),
        (migrations.AddField("tree", "age", models.BigIntegerField(default=0)), "does not fill"),
        (migrations.AddField("tree", "age", models.BigIntegerField(null=True, db_index=True)), "AddIndexConcurrently"),
        (migrations.AddField("tree", "age", models.IntegerField(null=True)), "32 bits"),
        (migrations.CreateModel("Leaf", [("id", models.AutoField(primary_key=True))]), "32 bits"),
        (migrations.AlterField("tree", "size", models.BigIntegerField()), "no longer takes NULL"),
        (migrations.AlterField("tree", "size", models.BigIntegerField(null=True, unique=True)), "gets an index"),
        (migrations.AlterField("tree", "size", models.TextField(null=True)), "every row is written anew"),
        (migrations.AlterField("tree", "name", models.CharField(max_length=49)), "every row is written anew"),
        (migrations.AddIndex("tree", INDEX), "AddIndexConcurrently in a migration with atomic = False"),
        (AddIndexConcurrently("tree", INDEX), "must say atomic = False"),
        (migrations.AddConstraint("tree", POSITIVE), "AddConstraintNotValid"),
    ],
)
def test_what_the_version_before_cannot_live_with_is_named(operation: Operation, words: str) -> None:
    (fault,) = said(operation)
    assert words in fault


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        (migrations.AddField("tree", "age", models.BigIntegerField(null=True)), {}),
        (migrations.AddField("tree", "age", models.BigIntegerField(db_default=0)), {}),
        (migrations.AlterField("tree", "name", models.CharField(max_length=51)), {}),
        (migrations.AlterField("tree", "name", models.TextField()), {}),
        (migrations.AlterField("tree", "size", models.BigIntegerField(null=True, help_text="In metres.")), {}),
        (AddIndexConcurrently("tree", INDEX), {"atomic": False}),
        (AddConstraintNotValid("tree", POSITIVE), {}),
        (migrations.RemoveField("tree", "size"), {"contract": True}),
        (migrations.RunPython(migrations.RunPython.noop), {}),
    ],
)
def test_what_it_can_live_with_is_let_pass(operation: Operation, more: dict[str, Any]) -> None:
    assert said(operation, **more) == []


def test_a_table_made_in_the_same_migration_is_nobodys_yet() -> None:
    leaf = migrations.CreateModel(
        "Leaf", [("id", models.BigAutoField(primary_key=True)), ("size", models.BigIntegerField())]
    )
    constraint = models.CheckConstraint(condition=models.Q(size__gt=0), name="leaf_has_a_size")
    index = models.Index(fields=["size"], name="leaf_by_size")
    assert said(leaf, migrations.AddIndex("leaf", index), migrations.AddConstraint("leaf", constraint)) == []


def test_rows_and_tables_are_changed_apart_and_so_is_what_is_taken_away() -> None:
    add = migrations.AddField("tree", "age", models.BigIntegerField(null=True))
    (fault,) = said(add, migrations.RunPython(migrations.RunPython.noop))
    assert "make it two" in fault
    (fault,) = said(migrations.RemoveField("tree", "size"), add, contract=True)
    assert "in a migration of its own" in fault


def test_our_own_new_migrations_keep_the_rules() -> None:
    for one in migration_rules.new_migrations():
        assert faults(one, migration_rules.state_before(one)) == []


@pytest.mark.django_db
def test_their_sql_keeps_squawks(call: Any) -> None:
    if squawk() is None:
        pytest.skip("no squawk on this machine: it comes with requirements-dev.txt")
    assert "nothing is wrong with them" in call("migrations", "--lint")


@pytest.mark.django_db
def test_squawk_sees_what_our_rules_cannot(tmp_path: Any) -> None:
    program = squawk()
    if program is None:
        pytest.skip("no squawk on this machine: it comes with requirements-dev.txt")
    hidden = migration(migrations.RunSQL("ALTER TABLE tracker_tree DROP COLUMN size", "SELECT 1"))
    sql = statements(hidden, before())
    assert sql.startswith("SET lock_timeout = '700ms';\nSET statement_timeout = '30min';\n")
    assert ["ban-drop-column" in fault.words for fault in sql_faults(program, hidden, sql)] == [True]
    unlimited = sql_faults(program, hidden, sql.partition("min';\n")[2])
    assert {"require-lock-timeout", "require-statement-timeout"} <= {f.words.partition(":")[0] for f in unlimited}
    concurrent = migration(RemoveIndexConcurrently("tree", "tree_by_size"), atomic=False)
    assert said(*concurrent.operations, atomic=False) == []
    index = migration(AddIndexConcurrently("tree", INDEX), atomic=False)
    assert sql_faults(program, index, statements(index, before())) == []
    assert said(ValidateConstraint("tree", "tree_has_a_size")) == []


@pytest.mark.django_db(transaction=False)
def test_a_migration_that_waits_for_a_lock_lets_the_others_through(monkeypatch: Any) -> None:
    """Somebody holds a table; migrate gives up its turn and gets it later. Its limits stay its own."""
    from django.db import connection
    from django.db.utils import OperationalError

    from tracker.management import patience
    from tracker.management.commands import migrate

    monkeypatch.setattr(patience, "PAUSE", 0.2)
    monkeypatch.setattr(patience, "TIMEOUTS", {"lock_timeout": "100ms", "statement_timeout": "5s"})
    turns: list[str] = []
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        from django.db import transaction

        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
                held.set()
                done.wait(20)
        finally:
            connection.close()

    class Told(migrate.Command):
        def report(self, text: str) -> None:
            turns.append(text)
            done.set()

    def run() -> None:
        try:
            command = Told()
            command.stderr.write = command.report  # type: ignore[method-assign, assignment]
            command.run_from_argv(["manage.py", "migrate", "--no-input", "--verbosity=0"])
            with connection.cursor() as cursor:
                cursor.execute("SHOW lock_timeout")
                turns.append(str(cursor.fetchone()[0]))
        except OperationalError as error:
            turns.append(str(error))
        finally:
            connection.close()

    holder, migrator = threading.Thread(target=hold), threading.Thread(target=run)
    holder.start()
    assert held.wait(20)
    migrator.start()
    migrator.join(60)
    holder.join(60)
    assert turns[0].startswith("A table is in use")
    assert turns[-1] == "0"


@pytest.mark.django_db(transaction=False)
def test_a_concurrent_index_waits_for_whoever_is_before_it_and_one_left_unfinished_is_swept_away(
    monkeypatch: Any,
) -> None:
    """Broken off by the limit for locks it would stay there, used by nobody, and stand in its own way."""
    from django.db import connection, transaction

    from tracker.management import patience

    monkeypatch.setattr(patience, "TIMEOUTS", {"lock_timeout": "100ms", "statement_timeout": "20s"})
    found: list[Any] = []
    held = threading.Event()

    def sql(statement: str) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    def hold() -> None:
        try:
            with transaction.atomic():
                sql("INSERT INTO rehearsed VALUES (1)")
                held.set()
                time.sleep(0.5)
        finally:
            connection.close()

    def run() -> None:
        try:
            sql("CREATE TABLE rehearsed (size bigint)")
            sql("CREATE INDEX rehearsed_left ON rehearsed (size)")
            sql("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'rehearsed_left'::regclass")
            holder = threading.Thread(target=hold)
            holder.start()
            held.wait(20)
            make = "CREATE INDEX CONCURRENTLY rehearsed_left ON rehearsed (size)"
            patience.patiently(connection, lambda: sql(make), say=found.append)
            holder.join(20)
            found.append(sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'rehearsed_left'::regclass"))
            found.append(sql("SHOW lock_timeout"))
        finally:
            sql("DROP TABLE IF EXISTS rehearsed")
            connection.close()

    migrator = threading.Thread(target=run)
    migrator.start()
    migrator.join(60)
    assert found == [[(True,)], [("0",)]]
