"""What runs on one machine, in which order it starts, and what is said meanwhile."""

import contextlib
import http.client
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from kombu.connection import Connection
from psycopg import pq

from landscape.local import ports, processes, valkey
from landscape.local.locks import TakenError, sole
from landscape.local.logs import keep_small, last_lines
from landscape.local.postgres import Postgres, PostgresError
from landscape.local.supervisor import Child, NeverStartedError, Program, Step, Stopped, Supervisor
from landscape.observe.lines import for_granian

OLDEST_POSTGRES = 15
# One slot each: collecting waits for the network, computing for a core, and neither may hold up the other.
WORKERS = {"collector": "collect,mail", "computer": "compute"}
# Only where what it needs is installed: it is a hundred packages that nobody else wants.
EVALUATOR = {"evaluator": "evaluations"}
EVALUATES = "inspect_ai"
# Beat, broker and workers may all be silent: who tells of it must be somebody else. Not at once, because before they
# were heard of nobody can tell.
WATCHED_EVERY = 300.0
SLOT = ("--concurrency", "1", "--without-gossip", "--without-mingle")


class StackError(Exception):
    """The start cannot go on; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What `up` was asked for, and where it finds things."""

    project: Path
    state: Path
    host: str
    port: int
    live: bool
    database_url: str  # empty: the embedded server
    broker_url: str  # empty: the embedded server
    allowed_hosts: tuple[str, ...]
    log_level: str
    log_format: str = "line"

    @property
    def address(self) -> str:
        return f"http://{ports.in_url(ports.reachable(self.host))}:{self.port}/"

    @property
    def logs(self) -> Path:
        return self.state / "logs"


