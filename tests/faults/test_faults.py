"""The short part of the fault suite: six kills at moments of one seed, and a program that would see each violation.

The whole is a command: `python -m tests.faults --help`.
"""

import ast
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.faults import invariants
from tests.faults.installation import PROJECT
from tests.faults.kinds import KINDS, PUBLISHERS
from tests.faults.world import URLS, World
from tests.pipeline.steps import same_database, take_in
from tests.pipeline.vintages import PANEL, PRICES

# Which kinds it hits goes round with the days: six of a seed are other ones every day, and can be given.
SEED = os.environ.get("FAULTS_SEED") or os.environ["TESTS_DAY"]
KILLS = 6
SHORT = (
    "pool child", "collector", "computer", "whoever", "worker at: mid-COPY", "worker at: before the commit",
    "worker at: before SMTP 250", "worker at: after SMTP 250", "worker at: fetch", "web server", "beat",
    "broker killed", "broker restarted empty",
)  # fmt: skip


@pytest.mark.e2e
def test_six_kills_lose_nothing_double_nothing_and_leave_nothing_lying() -> None:
    only = [word for name in SHORT for word in ("--only", name)]
    command = ["--seed", SEED, "--seeds", "1", "--kills", str(KILLS), "--readers", "40", "--patience", "4", "--single"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", *command, "--surroundings", "disk", *only],
        cwd=PROJECT, capture_output=True, text=True, check=False, timeout=540,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3000:]}"
    assert "violations: 0" in done.stdout
    kills = re.search(r"(\d+) kills \(\d+ processes\) over 1 whole seeds", done.stdout)
    assert kills is not None
    assert int(kills[1]) >= KILLS


def test_every_kind_of_fault_has_a_stated_time_and_stands_in_the_document() -> None:
    told = (PROJECT / "docs" / "faults.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| ([^|]+?) +\| +(\d+) +\|", told, re.MULTILINE))
    assert rows == {name: f"{kind.within:.0f}" for name, kind in KINDS.items()}


