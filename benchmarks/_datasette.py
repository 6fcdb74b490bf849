"""Datasette on the same rows, in an environment of its own that is made for the occasion and thrown away after."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import _server

# As generous as it can be told to be: cut short it would show fewer facets than it was asked for.
SETTINGS = {
    "facet_time_limit_ms": 120_000,
    "sql_time_limit_ms": 120_000,
    "default_page_size": 100,
    "default_facet_size": 200,
    "max_returned_rows": 1000,
    "suggest_facets": "off",
    "default_cache_ttl": 0,
}


class NotToBeHadError(Exception):
    """Why there is no Datasette here, in a sentence."""


def installed(folder: Path) -> Path:
    """The program, installed into a fresh environment under `folder`. Raises NotToBeHadError."""
    python = folder / "bin" / "python"
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "datasette"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            told = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
            raise NotToBeHadError(told[-1] if told else f"{command[1:3]} ended with {done.returncode}")
    return folder / "bin" / "datasette"


def version(program: Path) -> str:
    done = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True)
    return done.stdout.strip().rpartition(" ")[2]


def write(file: Path, columns: Iterable[str], rows: Iterable[tuple[object, ...]], facets: Iterable[str]) -> int:
    """The rows as a table of SQLite, with an index on every facet and on what pages are in the order of."""
    names = list(columns)
    with sqlite3.connect(file) as database:
        kinds = {"fact": "INTEGER PRIMARY KEY", "value": "REAL", "stderr": "REAL"}
        typed = ", ".join(f"{name} {kinds.get(name, 'TEXT')}" for name in names)
        database.execute(f"CREATE TABLE scores ({typed})")
        marks = ", ".join("?" * len(names))
        database.executemany(f"INSERT INTO scores VALUES ({marks})", rows)  # noqa: S608
        for name in facets:
            database.execute(f"CREATE INDEX scores_{name} ON scores ({name})")
        database.execute("ANALYZE")
        return int(database.execute("SELECT count(*) FROM scores").fetchone()[0])


@contextmanager
def served(program: Path, file: Path, port: int) -> Iterator[None]:
    options = [part for name, value in SETTINGS.items() for part in ("--setting", name, str(value))]
    command = [str(program), "serve", str(file), "--host", _server.HOST, "--port", str(port), *options]
    with _server.running(command, {}, port):
        yield


def path(facets: Iterable[str], wanted: Mapping[str, str], size: int = 100) -> str:
    """The page with those facets whose rows pass, the newest first."""
    keys = [("_facet", name) for name in facets]
    keys += [(f"{name}__exact", value) for name, value in wanted.items()]
    return f"/scores/scores?{urlencode([*keys, ('_sort_desc', 'fact'), ('_size', size)])}"