def environment(plan: Plan, inherited: dict[str, str]) -> dict[str, str]:
    """What every program is started with."""
    own = {
        "STATE_DIR": str(plan.state),
        "COLLECT_LIVE": "1" if plan.live else "0",
        "PYTHONUNBUFFERED": "1",  # a log must be complete when its program is killed
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
    named = ports.in_url(plan.host)
    if ports.reachable(plan.host) == plan.host and named not in plan.allowed_hosts:
        own["ALLOWED_HOSTS"] = ",".join([*plan.allowed_hosts, named])
    if not inherited.get("SITE_URL"):
        # Links in letters lead here, until somebody says what readers call this site.
        own["SITE_URL"] = plan.address.rstrip("/").replace("//127.0.0.1:", "//localhost:")
    return inherited | own


def web_processes(cores: int) -> int:
    """Half of the cores, one at least and four at most: the workers and the database need the others."""
    return max(1, min(4, cores // 2))


def programs(plan: Plan, *, cores: int) -> list[Program]:
    """What is kept running once the stores are there."""
    celery = [sys.executable, "-m", "celery", "-A", "landscape"]
    level = ["--loglevel", plan.log_level]
    (plan.state / "beat").mkdir(exist_ok=True)
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", plan.host, "--port", str(plan.port)]
    web += ["--workers", str(web_processes(cores)), "--blocking-threads", "4", "--no-ws", "--respawn-failed-workers"]
    # No access log, whatever the environment says: readers' addresses would stand in it.
    web += ["--no-access-log", *web_lines(plan)]
    web += ["--workers-kill-timeout", "5", "--log-level", plan.log_level.lower(), "landscape.wsgi:application"]
    return [
        Program("web", web, may_start=lambda: ports.refusal(plan.host, plan.port) is None),
        *(
            Program(
                name,
                [*celery, "worker", *level, "--hostname", f"{name}@%h", "--queues", queues, *SLOT],
            )
            for name, queues in (WORKERS | (EVALUATOR if importlib.util.find_spec(EVALUATES) else {})).items()
        ),
        Program("beat", [*celery, "beat", *level, "--pidfile="]),
    ]


def web_lines(plan: Plan) -> list[str]:
    """How the web server is told to write its own lines as all others are; for a person its own form will do."""
    if plan.log_format == "line":
        return []
    file = plan.state / "web-lines.json"
    file.write_text(json.dumps(for_granian(plan.log_format, plan.log_level)))
    return ["--log-config", str(file)]


class Stack:
    """One run of everything, from the locks to the last process."""

    def __init__(self, plan: Plan, *, say: Callable[[str], None]) -> None:
        self.plan = plan
        self.say = say
        self._inherited = dict(os.environ)
        self.supervisor = Supervisor(
            folder=plan.project, logs=plan.logs, environment=environment(plan, self._inherited), say=say
        )
        self._postgres: Postgres | None = None
        self._look: Step | None = None
        self._next_look = time.monotonic() + WATCHED_EVERY

    def run(self) -> None:
        """Until Ctrl-C. Raises StackError when it cannot start."""
        plan = self.plan
        lock = plan.state / "up.lock"
        note = f"process {os.getpid()} at {plan.address}"
        try:
            with sole(lock, note=note) as left, self.supervisor.signals():
                # What a run that was killed has left is just ending: it is told so by the kernel.
                reason = ports.refusal_after(plan.host, plan.port, patience=10 if left else 0)
                if reason:
                    raise StackError(reason)
                with contextlib.suppress(Stopped):
                    self._run()
                self.say("Stopped.")
        except TakenError as other:
            raise StackError(f"{plan.state} is in use by another `up` ({other}): stop it, or give --state") from None
        except (PostgresError, valkey.ValkeyError, NeverStartedError) as error:
            if not self.supervisor.stopping:  # what could not be finished because of Ctrl-C is no failure
                raise StackError(str(error)) from error
            self.say("Stopped.")

    def _run(self) -> None:
        plan, began = self.plan, time.monotonic()
        self.say(f"State is kept in {plan.state}")
        with contextlib.ExitStack() as stack:
            files = self.supervisor.run(
                [sys.executable, "-m", "landscape.local.assets"], log=plan.logs / "static-files.log"
            )
            stack.callback(files.end)
            stack.enter_context(self._database())
            stack.enter_context(self._broker())
            self._step("Database migrated", "migrate", "--no-input", "--skip-checks", "--verbosity", "0")
            self._step("Catalogue and starter archive loaded", "load", shown=True)
            with self._timed("Static files ready"):
                self._finished(files)
            stack.enter_context(self._programs())
            self.say(f"Ready {time.monotonic() - began:.1f} s after the start; logs are in {plan.logs}; Ctrl-C stops.")
            if ports.reachable(plan.host) != plan.host:
                self.say(f"Listening on every address, under the names {', '.join(plan.allowed_hosts)} (ALLOWED_HOSTS)")
            self.say(f"Open {plan.address}")
            try:
                self.supervisor.watch(self._watch_others)
            finally:
                if self._look is not None:
                    self._look.end()
            self.say("Stopping …")

    @contextlib.contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.say(f"{what} {time.monotonic() - began:.1f} s")

    def _step(self, what: str, *arguments: str, shown: bool = False) -> None:
        log = None if shown else self.plan.logs / f"{arguments[0]}.log"
        with self._timed(what):
            self._finished(self.supervisor.run([sys.executable, "manage.py", *arguments], log=log))

    def _finished(self, step: Step) -> None:
        code = step.wait()
        if code:
            quoted = "".join(f"\n    {line}" for line in last_lines(step.log, 12)) if step.log else ""
            raise StackError(f"{' '.join(step.command[1:])} ended with exit code {code}{quoted}")

    @contextlib.contextmanager
    def _database(self) -> Iterator[None]:
        if self.plan.database_url:
            with self._timed("PostgreSQL server of DATABASE_URL found"):
                self._find_server()
            yield
            return
        self._postgres = Postgres(self.plan.state, tied=True, give_up=lambda: self.supervisor.stopping)
        began = time.monotonic()
        with self._postgres.use():
            self.say(f"PostgreSQL ready {time.monotonic() - began:.1f} s")
            yield

    def _find_server(self) -> None:
        for patience in range(10, -1, -1):
            try:
                with psycopg.connect(self.plan.database_url, connect_timeout=3) as connection:
                    version = connection.info.server_version
            except psycopg.OperationalError as error:
                if not patience:
                    raise StackError(f"DATABASE_URL: {error}") from error
                self.supervisor.pause(1)
            else:
                break
        if version // 10_000 < OLDEST_POSTGRES:
            raise StackError(
                f"DATABASE_URL leads to PostgreSQL {version // 10_000}: it must be {OLDEST_POSTGRES} or newer"
            )

    @contextlib.contextmanager
    def _broker(self) -> Iterator[None]:
        if self.plan.broker_url:
            with self._timed("Broker of BROKER_URL found"), Connection(self.plan.broker_url) as connection:
                try:
                    connection.ensure_connection(max_retries=5, interval_start=1, interval_step=0, timeout=15)
                except connection.connection_errors as error:
                    raise StackError(f"BROKER_URL: {error}") from error
            yield
            return
        state = self.plan.state
        valkey.prepare(state)
        # Two servers would write into the same file: a dying one must be gone before the next one starts.
        program = Program("valkey", valkey.command(state), may_start=lambda: not valkey.answers(state))
        with self._kept([program]) as (child,), self._timed_broker(child):
            yield

    @contextlib.contextmanager
    def _timed_broker(self, child: Child) -> Iterator[None]:
        with self._timed("Valkey ready"):
            if not self.supervisor.wait_for(lambda: valkey.answers(self.plan.state), child=child, seconds=60):
                raise StackError(f"Valkey does not answer; see {child.log}")
        yield

    @contextlib.contextmanager
    def _programs(self) -> Iterator[None]:
        began = time.monotonic()
        with self._kept(programs(self.plan, cores=os.cpu_count() or 1)) as children:
            status = 0

            def answered() -> bool:
                nonlocal status
                status = front_page(self.plan)
                return status != 0

            if not self.supervisor.wait_for(answered, child=children[0], seconds=60):
                raise StackError(f"The web server does not answer; see {children[0].log}")
            self.say(f"Web server, workers and beat started {time.monotonic() - began:.1f} s")
            if status >= 400:
                self.say(f"The front page answers with status {status}; see {children[0].log}")
            yield

    @contextlib.contextmanager
    def _kept(self, wanted: list[Program]) -> Iterator[list[Child]]:
        children: list[Child] = []
        try:
            for program in wanted:
                child = self.supervisor.start(program)
                children.append(child)  # one by one: what has started must be stopped when the next one does not
            yield children
        finally:
            self.supervisor.stop(children)

    def _watch_others(self) -> None:
        self._watch_database()
        if self._postgres is not None:
            keep_small(self._postgres.log)
        self._watch_workers()
        known = {child.process.pid for child in self.supervisor.children if child.process}
        known |= {self._look.process.pid} if self._look else set()
        processes.reap_orphans(known | {pid for pid in [self._postgres and self._postgres.child] if pid})

    def _watch_workers(self) -> None:
        """Every few minutes a program of its own looks whether anybody looks after the alarms; nobody waits for it."""
        if self._look is not None and self._look.process.poll() is not None:
            self._look.end()
            self._look = None
        if self._look is None and time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + WATCHED_EVERY
            log = self.plan.logs / "watch.log"
            self._look = self.supervisor.run([sys.executable, "manage.py", "watch"], log=log)

    def _watch_database(self) -> None:
        """The embedded server is started again when it died; while it recovers it is left in peace."""
        if self._postgres is None or self._postgres.ping() is not pq.Ping.NO_RESPONSE:
            return
        self.say(f"PostgreSQL does not answer; starting it again. The end of {self._postgres.log}:")
        for line in last_lines(self._postgres.log, 4):
            self.say(f"    {line}")
        try:
            if self._postgres.ensure():
                self.say("PostgreSQL ready again")
        except PostgresError as error:
            self.say(str(error))


def front_page(plan: Plan) -> int:
    """The status with which the front page answers, or 0 while nobody does."""
    connection = http.client.HTTPConnection(ports.reachable(plan.host), plan.port, timeout=30)
    try:
        connection.request("GET", "/", headers={"Host": known_host(plan.allowed_hosts)})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def known_host(allowed: tuple[str, ...]) -> str:
    """A name under which the site answers: a pattern is not one."""
    return next((host for host in allowed if not host.startswith((".", "*"))), "localhost")