def test_whatever_the_mirror_of_the_live_sources_can_do_our_publisher_does_too() -> None:
    mirror = PROJECT / ".." / "shared" / "mirror.py"
    if not mirror.exists():
        pytest.skip("no ../shared/mirror.py beside the project")
    compared = [
        node for node in ast.walk(ast.parse(mirror.read_text("utf-8")))
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name) and node.left.id == "mode"
    ]  # fmt: skip
    modes = {
        part.value
        for node in compared
        for part in ast.walk(node.comparators[0])
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
    assert {"500", "slow", "bomb"} < modes
    assert modes <= set(PUBLISHERS)


# ruff: noqa: S608  the names of tables are ours
# The program that checks must see what is wrong: each violation is made by hand in a database of the tests.


@pytest.fixture
def history(transactional_db: None, installed: None, tmp_path: Path) -> Path:
    """Three vintages of two documents and one that is broken, published and read."""
    world = World(random.Random(3))  # noqa: S311
    log = (tmp_path / "requests.jsonl").open("w")
    for number, url in enumerate((PANEL, PRICES, PANEL, PRICES, PANEL), 1):
        vintage = world.step(url)
        vintage.keep(tmp_path)
        take_in(url, vintage.body, datetime(2026, 11, 2, 6, number, tzinfo=UTC), vintage.media_type)
        told = {"published": url, "sha256": vintage.sha256, "good": True, "number": vintage.number}
        answer = {"place": url, "status": 200, "whole": True, "sha256": vintage.sha256}
        log.writelines(json.dumps({"at": number, **line}) + "\n" for line in (told, answer))
    log.close()
    for name in ("mail", "clerk", "readers"):
        (tmp_path / f"{name}.jsonl").touch()
    assert {PANEL, PRICES} < set(URLS)
    return tmp_path


@pytest.fixture
def held(history: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[], dict[str, bool]]:
    """What the program says of this test's database, by invariant."""
    url = same_database()["DATABASE_URL"].replace("postgres://", "postgresql://")
    logs = [f"--{name}-log={history / name}.jsonl" for name in ("mail", "clerk", "readers")]

    def ask() -> dict[str, bool]:
        invariants.main([url, f"--publisher-log={history / 'requests.jsonl'}", *logs, "--at-rest", "--strict"])
        found = re.findall(r"^(holds|BROKEN) +(.+)$", capsys.readouterr().out, re.MULTILINE)
        return {name: word == "holds" for word, name in found}

    return ask


TABLES = ("tracker_score", "tracker_snapshot", "tracker_blob", "tracker_endpoint", "tracker_dataversion")
VIOLATIONS = {
    "no fact is lost": "UPDATE tracker_snapshot SET blob_id = (SELECT min(blob_id) FROM tracker_snapshot)",
    "the last good vintage is what is current": "UPDATE tracker_score SET value = value / 2 WHERE id = "
    "(SELECT max(id) FROM tracker_score WHERE known_to IS NULL)",
    "no fact is doubled": "UPDATE tracker_score SET known_to = known_to + interval '1 day' WHERE id = "
    "(SELECT id FROM tracker_score WHERE superseded_by_id IS NOT NULL LIMIT 1)",
    "what superseded is a line": "UPDATE tracker_score SET superseded_by_id = (SELECT superseded_by_id FROM "
    "tracker_score WHERE superseded_by_id IS NOT NULL LIMIT 1) WHERE known_to IS NOT NULL",
    "no snapshot is half": "UPDATE tracker_blob SET size = size - 1",
    "nothing is left lying": "UPDATE tracker_endpoint SET lease_until = now(), lease_by = 'here:1999999' "
    "WHERE id = (SELECT min(id) FROM tracker_endpoint)",
    "the last run knows the last facts": "UPDATE tracker_dataversion SET value = value + 1",
}


def test_each_violation_is_seen_and_whole_data_are_not_accused(history: Path, held) -> None:
    whole = held()
    assert {name for name, holds in whole.items() if not holds} == {"the last run knows the last facts"}, whole
    for name, damage in VIOLATIONS.items():
        with rows_as_they_are(), psycopg.connect(same_database()["DATABASE_URL"]) as other:
            other.execute(damage)
            other.commit()
            assert not held()[name], f"{name} was broken and nobody saw it"
    readers = history / "readers.jsonl"
    for status, again, holds in ((500, "10", False), (503, "", False), (503, "10", True)):
        readers.write_text(json.dumps({"path": "/", "status": status, "again": again}) + "\n")
        assert held()["no reader is told of a fault of ours"] is holds
    readers.write_text("")
    assert held() == whole


@contextmanager
def rows_as_they_are() -> Iterator[None]:
    """What the block does to these tables is undone."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE faults_{table} AS TABLE {table}")
        yield
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} LIMIT 0")
            key = "sha256" if table == "tracker_blob" else "id"
            columns = [column.name for column in cursor.description if column.name != key]
            pairs = ", ".join(f"{name} = s.{name}" for name in columns)
            cursor.execute(f"UPDATE {table} t SET {pairs} FROM faults_{table} s WHERE s.{key} = t.{key}")
            cursor.execute(f"DROP TABLE faults_{table}")


def test_a_letter_that_went_out_twice_or_not_at_all_is_seen(history: Path, held) -> None:
    from tests.digest.sending import addressed
    from tracker.models import Letter

    addressed(3)
    now = datetime(2026, 11, 22, tzinfo=UTC)
    Letter.objects.update(state="sent", settled_at=now)
    first, second, third = Letter.objects.values_list("message_id", flat=True)
    box = history / "mail.jsonl"

    def say(*names: str) -> dict[str, bool]:
        box.write_text("".join(json.dumps({"message_id": name, "to": "x"}) + "\n" for name in names))
        return held()

    once = say(first, second, third)
    assert once["no letter goes out twice"]
    assert once["no letter is lost silently"]
    assert not say(first, second, third, third)["no letter goes out twice"]
    assert not say(first, second)["no letter is lost silently"]
