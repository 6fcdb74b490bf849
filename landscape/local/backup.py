"""A backup: a folder with the database as it was at one moment, what else lies in files, and a hash of everything."""

import contextlib
import hashlib
import hmac
import json
import os
import re
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from landscape.local.dumping import (
    BackupError,
    Database,
    TableDigest,
    applied_migrations,
    contents,
    digest_of,
    dump,
    programs,
    said,
    server_major,
    tables,
)
from landscape.local.locks import TakenError, sole

FORMAT = 1
NAME = re.compile(r"landscape-\d{8}T\d{6}Z")
DUMP, MANIFEST, SUMS, KEY = "database.dump", "manifest.json", "SHA256SUMS", "secret-key"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    made_at: str
    version: str  # of this product
    server: int  # PostgreSQL's major version
    dumped_by: int  # pg_dump's
    migrations: tuple[tuple[str, str], ...]
    tables: Mapping[str, TableDigest]
    folders: Mapping[str, int]  # each kept folder of the state folder, and its number of files
    key_mark: str  # tells one SECRET_KEY from another, and nothing about either

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a backup. `folders` names folders of the state folder and which of their files are kept."""

    database: Database
    state: Path
    folders: Mapping[str, str]
    version: str
    secret_key: str
    with_secret_key: bool


def key_mark(secret_key: str) -> str:
    """Equal for equal keys; the key cannot be found from it, and so it may lie in a backup's manifest."""
    return hmac.new(secret_key.encode(), b"landscape.local.backup", hashlib.sha256).hexdigest()[:16]


