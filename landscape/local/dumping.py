"""PostgreSQL's own programs for dumping and restoring a database, and a hash of every table, equal on both sides."""

import contextlib
import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from landscape.local.postgres import CLEAN, PostgresError, major_of, packaged

SYSTEM = Path("/usr/lib/postgresql")


class BackupError(Exception):
    """A backup cannot be made, read or restored; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Database:
    """Where a database is, and how its programs are told without a password on a command line."""

    parameters: Mapping[str, str]
    password: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Database":
        """From Django's words for it; of its options those that libpq, and so every program, understands."""
        named = {"host": "HOST", "port": "PORT", "user": "USER", "dbname": "NAME"}
        known = {entry.keyword.decode() for entry in psycopg.pq.Conninfo.get_defaults()} - {"password"}
        options = {name: str(value) for name, value in given.get("OPTIONS", {}).items() if name in known}
        told = {name: str(given[key]) for name, key in named.items() if given.get(key)}
        return cls(options | told, str(given.get("PASSWORD") or ""))

    def connect(self, **more: Any) -> psycopg.Connection:
        options: dict[str, Any] = {**self.parameters, "connect_timeout": "10", **more}
        if self.password:
            options["password"] = self.password
        try:
            return psycopg.connect(**options)
        except psycopg.OperationalError as error:
            raise BackupError(f"The database does not answer; it is named in DATABASE_URL. {error}".strip()) from error

    @property
    def target(self) -> str:
        return psycopg.conninfo.make_conninfo("", **self.parameters)

    @property
    def environment(self) -> dict[str, str]:
        return CLEAN | ({"PGPASSWORD": self.password} if self.password else {})


@dataclass(frozen=True, slots=True)
class Programs:
    """One folder of PostgreSQL's programs."""

    folder: Path
    major: int

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


@dataclass(frozen=True, slots=True)
class TableDigest:
    """What a table held at one moment: equal digests are equal columns and equal rows."""

    rows: int
    sha256: str


def folders() -> Iterator[Path]:
    """Where the programs may lie: the wheel's first, then the machine's, newest first."""
    with contextlib.suppress(PostgresError):
        yield packaged()
    if found := shutil.which("pg_dump"):
        yield Path(found).resolve().parent
    yield from sorted(SYSTEM.glob("*/bin"), key=lambda folder: folder.parent.name.zfill(4), reverse=True)


def programs(*, at_least: int) -> Programs:
    """The first that are not older: an older pg_dump refuses a newer server, an older pg_restore a newer file."""
    seen = []
    for folder in folders():
        try:
            told = subprocess.run(
                [folder / "pg_dump", "--version"], capture_output=True, text=True, check=True, env=CLEAN
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        major = int(major_of(told.stdout.partition(" (")[0] + told.stdout.partition(")")[2]))
        if major >= at_least:
            return Programs(folder, major)
        seen.append(f"{major} in {folder}")
    raise BackupError(
        f"pg_dump, pg_restore and psql of PostgreSQL {at_least} or newer are needed and were not found "
        f"({', '.join(seen) or 'none at all'}): install postgresql-client-{at_least}"
    )


def server_major(connection: psycopg.Connection) -> int:
    """PostgreSQL's major version on the other side, by which the programs to use are chosen."""
    return connection.info.server_version // 10_000


def tables(connection: psycopg.Connection) -> list[str]:
    """The names of the tables in the schema public, sorted; neither views nor what extensions keep elsewhere."""
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
    )
    return [name for (name,) in found]


def applied_migrations(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """App and name of each in the order of applying; raises BackupError where the database is not a site's."""
    if "django_migrations" not in tables(connection):
        raise BackupError("This database has no table django_migrations: nothing of this site is in it")
    return [(app, name) for app, name in connection.execute("SELECT app, name FROM django_migrations ORDER BY id")]


def digest_of(connection: psycopg.Connection, table: str) -> TableDigest:
    """Every column that is stored by hand, every row in the order of the primary key, as PostgreSQL's binary COPY.

    What the server generates is left out: it follows from the rest, and may differ between versions.
    """
    columns = connection.execute(
        "SELECT attname, format_type(atttypid, atttypmod), typcollation <> 0 AS text "
        "FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid WHERE attrelid = %s::regclass "
        "AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attname",
        [_quoted(table)],
    ).fetchall()
    key = connection.execute(
        "SELECT attname FROM pg_index, unnest(indkey) WITH ORDINALITY AS part(attnum, place) "
        "JOIN pg_attribute USING (attnum) WHERE indrelid = %s::regclass AND indisprimary AND attrelid = indrelid "
        "ORDER BY place",
        [_quoted(table)],
    ).fetchall()
    # Two servers may sort words by the rules of two languages.
    texts = {name for name, _, text in columns if text}
    order = [
        sql.SQL("{} COLLATE {}").format(sql.Identifier(name), sql.Identifier("C"))
        if name in texts
        else sql.Identifier(name)
        for (name,) in key
    ] or [sql.SQL("{}::text COLLATE {}").format(sql.Identifier(name), sql.Identifier("C")) for name, _, _ in columns]
    query = sql.SQL("COPY (SELECT {} FROM {} {}) TO STDOUT (FORMAT binary)").format(
        sql.SQL(", ").join(sql.Identifier(name) for name, _, _ in columns),
        sql.Identifier("public", table),
        sql.SQL("ORDER BY {}").format(sql.SQL(", ").join(order)) if order else sql.SQL(""),
    )
    digest = hashlib.sha256("\n".join(f"{name} {kind}" for name, kind, _ in columns).encode())
    with connection.cursor() as cursor:
        with cursor.copy(query) as copy:
            for block in copy:
                digest.update(block)
        rows = cursor.rowcount
    return TableDigest(rows, digest.hexdigest())


def _quoted(table: str) -> str:
    return sql.Identifier("public", table).as_string(None)


def said(program: str, stderr: str) -> str:
    """The last words of a program that failed, without what it quotes of a table's rows."""
    lines = [line for line in stderr.splitlines() if line.strip() and not re.match(r"(CONTEXT|DETAIL|LINE)\b", line)]
    return f"{program}: {' '.join(lines[-3:]) or 'it said nothing'}"


def dump(database: Database, programs: Programs, file: Path, *, snapshot: str) -> "subprocess.Popen[str]":
    """Start writing the rows and the schema that the snapshot sees; the caller waits for the end."""
    command = [
        programs["pg_dump"],
        "--format=custom",
        "--compress=3",
        "--no-owner",  # the database belongs to whoever restores it
        "--no-privileges",
        "--no-comments",  # those of extensions are their owner's, who may be somebody else
        f"--snapshot={snapshot}",
        f"--file={file}",
        f"--dbname={database.target}",
    ]
    return subprocess.Popen(command, env=database.environment, cwd="/", stderr=subprocess.PIPE, text=True)


def contents(programs: Programs, file: Path) -> list[str]:
    """The tables whose rows are in a dump, which is unpacked to its end on the way; raises BackupError."""
    listing = _run([programs["pg_restore"], "--list", str(file)])
    _run([programs["pg_restore"], "--file=/dev/null", str(file)])
    return re.findall(r"^\d+; \d+ \d+ TABLE DATA public (\S+)", listing, re.MULTILINE)


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(command, env=CLEAN, cwd="/", capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise BackupError(said(Path(command[0]).name, done.stderr))
    return done.stdout
