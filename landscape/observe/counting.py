"""Counts of this process and of all others on this machine: what took how long, and how it ended.

Each process counts in its memory and now and then writes its counts into a file of its own; who reads adds the files
up. A file whose process is gone is folded into one total, so that nothing is lost when a worker is replaced and the
files stay as few as the processes. Observing takes about a microsecond: no file, no socket, no database.
"""

import atexit
import contextlib
import fcntl
import json
import os
import socket
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

QUICK = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SLOW = (0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 1800.0, 21600.0)
# How long a count may stay in memory alone. Workers write after every task.
WRITTEN_EVERY = 2.0
# A process of another machine that shares the folder cannot be seen; one that wrote nothing for so long has no news.
OTHERS_REST = 600.0
TOTAL = "total.json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A family of counts: its labels in order, and the upper bounds of its buckets (none: it is a plain count)."""

    help: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...] = ()


KINDS = {
    "page_seconds": Kind("How long pages took, to the head of the answer.", ("route", "status"), QUICK),
    "task_wait_seconds": Kind("How long tasks waited in their queue.", ("queue", "task"), SLOW),
    "task_seconds": Kind("How long tasks took.", ("queue", "task"), SLOW),
    "tasks_started_total": Kind(
        "Tasks that a worker began; those that never ended were lost with it.", ("queue", "task")
    ),
    "tasks_ended_total": Kind("Tasks that ended, by how.", ("queue", "task", "outcome")),
}
Key = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Count:
    """One row of a family, of all processes together: `values` are its buckets and the sum, or the one count."""

    kind: str
    labels: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Process:
    """One that counts and lives."""

    part: str
    pid: int
    resident_bytes: int


class Counter:
    """The counts of this process. Without a folder nothing is counted: a command's are nobody's business."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.part = ""
        self._thread = False
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        """As a process begins, a forked one included: what its parent counted is its parent's."""
        self._rows: dict[Key, list[float]] = {}
        self._kept: dict[Key, list[float]] = {}
        self._file: Path | None = None
        self._dirty = threading.Event()
        self._writer: threading.Thread | None = None

    def begin(self, folder: Path, part: str, *, thread: bool = False) -> None:
        """From now on this process counts as a `part` of the machine; a `thread` writes its file."""
        self.folder, self.part, self._thread = folder, part, thread

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        self._forget()

    def add(self, kind: str, labels: tuple[str, ...], by: float = 1.0) -> None:
        if self.folder is None:
            return
        with self._lock:
            self._row(kind, labels, 1)[0] += by
        self._wake()

    def observe(self, kind: str, labels: tuple[str, ...], value: float) -> None:
        if self.folder is None:
            return
        bounds = KINDS[kind].bounds
        with self._lock:
            row = self._row(kind, labels, len(bounds) + 2)
            row[bisect_left(bounds, value)] += 1.0
            row[-1] += value
        self._wake()

    def _row(self, kind: str, labels: tuple[str, ...], length: int) -> list[float]:
        key = (kind, labels)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = [0.0] * length
        return row

    def _wake(self) -> None:
        if not self._dirty.is_set():
            self._dirty.set()
            if self._thread and self._writer is None:
                self._writer = threading.Thread(target=self._write_now_and_then, name="counts", daemon=True)
                self._writer.start()

    def _write_now_and_then(self) -> None:
        while True:
            self._dirty.wait()
            time.sleep(WRITTEN_EVERY)
            self.write()

    def write(self) -> None:
        """This process's counts into its file. A disk that takes nothing must stop nobody."""
        if self.folder is None:
            return
        self._dirty.clear()
        with contextlib.suppress(OSError), _turn(self.folder):
            if self._file is None:
                self._file = self.folder / f"{_host()}.{os.getpid()}.{_started(os.getpid())}.json"
                _fold(self.folder)
            elif self._kept and not self._file.exists():
                self._start_anew()
            with self._lock:
                rows = {key: list(values) for key, values in self._rows.items()}
            _store(self._file, {"part": self.part, "pid": os.getpid(), "rows": _listed(rows)})
            self._kept = rows

    def _start_anew(self) -> None:
        """Somebody took us for dead and added our file to the total: what it held is counted there."""
        with self._lock:
            for key, counted in self._kept.items():
                row = self._rows[key]
                row[:] = [value - before for value, before in zip(row, counted, strict=True)]


COUNTER = Counter()
os.register_at_fork(after_in_child=COUNTER.after_fork)
atexit.register(COUNTER.write)


def read(folder: Path) -> tuple[list[Count], list[Process]]:
    """What all processes together counted, and those that live."""
    total: dict[Key, list[float]] = {}
    living = []
    with contextlib.suppress(OSError), _turn(folder):
        _fold(folder)
        for file in sorted(folder.glob("*.json")):
            found = _stored(file)
            _add(total, found)
            if file.name != TOTAL and (process := _process(found)):
                living.append(process)
    return [Count(kind, labels, tuple(values)) for (kind, labels), values in sorted(total.items())], living


@contextlib.contextmanager
def _turn(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "turn").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _fold(folder: Path) -> None:
    """Add the files of processes that are gone to the total; a crash in between neither loses nor doubles a count."""
    total_file = folder / TOTAL
    told = _stored(total_file)
    for name in told.get("folded", ()):  # added already; whoever did it died before it took them away
        (folder / name).unlink(missing_ok=True)
    gone = [file for file in folder.glob("*.json") if file.name != TOTAL and _gone(file)]
    if not gone:
        return
    total: dict[Key, list[float]] = {}
    _add(total, told)
    for file in gone:
        _add(total, _stored(file))
    _store(total_file, {"folded": [file.name for file in gone], "rows": _listed(total)})
    for file in gone:
        file.unlink(missing_ok=True)
    _store(total_file, {"folded": [], "rows": _listed(total)})


def _gone(file: Path) -> bool:
    host, pid, started = file.stem.rsplit(".", 2)
    if host != _host():
        return time.time() - file.stat().st_mtime > OTHERS_REST
    return _started(int(pid)) != started


def _add(total: dict[Key, list[float]], stored: dict[str, Any]) -> None:
    for kind, labels, values in stored.get("rows", ()):
        # Another version counted otherwise: its buckets are not ours.
        if kind not in KINDS or len(values) != (len(KINDS[kind].bounds) + 2 if KINDS[kind].bounds else 1):
            continue
        row = total.setdefault((kind, tuple(labels)), [0.0] * len(values))
        row[:] = [value + more for value, more in zip(row, values, strict=True)]


def _listed(rows: dict[Key, list[float]]) -> list[list[Any]]:
    return [[kind, list(labels), values] for (kind, labels), values in rows.items()]


def _stored(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _store(file: Path, told: dict[str, Any]) -> None:
    part = file.with_name(f"{file.name}.part")
    part.write_text(json.dumps(told))
    part.replace(file)


def _process(stored: dict[str, Any]) -> Process | None:
    try:
        pages = int(Path(f"/proc/{stored['pid']}/statm").read_text().split()[1])
    except (OSError, KeyError, IndexError, ValueError):
        return None
    return Process(str(stored["part"]), int(stored["pid"]), pages * os.sysconf("SC_PAGE_SIZE"))


def _host() -> str:
    return socket.gethostname().replace("/", "_")


def _started(pid: int) -> str:
    """When the process began, in the kernel's ticks; a number used again is another one's. Blank: none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]
