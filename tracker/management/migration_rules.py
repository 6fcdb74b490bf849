"""What a migration may do while the version before it still serves readers: expand, migrate, contract.

A new version's tables are used by the old version's processes until the last of them has been replaced. So a step may
add what the old code does not see, and take away only what the old code no longer asks for.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.postgres import operations as postgres
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED

APP = "tracker"
# The last one written before these rules: earlier ones ran where there was nobody to wait.
BASELINE = "0017_evaluations"
OLDEST_POSTGRES = 15
# For whoever waits behind a migration that waits for a lock, and for one that has gone astray.
TIMEOUTS = {"lock_timeout": "700ms", "statement_timeout": "30min"}
# Django's CharField is a varchar, and a key to its users is as short as its users' own: our rule asks about the others.
UNASKED = ("prefer-text-field", "prefer-bigint-over-int", "prefer-bigint-over-smallint")
# An index whose making was broken off is swept away before the next try: with IF NOT EXISTS it would pass for made.
SWEPT = "prefer-robust-stmts", " CONCURRENTLY "

WORDS = {
    migrations.RenameField: "renames a column, which the version before still asks for by its old name: add one, fill "
    "it, and drop the old one a version later",
    migrations.RenameModel: "renames a table, which the version before still asks for by its old name",
    migrations.AlterModelTable: "renames a table, which the version before still asks for by its old name",
}
TAKES_AWAY = (migrations.RemoveField, migrations.DeleteModel)
ON_OLD_TABLES = {
    migrations.AddIndex: "AddIndexConcurrently in a migration with atomic = False",
    migrations.RemoveIndex: "RemoveIndexConcurrently in a migration with atomic = False",
    migrations.AddConstraint: "AddConstraintNotValid, and ValidateConstraint in a migration of its own",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why a migration cannot be run under load."""

    migration: str
    words: str

    def __str__(self) -> str:
        return f"{self.migration} {self.words}"


def new_migrations(after: str = BASELINE) -> list[migrations.Migration]:
    """Those that have to keep the rules, in the order in which they run."""
    loader = MigrationLoader(None)
    plan = loader.graph.forwards_plan(loader.graph.leaf_nodes(APP)[0])
    return [loader.graph.nodes[key] for key in plan if key[0] == APP and key[1] > after]


def state_before(migration: migrations.Migration) -> ProjectState:
    """The tables as they are when its turn comes: rules and SQL are asked about the change from there."""
    return MigrationLoader(None).project_state((migration.app_label, migration.name), at_end=False)


def faults(migration: migrations.Migration, before: ProjectState) -> list[Fault]:
    """What the rules say against it."""
    return [Fault(migration.name, words) for words in _faults(migration, before.clone())]


def _faults(migration: migrations.Migration, state: ProjectState) -> Iterator[str]:
    made: set[str] = set()  # tables that nobody has used yet
    contracts = bool(getattr(migration, "contract", False))
    kinds = {isinstance(operation, migrations.RunPython) for operation in migration.operations}
    if kinds == {True, False}:
        yield "changes tables and rows: the rows' locks are held while the tables are rewritten, so make it two"
    for operation in migration.operations:
        touched = str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower()
        if isinstance(operation, migrations.CreateModel):
            made.add(touched)
            yield from (short for name, field in operation.fields if (short := too_short(name, field)))
        elif isinstance(operation, TAKES_AWAY):
            if not contracts:
                yield (
                    f"takes {_what(operation)} away, which the version before may still ask for: drop it a version "
                    "after the last code that used it, in a migration that says contract = True"
                )
        elif touched not in made:
            yield from _of_old_table(operation, migration, state)
        if contracts and not isinstance(operation, (*TAKES_AWAY, migrations.RunSQL)):
            yield f"says contract = True and also has {_what(operation)}: take away in a migration of its own"
        operation.state_forwards(migration.app_label, state)


