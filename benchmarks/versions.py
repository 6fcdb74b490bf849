"""Whether readers notice an upgrade: two versions on one database, large tables changed under both, answers timed."""

import http.client
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
from django.core.management.base import CommandError
from django.db import connection

from benchmarks import _rehearsal, _scratch, _server

ROOT: Final = Path(__file__).resolve().parents[1]
SCORES, FETCHES, DOCUMENTS, SECONDS = 1_000_000, 1_000_000, 100_000, 20
READERS: Final = 2  # at once, of each version
STATED: Final = 1.0  # seconds that no answer may take longer than
HELD: Final = 6.0  # seconds for which somebody holds the tables that are changed, as a backup does
PAGES: Final = (
    "/", "/gap/", "/models/", "/models/gpt-5/", "/scores/?category=coding", "/benchmarks/gpqa-diamond/", "/pipeline/",
    "/pipeline/epoch_panel/", "/prices/", "/api/v1/scores?model=gpt-5", "/snapshots/1/", "/readyz",
)  # fmt: skip
# Of readers and writers who wait for a lock at this moment, how long the longest has waited: it says the same on a busy
# machine as on an idle one, which answers' times do not.
WAITING = r"""
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0), count(*)
FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND query ~* '^\s*(SELECT|INSERT|UPDATE|DELETE)'
"""
# Behind what holds now lies what held before: rows enough for a change of the table to take its time.
HISTORY: Final[dict[str, dict[str, str]]] = {
    "tracker_score": {
        "known_from": "old.known_from - (turn + 1) * interval '1 minute'",
        "known_to": "old.known_from - turn * interval '1 minute'",
        "last_snapshot_id": "old.first_snapshot_id",
    },
    "tracker_fetch": {"started_at": "old.started_at - turn * interval '1 minute'"},
    "tracker_snapshot": {"fetched_at": "old.fetched_at - turn * interval '1 minute'"},
}

Write = Callable[[str], None]