def write(
    target: Path,
    what: Contents,
    *,
    now: datetime,
    keep: int | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[Path, Manifest]:
    """Make one more backup under the target; older ones than the newest `keep` go once it is whole."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    final = target / f"landscape-{now:%Y%m%dT%H%M%SZ}"
    try:
        with sole(target / ".lock", note=f"process {os.getpid()}"):
            for left in target.glob("*.draft"):  # of one that was killed
                shutil.rmtree(left)
            if final.exists():
                raise BackupError(f"{final} is there already")
            draft = final.with_name(f"{final.name}.draft")
            draft.mkdir(mode=0o700)
            try:
                manifest = _fill(draft, what, now=now, say=say)
                _seal(draft)
                draft.rename(final)
                _sync(target)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
            if keep is not None:
                prune(target, keep=keep, say=say)
    except TakenError as other:
        raise BackupError(f"Another backup is being written to {target} ({other})") from None
    except OSError as error:
        raise BackupError(f"{error.filename or target}: {error.strerror}") from error
    return final, manifest


def _fill(draft: Path, what: Contents, *, now: datetime, say: Callable[[str], None]) -> Manifest:
    with what.database.connect() as connection:
        chosen = programs(at_least=server_major(connection))
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute("SET LOCAL statement_timeout = 0")
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        snapshot = str(row[0]) if row else ""
        migrations = applied_migrations(connection)
        # Both see what was committed when the snapshot was taken, whatever is written meanwhile.
        with dump(what.database, chosen, draft / DUMP, snapshot=snapshot) as process:
            try:
                digests = {}
                for table in tables(connection):
                    say(f"Reading {table}")
                    digests[table] = digest_of(connection, table)
                say("Waiting for pg_dump")
                _, stderr = process.communicate()
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise BackupError(said("pg_dump", stderr))
        major = server_major(connection)
    kept = {
        name: _pack(what.state / name, pattern, draft / f"{name}.tar.gz")
        for name, pattern in what.folders.items()
        if (what.state / name).is_dir()
    }
    if what.with_secret_key:
        (draft / KEY).touch(mode=0o600)
        (draft / KEY).write_text(what.secret_key)
    manifest = Manifest(
        FORMAT,
        f"{now:%Y-%m-%dT%H:%M:%SZ}",
        what.version,
        major,
        chosen.major,
        tuple(migrations),
        digests,
        kept,
        key_mark(what.secret_key),
    )
    (draft / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n")
    return manifest


def _pack(folder: Path, pattern: str, archive: Path) -> int:
    """The plain files of a folder that match; what vanishes meanwhile was on its way and has arrived elsewhere."""
    count = 0
    with tarfile.open(archive, "w:gz", compresslevel=3) as tar:
        for file in sorted(folder.glob(pattern)):
            if file.is_symlink() or not file.is_file():
                continue
            with contextlib.suppress(FileNotFoundError), file.open("rb") as opened:
                entry = tar.gettarinfo(arcname=str(file.relative_to(folder)), fileobj=opened)
                tar.addfile(entry, opened)
                count += 1
    return count


def _seal(draft: Path) -> None:
    """Hashes that `sha256sum --check SHA256SUMS` reads as well, and everything on the disk before it counts."""
    files = sorted(file for file in draft.iterdir() if file.is_file())
    (draft / SUMS).write_text("".join(f"{sha256(file)}  {file.name}\n" for file in files))
    for file in (*files, draft / SUMS):
        file.chmod(0o600)
        _sync(file)
    _sync(draft)


def _sync(path: Path) -> None:
    held = os.open(path, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def sha256(file: Path) -> str:
    """Of the content, in hexadecimal as `sha256sum` writes it. The file is never in memory as a whole."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def backups(target: Path) -> list[Path]:
    """The whole ones, oldest first: what is not whole has no name yet."""
    return sorted(folder for folder in target.iterdir() if NAME.fullmatch(folder.name) and folder.is_dir())


def prune(target: Path, *, keep: int, say: Callable[[str], None]) -> None:
    """Remove all whole backups but the newest `keep`, of which one at least stays, be `keep` 0."""
    for old in backups(target)[: -max(1, keep)]:
        going = old.rename(old.with_name(f"{old.name}.draft"))  # half of it must not look like a whole one
        shutil.rmtree(going)
        say(f"Removed {old.name}")


def find(source: Path) -> Path:
    """The backup meant: the folder itself, or the newest in it."""
    if (source / SUMS).is_file():
        return source
    found = backups(source) if source.is_dir() else []
    if not found:
        raise BackupError(f"{source} is no backup and holds none: a backup has a file {SUMS}")
    return found[-1]


def checked(backup: Path) -> Manifest:
    """What the backup says of itself, after every byte of it was read; raises BackupError at the first wrong one."""
    for name, wanted in _sums(backup):
        try:
            if sha256(backup / name) != wanted:
                raise BackupError(f"{backup / name} is damaged: it has not the hash that {SUMS} gives")
        except OSError as error:
            raise BackupError(f"{backup / name} cannot be read: {error.strerror}") from error
    manifest = _read(backup / MANIFEST)
    held = set(contents(programs(at_least=manifest.dumped_by), backup / DUMP))
    if missing := manifest.tables.keys() - held:
        raise BackupError(f"{backup / DUMP} lacks the rows of {', '.join(sorted(missing))}")
    return manifest


def _sums(backup: Path) -> Iterator[tuple[str, str]]:
    found = {}
    for line in (backup / SUMS).read_text(errors="replace").splitlines():
        match = re.fullmatch(r"([0-9a-f]{64})  ([A-Za-z0-9._-]+)", line)
        if match is None:
            raise BackupError(f"{backup / SUMS} is damaged: {line[:80]!r} is no line of it")
        found[match[2]] = match[1]
    for name in (DUMP, MANIFEST):
        if name not in found:
            raise BackupError(f"{backup / SUMS} is cut off: it does not name {name}")
    return iter(found.items())


def _read(file: Path) -> Manifest:
    try:
        told = json.loads(file.read_text())
        if told["format"] != FORMAT:
            raise BackupError(f"{file} has the format {told['format']}; this version reads {FORMAT}")
        return Manifest(
            **told
            | {
                "migrations": tuple((app, name) for app, name in told["migrations"]),
                "tables": {name: TableDigest(**table) for name, table in told["tables"].items()},
            }
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{file} is no manifest of a backup: {error}") from error
