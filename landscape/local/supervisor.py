"""Keeps programs running: starts them, starts them again when they die, and leaves none behind."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from landscape.local import processes
from landscape.local.logs import appended, keep_small, last_lines

STEADY = 60.0  # a program that has run this long has recovered from whatever made it die before
LONGEST_DELAY = 30.0
QUOTED_LINES = 6


def delay(deaths: int) -> float:
    """How long to wait before starting a program that has died this often in a row."""
    return min(LONGEST_DELAY, 0.25 * 2.0**deaths) if deaths else 0.0


def deaths_in_a_row(before: int, *, lived: float) -> int:
    """The count after one more death; whoever lived a steady while (`lived` is in seconds) begins again at one."""
    return 1 if lived >= STEADY else before + 1


def ending(code: int) -> str:
    """How a program ended, in words."""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


@dataclass(frozen=True, slots=True)
class Program:
    """Something to keep running."""

    name: str
    command: Sequence[str]
    may_start: Callable[[], bool] = field(default=lambda: True)  # asked before every start
    grace: float = 10.0  # to end by itself when asked to


class Stopped(Exception):  # noqa: N818 (asked for, not an error)
    """Somebody asked for the end while a step was being waited for."""


class NeverStartedError(Exception):
    """What a program needs to be free or gone stays in its way."""


class Child:
    """A program and the process that it currently has."""

    def __init__(self, program: Program, *, folder: Path, environment: Mapping[str, str], log: Path) -> None:
        self.program = program
        self.log = log
        self.deaths = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._folder = folder
        self._environment = dict(environment)
        self._started = 0.0
        self._not_before = 0.0

    def try_start(self, now: float) -> bool:
        """Start it, unless it is too soon after its last death or what it needs is not there yet."""
        if now < self._not_before or not self.program.may_start():
            return False
        with appended(self.log) as log:
            self.process = subprocess.Popen(
                list(self.program.command),
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone, and all that it starts can be ended together
                preexec_fn=processes.die_with_parent(),
            )
        self._started = now
        return True

    def found_dead(self, now: float) -> str | None:
        """How it died, once; None while it lives."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        processes.end_group(self.process.pid)  # its own children would keep its port and its work
        self.process = None
        self.deaths = deaths_in_a_row(self.deaths, lived=now - self._started)
        self._not_before = now + delay(self.deaths)
        return ending(code)

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, *, by: float) -> bool:
        """Wait until then, and use force after. Whether force was needed."""
        if self.process is None:
            return False
        forced = False
        try:
            self.process.wait(max(0.0, by - time.monotonic()))
        except subprocess.TimeoutExpired:
            forced = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        processes.end_group(self.process.pid)
        self.process = None
        return forced


class Supervisor:
    """The programs of one machine, and the wish to stop."""

    def __init__(self, *, folder: Path, logs: Path, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
        self.children: list[Child] = []
        self._folder = folder
        self._logs = logs
        self._environment = environment
        self._say = say
        self._stop = threading.Event()
        self._hurry = False

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """Ctrl-C, a closed terminal and a polite kill all mean stop; asked twice, at once."""

        def asked(number: int, frame: object) -> None:
            self._hurry = self.stopping
            self._stop.set()

        before = {each: signal.signal(each, asked) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        processes.adopt_orphans()
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def pause(self, seconds: float) -> None:
        """Wait, but not a moment after somebody has asked for the end."""
        if self._stop.wait(seconds):
            raise Stopped

    def start(self, program: Program, *, seconds: float = 15) -> Child:
        child = Child(
            program, folder=self._folder, environment=self._environment, log=self._logs / f"{program.name}.log"
        )
        end = time.monotonic() + seconds
        while not child.try_start(time.monotonic()):
            if time.monotonic() > end:
                raise NeverStartedError(f"{program.name} cannot start: another one is still running")
            self.pause(0.1)
        self.children.append(child)
        return child

    def wait_for(self, true: Callable[[], bool], *, child: Child, seconds: float) -> bool:
        """Whether it became true in time; the child it depends on is started again meanwhile when it dies."""
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() >= end:
                return False
            self.look_after(child)
            self.pause(0.05)
        return True

    def look_after(self, child: Child) -> None:
        how = child.found_dead(time.monotonic())
        if how is not None:
            self._say(f"{child.program.name} {how}; starting it again. The end of {child.log}:")
            for line in last_lines(child.log, QUOTED_LINES):
                self._say(f"    {line}")
        if child.process is None:
            child.try_start(time.monotonic())

    def watch(self, also: Callable[[], None]) -> None:
        """Until somebody asks for the end."""
        while not self.stopping:
            for child in self.children:
                self.look_after(child)
                keep_small(child.log)
            also()
            self._stop.wait(0.5)

    def stop(self, children: Sequence[Child]) -> None:
        """End these together; whoever does not end in time is killed."""
        for child in children:
            child.ask_to_end()
        asked_at = time.monotonic()
        for child in children:
            limit = asked_at + child.program.grace
            while child.process is not None and child.process.poll() is None and time.monotonic() < limit:
                if self._hurry:
                    limit = time.monotonic()
                time.sleep(0.02)
            if child.end(by=time.monotonic() if self._hurry else limit):
                self._say(f"{child.program.name} did not end when asked to and was killed")

    def run(self, command: Sequence[str], *, log: Path | None) -> "Step":
        """A program that ends by itself, in the background; without a log it writes to our own output."""
        return Step(command, folder=self._folder, environment=self._environment, log=log, pause=self.pause)


class Step:
    """A program that is expected to end, and well."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        log: Path | None,
        pause: Callable[[float], None],
    ) -> None:
        self.command = list(command)
        self.log = log
        self._pause = pause
        output = appended(log) if log else None
        self.process = subprocess.Popen(
            self.command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            preexec_fn=processes.die_with_parent(),
        )
        if output:
            output.close()

    def wait(self) -> int:
        """Its exit code. When the end is asked for meanwhile it is ended as well."""
        try:
            while self.process.poll() is None:
                self._pause(0.05)
        finally:
            self.end()
        return self.process.returncode

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        processes.end_group(self.process.pid)