@dataclass
class Seen:
    """What one kind of asking saw in one phase."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """How many, how slow, how many of them too slow, how many failed."""
        slow = sum(one > STATED for one in self.seconds)
        return {"answers": len(self.seconds), "longest, s": max(self.seconds, default=0.0), "over": slow,
                "failed": len(self.failed)}  # fmt: skip

    def words(self) -> str:
        found = sorted(self.seconds)
        if not found:
            return f"nothing answered; {len(self.failed)} failed"
        p50, p99 = found[len(found) // 2], found[min(len(found) - 1, int(0.99 * len(found)))]
        slow = sum(one > STATED for one in found)
        return (
            f"{len(found)} answers, p50 {1000 * p50:.0f} ms, p99 {1000 * p99:.0f} ms, longest {1000 * found[-1]:.0f} "
            f"ms, {slow} over {STATED:.0f} s, {len(self.failed)} failed"
        )


class Watch:
    """Keeps what was seen, by phase and by who asked whom."""

    def __init__(self) -> None:
        self.phase = ""
        self.found: dict[tuple[str, str], Seen] = {}
        self._lock = threading.Lock()

    def note(self, phase: str, who: str, seconds: float, failed: str) -> None:
        with self._lock:
            seen = self.found.setdefault((phase, who), Seen())
            if failed:
                seen.failed.append(failed)
            else:
                seen.seconds.append(seconds)


def run(write: Write, *, old: str = "", scores: int = SCORES, seconds: int = SECONDS) -> dict[str, Any]:
    """The code of before serves and writes; the tables change under it; both versions serve; the new one alone."""
    commit = old or _before_the_last_migration()
    watch = Watch()
    with ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="alt-versions-")))
        tree = open_.enter_context(_worktree(commit, folder / "old"))
        url = open_.enter_context(_scratch.scratch_database(migrated=False))
        for words in (("migrate", "--no-input", "--verbosity=0"), ("load",)):
            _manage(tree, url, folder / "old-state", *words)
        _fill(scores)
        write(f"the code of {commit[:10]} and this one; {_counts()}")
        before = open_.enter_context(_version("old", tree, url, folder, watch))
        _phase(watch, "the old one alone", seconds)
        locks = open_.enter_context(_locks(watch))
        watch.phase = "while tables change"
        with _held():
            write(f"migrate beside somebody who holds the tables for {HELD:.0f} s: {_migrated(url, folder):.1f} s")
        for name, took, tries in _rehearsal.rehearse():
            write(f"  {name}: {took:.1f} s{f', after {tries} tries' if tries else ''}")
        with _version("new", ROOT, url, folder, watch):
            _phase(watch, "both", seconds)
            before.close()
            _phase(watch, "the new one alone", seconds)
    for phase, (longest, times) in locks.items():
        write(
            f"{phase}: readers and writers were seen waiting for a lock {times} times, {1000 * longest:.0f} ms at most"
        )
    for (phase, who), seen in watch.found.items():
        write(f"{phase}, {who}: {seen.words()}")
        for problem in sorted(set(seen.failed))[:3]:
            write(f"    {problem}")
    return {f"{phase}, {who}": seen.figures() for (phase, who), seen in watch.found.items()}


def _before_the_last_migration() -> str:
    last = max((ROOT / "tracker" / "migrations").glob("0*.py")).relative_to(ROOT)
    added = _git("log", "--format=%H", "--diff-filter=A", "-1", "--", str(last))
    if not added:
        raise CommandError(f"{last} is in no commit yet: say --old COMMIT")
    return _git("rev-parse", f"{added}^")


def _git(*words: str) -> str:
    git = shutil.which("git")
    if git is None:
        raise CommandError("the version before comes out of git, which is not here")
    done = subprocess.run([git, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"git {words[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


@contextmanager
def _worktree(commit: str, folder: Path) -> Iterator[Path]:
    _git("worktree", "add", "--detach", str(folder), commit)
    try:
        yield folder
    finally:
        _git("worktree", "remove", "--force", str(folder))


def _environment(url: str, state: Path) -> dict[str, str]:
    own = {"DATABASE_URL": url, "STATE_DIR": str(state), "STATIC_HASHED": "0", "COLLECT_LIVE": "0", "BROKER_URL": ""}
    return {**os.environ, **own, "LOG_LEVEL": "ERROR", "LIMIT_API": "0", "LIMIT_QUESTIONS": "0"}


def _manage(tree: Path, url: str, state: Path, *words: str) -> None:
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(
        command, cwd=tree, env=_environment(url, state), capture_output=True, text=True, check=False
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} of {tree.name}: {done.stderr[-2000:]}")


def _migrated(url: str, folder: Path) -> float:
    began = time.perf_counter()
    _manage(ROOT, url, folder / "new-state", "migrate", "--no-input", "--verbosity=0")
    return time.perf_counter() - began


def _fill(scores: int) -> None:
    """More of what is there already, as of earlier days, so that no page shows other figures."""
    wanted = {"tracker_score": scores, "tracker_fetch": FETCHES, "tracker_snapshot": DOCUMENTS}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tracker_fetch (endpoint_id, started_at, seconds, outcome, message, snapshot_id) SELECT "
            "endpoint_id, fetched_at, 1, 'changed', '', id FROM tracker_snapshot"
        )
        for table, count in wanted.items():
            cursor.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                [table],
            )
            columns = [name for (name,) in cursor.fetchall() if name != "id"]
            taken = {name: f"old.{name}" for name in columns} | HISTORY[table]
            source = f"(SELECT * FROM {table} ORDER BY id LIMIT 5000)"  # noqa: S608  names of ours
            cursor.execute(f"SELECT count(*) FROM {source} few")  # noqa: S608
            turns = -(-count // cursor.fetchone()[0])
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(taken[name] for name in columns)} "  # noqa: S608
                f"FROM {source} old, generate_series(1, {turns}) turn "
                f"LIMIT {count} ON CONFLICT DO NOTHING"
            )
        cursor.execute("ANALYZE")


def _counts() -> str:
    with connection.cursor() as cursor:
        told = []
        for table in HISTORY:
            cursor.execute(f"SELECT count(*), pg_total_relation_size('{table}') / 1000000 FROM {table}")  # noqa: S608
            count, size = cursor.fetchone()
            told.append(f"{count:,} {table.removeprefix('tracker_')}s ({size} MB)")
    return ", ".join(told)


@contextmanager
def _held() -> Iterator[None]:
    """Somebody reads every table that the new migrations change, in one transaction."""
    told = connection.get_connection_params()
    server = {key: told[key] for key in ("host", "port", "user", "password", "dbname") if told.get(key)}

    def hold() -> None:
        with psycopg.connect(**server) as other:
            other.execute("LOCK TABLE tracker_fetch, tracker_snapshot, tracker_indexrun IN ACCESS SHARE MODE")
            holding.set()
            time.sleep(HELD)

    holding = threading.Event()
    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait(30)
    yield
    holder.join()


@contextmanager
def _locks(watch: Watch) -> Iterator[dict[str, tuple[float, int]]]:
    """Of each phase the longest wait for a lock that was seen, and how many; looked at thirty times a second."""
    told = connection.get_connection_params()
    server = {key: told[key] for key in ("host", "port", "user", "password", "dbname") if told.get(key)}
    found: dict[str, tuple[float, int]] = {}
    stop = threading.Event()

    def look() -> None:
        with psycopg.connect(**server, autocommit=True) as other:
            while not stop.wait(1 / 30):
                longest, times = other.execute(WAITING).fetchone() or (0, 0)
                before = found.get(watch.phase, (0.0, 0))
                found[watch.phase] = max(before[0], float(longest)), before[1] + times

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield found
    finally:
        stop.set()
        looking.join()


def _phase(watch: Watch, name: str, seconds: float) -> None:
    watch.phase = name
    time.sleep(seconds)


@contextmanager
def _version(name: str, tree: Path, url: str, folder: Path, watch: Watch) -> Iterator[ExitStack]:
    """Web server, readers and a writer of one version, all of its code; closed from within when its time is over."""
    with ExitStack() as stack:
        stop = threading.Event()
        port = stack.enter_context(_server.served(url, folder / f"{name}-web", folder=tree))
        for page in PAGES:  # each process has answered once: what is measured is no start
            for _ in range(2 * _server.WORKERS):
                _server.get(port, page)
        threads = [threading.Thread(target=_read, args=(port, name, watch, stop, number)) for number in range(READERS)]
        environment = _environment(url, folder / f"{name}-writer") | {"PYTHONPATH": str(tree)}
        writer = subprocess.Popen(
            [sys.executable, str(ROOT / "benchmarks" / "_old_writer.py"), "0.5"],
            cwd=tree, env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        threads.append(threading.Thread(target=_listen, args=(writer, name, watch)))
        for thread in threads:
            thread.start()

        def end() -> None:
            stop.set()  # readers first, as a proxy turns to another server before this one ends
            writer.terminate()
            writer.wait()
            for thread in threads:
                thread.join()

        stack.callback(end)
        yield stack


def _read(port: int, name: str, watch: Watch, stop: threading.Event, number: int) -> None:
    for turn in itertools.count(number):
        if stop.wait(0.05):
            return
        page, phase, began, failed = PAGES[turn % len(PAGES)], watch.phase, time.perf_counter(), ""
        try:
            status, _, body = _server.get(port, page)
            # Without a broker and workers /readyz says 503, and who is away.
            if (status != 200 and not page.endswith("readyz")) or not body:
                failed = f"{page} answers {status}"
        except (OSError, http.client.HTTPException) as error:
            failed = f"{page}: {type(error).__name__}"
        watch.note(phase or "start", f"{name} pages", time.perf_counter() - began, failed)


def _listen(writer: "subprocess.Popen[str]", name: str, watch: Watch) -> None:
    for line in writer.stdout or ():
        told = json.loads(line)
        failed = told["error"] or (
            "" if told["state"] == "ingested" else f"the document is {told['state'] or 'unread'}"
        )
        watch.note(watch.phase or "start", f"{name} writer", told["seconds"], failed)