def _of_old_table(operation: Operation, migration: migrations.Migration, state: ProjectState) -> Iterator[str]:
    kind = type(operation)
    if words := WORDS.get(kind):
        yield f"({_what(operation)}) {words}"
    elif instead := ON_OLD_TABLES.get(kind):
        yield f"has {_what(operation)}, which stops all writing to the table: use {instead}"
    elif isinstance(operation, (postgres.AddIndexConcurrently, postgres.RemoveIndexConcurrently)) and migration.atomic:
        yield f"has {_what(operation)} and must say atomic = False"
    elif isinstance(operation, migrations.AddField):
        field = operation.field
        if short := too_short(operation.name, field):
            yield short
        if not (field.many_to_many or field.null or field.db_default is not NOT_PROVIDED):
            yield (
                f"adds {_what(operation)}, which the version before does not fill: give it null=True or a db_default"
            )
        if indexed(field):
            yield f"adds {_what(operation)} with an index: add that with AddIndexConcurrently afterwards"
    elif isinstance(operation, migrations.AlterField):
        old = state.models[migration.app_label, operation.model_name_lower].fields[operation.name]
        if words := narrowed(old, operation.field):
            yield f"changes {_what(operation)}: {words}"


def indexed(field: "models.Field[Any, Any]") -> bool:
    """Whether the column comes with an index of its own."""
    return bool(getattr(field, "db_index", False)) or field.unique


def narrowed(old: "models.Field[Any, Any]", new: "models.Field[Any, Any]") -> str:
    """Why the version before cannot live with the change, or nothing."""
    if old.null and not new.null:
        return (
            "it no longer takes NULL, which the version before may write: add a CHECK that is not valid yet, and "
            "validate it when all rows have a value"
        )
    if indexed(new) and not indexed(old):
        return "it gets an index while nobody can write: use AddIndexConcurrently"
    was, will = old.db_type(connection), new.db_type(connection)
    if was != will and not wider(str(was), str(will)):
        return f"{was} becomes {will}, for which every row is written anew: add a column and fill it"
    return ""


def too_short(name: str, field: "models.Field[Any, Any]") -> str:
    """Whether numbers will run out one day, in words; making them longer means writing the whole table anew."""
    if field.is_relation or field.db_type(connection) not in {"integer", "serial"}:
        return ""
    return f"makes {name} an integer of 32 bits: take a Big one"


def wider(was: str, will: str) -> bool:
    """Whether PostgreSQL takes the change without touching a row, and old values and new ones both fit."""
    if not was.startswith("varchar"):
        return False
    return will in {"text", "varchar"} or (will.startswith("varchar(") and _length(will) >= _length(was))


def _length(kind: str) -> int:
    return int(kind.removeprefix("varchar(").removesuffix(")"))


def _what(operation: Operation) -> str:
    names = [str(getattr(operation, name)) for name in ("model_name", "name", "old_name") if hasattr(operation, name)]
    index = getattr(operation, "index", None) or getattr(operation, "constraint", None)
    return " ".join([type(operation).__name__, ".".join(names or [index.name if index else ""])]).strip()


def statements(migration: migrations.Migration, before: ProjectState) -> str:
    """The migration as SQL, under the limits that `migrate` sets."""
    # Nothing is done, and so it does not matter whether whoever asks is within a transaction: a concurrent index asks.
    apart = connection.copy()
    try:
        with apart.schema_editor(collect_sql=True, atomic=False) as editor:
            migration.apply(before.clone(), editor, collect_sql=True)
    finally:
        apart.close()
    limits = [f"SET {name} = '{limit}';" for name, limit in TIMEOUTS.items()]
    return "\n".join([*limits, *editor.collected_sql, ""])


def squawk() -> str | None:
    """The SQL linter, if it is installed: beside this Python, or anywhere."""
    beside = Path(sys.executable).with_name("squawk")
    return str(beside) if beside.is_file() else shutil.which("squawk")


def sql_faults(program: str, migration: migrations.Migration, sql: str) -> list[Fault]:
    """What squawk says against the SQL."""
    command: Sequence[str] = [
        program,
        f"--pg-version={OLDEST_POSTGRES}",
        f"--exclude={','.join(UNASKED)}",
        "--reporter=json",
        f"--stdin-filepath={migration.name}.sql",
        *(["--assume-in-transaction"] if migration.atomic else []),
    ]
    done = subprocess.run(command, input=sql, capture_output=True, text=True)
    found = json.loads(done.stdout or "[]")
    lines = sql.splitlines()
    asked = ((one["rule_name"], one["message"], _line(lines, one)) for one in found)
    return [
        Fault(migration.name, f"{rule}: {message} ({line})")
        for rule, message, line in asked
        if not (rule == SWEPT[0] and SWEPT[1] in line)
    ]


def _line(lines: Sequence[str], found: dict[str, Any]) -> str:
    at = int(found.get("line", 0))
    return lines[at].strip()[:100] if at < len(lines) else ""
