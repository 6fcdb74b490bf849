"""Backup and restore on a real PostgreSQL: what comes back is what was there, and what is damaged changes nothing."""

import dataclasses
import io
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from landscape.local import backup, restore
from landscape.local.dumping import BackupError, Database, TableDigest, digest_of, programs, tables

# A marker tells pytest-django that the database is wanted; what the tests work with are databases beside it.
pytestmark = pytest.mark.django_db

T = TypeVar("T")
NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
KEY = "a key that is long enough to be one, and more"
# What is easily lost on the way: signs, empty and absent, infinities, the smallest step of a number, bytes, words.
AWKWARD = """
CREATE TABLE awkward (id text PRIMARY KEY, number double precision, exact numeric, bytes bytea, words jsonb,
                      at timestamptz, names text[], twice double precision GENERATED ALWAYS AS (number * 2) STORED);
INSERT INTO awkward VALUES
  ('é', '-0', 1.10, '\\x00ff', '{"b": 1, "a": [null, "\\u2028"]}', '2026-03-29 02:30+01', '{a,"b,c",NULL}'),
  ('Z', 'NaN', 1e-20, '', 'null', '-infinity', '{}'),
  ('a', 0.1, NULL, NULL, NULL, NULL, NULL),
  ('e', 4.9e-324, 12345678901234567890.5, '\\x5c2e0a', '"tab\\there"', '0044-03-15 12:00 BC', '{"\\\\."}');
CREATE TABLE keyless (name text, value integer);
INSERT INTO keyless VALUES ('b', 1), ('a', 2), (NULL, 3), ('a', 2);
"""


Make = Callable[..., Database]


@pytest.fixture(scope="module")
def make(django_db_setup: None, django_db_blocker: Any) -> Iterator[Make]:
    """Makes databases on the tests' server: empty ones, or copies."""
    from django.db import connection

    home = Database.of({**connection.settings_dict, "NAME": "postgres"})
    names: list[str] = []

    def make(template: str = "template0") -> Database:
        names.append(f"backup_{os.getpid()}_{len(names)}")
        with home.connect(autocommit=True) as session:
            session.execute(f'CREATE DATABASE "{names[-1]}" TEMPLATE "{template}"')
        return Database.of({**connection.settings_dict, "NAME": names[-1]})

    with django_db_blocker.unblock():
        yield make
        connection.close()
        with home.connect(autocommit=True) as session:
            for name in names:
                session.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def source(make: Make, django_db_setup: None) -> str:
    """The name of a database that holds the catalogue and rows that are easily lost."""
    from django.db import connection
    from django.utils import timezone

    from tests.conftest import end_other_sessions
    from tests.pages.databases import connected_to
    from tracker.pipeline.catalog import load_catalog

    end_other_sessions()
    database = make(connection.settings_dict["NAME"])
    with connected_to(database.parameters["dbname"]):
        load_catalog(now=timezone.now())
    with database.connect(autocommit=True) as session:
        session.execute(AWKWARD)
    return str(database.parameters["dbname"])


@pytest.fixture(scope="module")
def database(source: str) -> Database:
    from django.db import connection

    return Database.of({**connection.settings_dict, "NAME": source})


CONTENTS = [field.name for field in dataclasses.fields(backup.Contents)]


def write(target: Path, database: Database, **more: Any) -> Path:
    told: dict[str, Any] = {
        "state": target.parent,
        "folders": {"mail": "*"},
        "version": "0.1.0",
        "secret_key": KEY,
        "with_secret_key": False,
        "now": NOW,
    }
    told |= more
    contents = {field: told.pop(field) for field in CONTENTS if field != "database"}
    return backup.write(target, backup.Contents(database=database, **contents), **told)[0]


def digests(database: Database) -> dict[str, TableDigest]:
    with database.connect() as session:
        return {name: digest_of(session, name) for name in tables(session)}


