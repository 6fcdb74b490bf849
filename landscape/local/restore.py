"""Bringing a backup back: into a database that holds nothing, in one transaction, with every table's hash compared."""

import os
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Collection, Sequence
from enum import Enum
from pathlib import Path

from landscape.local.backup import DUMP, KEY, Manifest, key_mark
from landscape.local.dumping import BackupError, Database, Programs, digest_of, programs, said, server_major, tables

BLOCK = 1 << 20
PATIENCE = "30s"  # for whoever else still uses the tables that are to be replaced
# Newer programs set this without asking; servers before 17 have never heard of it.
UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"


def refuse_newer(manifest: Manifest, known: Collection[tuple[str, str]]) -> None:
    """An older version cannot run on tables that it does not know; a newer one migrates them."""
    if strange := [f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in known]:
        raise BackupError(
            f"The backup was made by version {manifest.version}, whose tables this version does not know "
            f"({', '.join(strange[:3])}): restore it with that version or a newer one"
        )


class Key(Enum):
    """What is to happen to SECRET_KEY."""

    SAME = ""
    SWAPPED = "SECRET_KEY is now the one of the backup; the one before lies beside it"
    OTHER = "SECRET_KEY is another one: what was encrypted or signed with the old one is lost"


def key_needed(
    backup: Path, manifest: Manifest, *, secret_key: str, fallbacks: Sequence[str] = (), kept_in: Path, other: bool
) -> Key:
    """Raises BackupError where the key under which addresses were encrypted is not to be had, unless told to go on."""
    if manifest.key_mark in {key_mark(key) for key in (secret_key, *fallbacks)}:
        return Key.SAME
    if other:
        return Key.OTHER
    # A key that the environment gives is not ours to change.
    if (backup / KEY).is_file() and kept_in.is_file() and kept_in.read_text().strip() == secret_key:
        return Key.SWAPPED
    raise BackupError(
        "SECRET_KEY is not the one that the backup was made under: readers' addresses could not be read and links "
        "in letters would not work. Set that key, or accept this with --other-key"
    )


def swap_key(backup: Path, kept_in: Path) -> None:
    """The backup's key in place of the kept one, which stays beside it."""
    draft = kept_in.with_name(f"{kept_in.name}.draft")
    draft.touch(mode=0o600)
    draft.write_text((backup / KEY).read_text())
    kept_in.replace(kept_in.with_name(f"{kept_in.name}.before"))
    draft.replace(kept_in)


def rows(
    backup: Path,
    manifest: Manifest,
    *,
    database: Database,
    replace: bool,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Restore the database. It is as before when this raises, except where the very last comparison fails."""
    with database.connect() as connection:
        present, major = tables(connection), server_major(connection)
    if present and not replace:
        raise BackupError(
            f"The database already holds {len(present)} tables, and nothing was changed: restore into an empty one, "
            "or give --replace to have all of them dropped first"
        )
    say("Restoring")
    _replay(backup / DUMP, programs(at_least=manifest.dumped_by), database, drop=bool(present), major=major)
    compare(manifest, database=database, say=say)
    with database.connect(autocommit=True) as connection:
        connection.execute("ANALYZE")


def compare(manifest: Manifest, *, database: Database, say: Callable[[str], None] = lambda line: None) -> None:
    """Raises BackupError naming the tables that are not what they were."""
    with database.connect() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        present = set(tables(connection))
        wrong = []
        for table, wanted in manifest.tables.items():
            say(f"Comparing {table}")
            if table not in present or digest_of(connection, table) != wanted:
                wrong.append(table)
    if wrong:
        raise BackupError(f"These tables are not as they were backed up: {', '.join(wrong)}")


def _replay(file: Path, programs: Programs, database: Database, *, drop: bool, major: int) -> None:
    """pg_restore writes the statements, psql carries them out; COMMIT is said only after the last of them came."""
    psql = [programs["psql"], "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={database.target}"]
    begin = [b"BEGIN;\n"]
    if drop:
        begin += [f"SET LOCAL lock_timeout = '{PATIENCE}';\n".encode()]
        begin += [b"DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\nGRANT USAGE ON SCHEMA public TO PUBLIC;\n"]
    with tempfile.TemporaryFile("w+") as told, tempfile.TemporaryFile("w+") as complained:
        reading = subprocess.Popen(
            [programs["pg_restore"], "--file=-", "--no-owner", "--no-privileges", str(file)],
            env=database.environment,
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=complained,
        )
        writing = subprocess.Popen(
            psql,
            env=database.environment,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=told,
        )
        assert reading.stdout is not None  # noqa: S101 (asked for above)
        assert writing.stdin is not None  # noqa: S101
        try:
            with reading, writing:
                writing.stdin.writelines(begin)
                # The settings stand before the first row.
                head = reading.stdout.read(4096)
                writing.stdin.write(head.replace(UNKNOWN_BEFORE_17, b"") if major < 17 else head)
                while block := reading.stdout.read(BLOCK):
                    writing.stdin.write(block)
                if reading.wait() == 0:
                    writing.stdin.write(b"\nCOMMIT;\n")
                else:
                    writing.kill()  # the server takes everything back
        except BrokenPipeError:
            reading.kill()
            reading.wait()
            writing.wait()
        told.seek(0)
        complained.seek(0)
        if writing.returncode and reading.returncode in {0, -9, -13}:
            raise BackupError(f"Nothing was changed. {said('psql', told.read())}")
        if reading.returncode:
            raise BackupError(f"Nothing was changed. {said('pg_restore', complained.read())}")


def files(backup: Path, manifest: Manifest, *, state: Path) -> dict[str, int]:
    """Unpack the kept folders beside what is there; a file that is there already stays as it is."""
    restored = {}
    for name in manifest.folders:
        folder = state / name
        folder.mkdir(mode=0o700, exist_ok=True)
        restored[name] = 0
        try:
            with tarfile.open(backup / f"{name}.tar.gz", "r:gz") as tar:
                for member in tar:
                    if member.isfile() and not (folder / member.name).exists():
                        tar.extract(member, folder, filter="data")
                        restored[name] += 1
        except (tarfile.TarError, EOFError, OSError) as error:
            raise BackupError(f"{name}.tar.gz cannot be unpacked: {error}") from error
        if os.geteuid() == 0:
            os.chmod(folder, 0o700)  # noqa: PTH101
    return restored