@pytest.fixture(scope="module")
def whole(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup that nobody changes."""
    return write(tmp_path_factory.mktemp("whole"), database)


@pytest.fixture
def copied(whole: Path, tmp_path: Path) -> Path:
    """The same one, to be damaged."""
    copy = tmp_path / whole.name
    copy.mkdir()
    for file in whole.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def reseal(folder: Path) -> None:
    """Hashes that fit what the files have become."""
    files = sorted(file for file in folder.iterdir() if file.name != backup.SUMS)
    (folder / backup.SUMS).write_text("".join(f"{backup.sha256(file)}  {file.name}\n" for file in files))


def test_every_table_comes_back_as_it_was(database: Database, whole: Path, make: Make) -> None:
    empty = make()
    manifest = backup.checked(whole)
    restore.rows(whole, manifest, database=empty, replace=False)
    before = digests(database)
    assert digests(empty) == before == manifest.tables
    assert before["awkward"].rows == before["keyless"].rows == 4
    assert before["tracker_benchmark"].rows > 50
    with empty.connect() as session, database.connect() as other:
        # What the server generates, and what numbers the next row.
        for question in (
            "SELECT twice::text FROM awkward ORDER BY id",
            "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1",
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
            "SELECT conname, conrelid::regclass::text, contype FROM pg_constraint ORDER BY 1, 2",
            "SELECT indexname, tablename FROM pg_indexes ORDER BY 1",
            "SELECT extname FROM pg_extension ORDER BY 1",
        ):
            assert session.execute(question).fetchall() == other.execute(question).fetchall()


def test_the_hash_of_a_table_changes_with_any_cell_and_not_with_the_order_of_writing(
    database: Database, make: Make, source: str
) -> None:
    with make(source).connect() as session:
        first, keyless = digest_of(session, "awkward"), digest_of(session, "keyless")
        session.execute("UPDATE awkward SET number = number")  # writes every row anew, behind the others
        session.execute("CREATE TABLE other AS SELECT * FROM keyless ORDER BY value DESC")
        session.execute("DROP TABLE keyless")
        session.execute("ALTER TABLE other RENAME TO keyless")
        assert (digest_of(session, "awkward"), digest_of(session, "keyless")) == (first, keyless)
        seen = {first}
        for change in ("number = 0 WHERE id = 'é'", "bytes = NULL WHERE id = 'Z'", "id = 'É' WHERE id = 'é'"):
            session.execute(f"UPDATE awkward SET {change}")  # noqa: S608
            seen.add(digest_of(session, "awkward"))
        assert len(seen) == 4


def test_rows_written_while_the_backup_runs_are_in_neither_the_dump_nor_the_hashes(
    tmp_path: Path, make: Make, source: str
) -> None:
    busy = make(source)
    before = digests(busy)

    def say(line: str) -> None:
        with busy.connect(autocommit=True) as session:
            session.execute("INSERT INTO keyless VALUES (%s, 0)", [line])

    folder = write(tmp_path, busy, say=say)
    assert digests(busy) != before
    empty = make()
    restore.rows(folder, backup.checked(folder), database=empty, replace=False)
    assert digests(empty) == before


def flipped(folder: Path) -> None:
    file = folder / backup.DUMP
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def cut(folder: Path) -> None:
    file = folder / backup.DUMP
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def cut_at_the_end(folder: Path) -> None:
    file = folder / backup.DUMP
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 19 // 20])


def without_manifest(folder: Path) -> None:
    (folder / backup.MANIFEST).unlink()


def other_manifest(folder: Path) -> None:
    file = folder / backup.MANIFEST
    file.write_text(file.read_text().replace('"rows": 4', '"rows": 3'))


def cut_sums(folder: Path) -> None:
    file = folder / backup.SUMS
    file.write_text(file.read_text()[:30])


def empty_sums(folder: Path) -> None:
    (folder / backup.SUMS).write_text("")


def cut_and_resealed(folder: Path) -> None:
    cut(folder)
    reseal(folder)


def no_manifest_but_resealed(folder: Path) -> None:
    (folder / backup.MANIFEST).write_text("[]")
    reseal(folder)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (flipped, "database.dump is damaged"),
        (cut, "database.dump is damaged"),
        (without_manifest, "manifest.json cannot be read"),
        (other_manifest, "manifest.json is damaged"),
        (cut_sums, "SHA256SUMS is damaged"),
        (empty_sums, "SHA256SUMS is cut off"),
        (cut_and_resealed, "pg_restore: "),
        (no_manifest_but_resealed, "is no manifest"),
    ],
)
def test_what_is_damaged_is_named(copied: Path, damage: Callable[[Path], None], said: str) -> None:
    damage(copied)
    with pytest.raises(BackupError, match=said):
        backup.checked(copied)


@pytest.mark.parametrize("damage", [cut, cut_at_the_end])
def test_a_dump_that_breaks_off_half_way_takes_nothing_away(
    copied: Path, damage: Callable[[Path], None], make: Make, source: str
) -> None:
    """As it would be if the disk failed between the check and the restoring."""
    manifest = backup.checked(copied)
    damage(copied)
    empty, full = make(), make(source)
    before = digests(full)
    for database, replace in ((empty, False), (full, True)):
        with pytest.raises(BackupError, match="Nothing was changed"):
            restore.rows(copied, manifest, database=database, replace=replace)
    assert digests(empty) == {}
    assert digests(full) == before


def test_a_database_that_holds_tables_is_refused_unless_told_to_replace_them(
    whole: Path, make: Make, source: str
) -> None:
    full, manifest = make(source), backup.checked(whole)
    with full.connect() as session:
        session.execute("DELETE FROM keyless")
        session.execute("CREATE TABLE newer ()")
    before = digests(full)
    with pytest.raises(BackupError, match="already holds"):
        restore.rows(whole, manifest, database=full, replace=False)
    assert digests(full) == before
    restore.rows(whole, manifest, database=full, replace=True)
    assert digests(full) == manifest.tables


def test_a_table_that_came_back_otherwise_is_named(whole: Path, database: Database) -> None:
    manifest = backup.checked(whole)
    restore.compare(manifest, database=database)
    wrong = {**manifest.tables, "keyless": TableDigest(4, "0" * 64), "gone": TableDigest(0, "0" * 64)}
    forged = backup.Manifest(**{**{name: getattr(manifest, name) for name in manifest.__slots__}, "tables": wrong})
    with pytest.raises(BackupError, match="not as they were backed up: keyless, gone"):
        restore.compare(forged, database=database)


def test_a_backup_of_a_newer_version_is_refused_by_the_name_of_its_migration(whole: Path) -> None:
    manifest = backup.checked(whole)
    known = set(manifest.migrations)
    restore.refuse_newer(manifest, known | {("tracker", "0099_later")})
    with pytest.raises(BackupError, match=r"tracker\.0013_digest"):
        restore.refuse_newer(manifest, known - {("tracker", "0013_digest")})


def test_only_the_newest_stay_and_only_ours_go(tmp_path: Path, database: Database) -> None:
    target = tmp_path / "backups"
    for name in ("landscape-20261101T000000Z", "landscape-20261102T000000Z", "holiday", "landscape-1.draft"):
        (target / name).mkdir(parents=True)
        (target / name / "something").touch()
    made = write(target, database, keep=2)
    assert {path.name for path in target.iterdir()} == {".lock", "holiday", "landscape-20261102T000000Z", made.name}
    assert backup.find(target) == made
    assert {oct(file.stat().st_mode & 0o777) for file in made.iterdir()} == {"0o600"}


def test_a_backup_that_fails_leaves_what_was_there(tmp_path: Path, database: Database) -> None:
    nobody = Database.of({"NAME": "nowhere", "HOST": database.parameters["host"], "USER": "postgres"})
    with pytest.raises(BackupError, match="DATABASE_URL"):
        write(tmp_path / "backups", nobody, keep=1)
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [".lock"]
    with pytest.raises(BackupError, match="holds none"):
        backup.find(tmp_path / "backups")


def test_letters_on_this_machine_come_back_and_replace_none(tmp_path: Path, database: Database) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, letters in ((old, {"1.log": "one", "2.log": "two"}), (new, {"2.log": "other"})):
        (folder / "mail").mkdir(parents=True)
        for name, text in letters.items():
            (folder / "mail" / name).write_text(text)
    folder = write(tmp_path / "backups", database, state=old, with_secret_key=True)
    assert (folder / backup.KEY).read_text() == KEY
    assert restore.files(folder, backup.checked(folder), state=new) == {"mail": 1}
    assert {file.name: file.read_text() for file in (new / "mail").iterdir()} == {"1.log": "one", "2.log": "other"}


def test_without_the_key_that_opens_addresses_nothing_is_restored(copied: Path, tmp_path: Path) -> None:
    manifest, kept = backup.checked(copied), tmp_path / "secret-key"
    kept.write_text("the key of a new machine\n")

    def needed(secret_key: str, *, other: bool = False, fallbacks: tuple[str, ...] = ()) -> restore.Key:
        return restore.key_needed(
            copied, manifest, secret_key=secret_key, fallbacks=fallbacks, kept_in=kept, other=other
        )

    assert needed(KEY) is restore.Key.SAME
    assert needed("a newer key", fallbacks=(KEY,)) is restore.Key.SAME
    assert needed("given by the environment", other=True) is restore.Key.OTHER
    with pytest.raises(BackupError, match="--other-key"):
        needed("the key of a new machine")
    (copied / backup.KEY).write_text(KEY)
    assert needed("the key of a new machine") is restore.Key.SWAPPED
    with pytest.raises(BackupError, match="SECRET_KEY"):
        needed("given by the environment")
    restore.swap_key(copied, kept)
    assert kept.read_text() == KEY
    assert kept.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secret-key.before").read_text() == "the key of a new machine\n"


def test_programs_older_than_the_server_are_not_used() -> None:
    assert programs(at_least=15).major >= 15
    with pytest.raises(BackupError, match="postgresql-client-99"):
        programs(at_least=99)


def elsewhere(database: Database, action: Callable[[], T]) -> T:
    """What the action returns when Django is connected to that database: in a thread, which has no transaction."""
    from tests.pages.databases import connected_to

    def run() -> T:
        with connected_to(database.parameters["dbname"]):
            return action()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def test_an_older_backup_is_restored_and_migrated_by_the_commands(
    tmp_path: Path, make: Make, source: str, settings: Any
) -> None:
    from django.core.management import CommandError, call_command
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    newest, before = sorted(MigrationLoader(None).disk_migrations, reverse=True)[:2]
    assert newest[0] == before[0] == "tracker"
    settings.STATE_DIR, settings.EMBEDDED_POSTGRES = tmp_path, False
    older, empty = make(source), make()

    def run(*arguments: str) -> Any:
        out = io.StringIO()
        call_command(*arguments, stdout=out, stderr=io.StringIO())
        return json.loads(out.getvalue()) if "--json" in arguments else out.getvalue()

    elsewhere(older, lambda: run("migrate", *before, "--verbosity=0"))
    told = elsewhere(older, lambda: run("backup", str(tmp_path / "backups"), "--json"))
    assert "whole" in elsewhere(empty, lambda: run("restore", str(tmp_path / "backups"), "--check"))
    assert digests(empty) == {}
    assert elsewhere(empty, lambda: run("restore", told["folder"], "--json"))["rows"] == told["rows"] > 100
    applied = elsewhere(empty, lambda: MigrationLoader(connection).applied_migrations.keys())
    assert {newest, before} <= applied
    with pytest.raises(CommandError, match="already holds"):
        elsewhere(empty, lambda: run("restore", told["folder"]))
