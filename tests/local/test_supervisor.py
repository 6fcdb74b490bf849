"""Programs that die, hang, or leave children behind; each is a small real process."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from landscape.local import processes
from landscape.local.logs import appended, keep_small, last_lines
from landscape.local.supervisor import (
    LONGEST_DELAY,
    NeverStartedError,
    Program,
    Stopped,
    Supervisor,
    deaths_in_a_row,
    delay,
    ending,
)

PROJECT = Path(__file__).resolve().parents[2]
SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
)
PARENT = (sys.executable, "-c", "import subprocess, time; subprocess.Popen(['sleep', '611']); time.sleep(600)")


class Room:
    """A supervisor, with what it said."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        self.supervisor = Supervisor(
            folder=folder, logs=folder / "logs", environment=dict(os.environ), say=self.said.append
        )

    @contextlib.contextmanager
    def watching(self, seconds: float = 20) -> Iterator[None]:
        """Watch in the background, as `up` does in the foreground."""
        watcher = threading.Thread(target=self.supervisor.watch, args=(lambda: None,))
        watcher.start()
        try:
            yield
        finally:
            self.supervisor._stop.set()
            watcher.join(seconds)
            assert not watcher.is_alive()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    yield room
    room.supervisor.stop(room.supervisor.children)


def group_is_empty(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_program_that_keeps_dying_is_started_ever_more_slowly_up_to_a_limit() -> None:
    delays = [delay(deaths) for deaths in range(12)]
    assert delays[0] == 0
    assert delays[1:] == sorted(delays[1:])
    assert delays[-1] == LONGEST_DELAY


def test_a_long_life_is_forgiven_the_deaths_before_it() -> None:
    assert deaths_in_a_row(7, lived=3600) == 1
    assert deaths_in_a_row(7, lived=1) == 8


def test_an_end_is_told_in_words() -> None:
    assert ending(-9) == "was ended by SIGKILL"
    assert ending(3) == "ended with exit code 3"


def test_a_killed_program_is_started_again_and_its_last_lines_are_shown(room: Room) -> None:
    child = room.supervisor.start(
        Program("talker", [sys.executable, "-c", "import time; print('last words', flush=True); time.sleep(600)"])
    )
    first = child.process.pid
    assert processes.wait_until(lambda: last_lines(child.log, 1) == ["last words"], seconds=10)
    with room.watching():
        os.kill(first, signal.SIGKILL)
        assert processes.wait_until(lambda: child.process is not None and child.process.pid != first, seconds=10)
    assert "talker was ended by SIGKILL" in room.said[0]
    assert "    last words" in room.said


def test_a_program_that_cannot_live_does_not_stop_the_others_from_being_kept(room: Room) -> None:
    broken = room.supervisor.start(Program("broken", [sys.executable, "-c", "raise SystemExit(3)"]))
    steady = room.supervisor.start(Program("steady", SLEEP))
    with room.watching():
        assert processes.wait_until(lambda: broken.deaths >= 2, seconds=20)
        first = steady.process.pid
        os.kill(first, signal.SIGKILL)
        assert processes.wait_until(lambda: steady.process is not None and steady.process.pid != first, seconds=20)


def test_what_a_killed_program_had_started_is_ended_before_it_is_started_again(room: Room) -> None:
    child = room.supervisor.start(Program("parent", PARENT))
    leader = child.process.pid
    assert processes.wait_until(lambda: b"sleep\x00611" in _commands_of_group(leader), seconds=10)
    os.kill(leader, signal.SIGKILL)
    child.process.wait()
    assert not group_is_empty(leader)
    assert child.found_dead(time.monotonic()) is not None
    assert processes.wait_until(lambda: b"sleep\x00611" not in _commands_of_group(leader), seconds=5)


def _commands_of_group(leader: int) -> bytes:
    """The command lines of the living processes of a group."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            group = int((folder / "stat").read_text().rpartition(")")[2].split()[2])
            if group == leader and processes.is_alive(int(folder.name)):
                found.append((folder / "cmdline").read_bytes())
    return b"\n".join(found)


def test_a_program_deaf_to_the_signal_is_killed_after_its_grace(room: Room) -> None:
    child = room.supervisor.start(Program("deaf", DEAF, grace=0.3))
    assert processes.wait_until(lambda: last_lines(child.log, 1) == ["deaf"], seconds=10)
    leader = child.process.pid
    began = time.monotonic()
    room.supervisor.stop([child])
    assert 0.3 <= time.monotonic() - began < 5
    assert group_is_empty(leader)
    assert room.said == ["deaf did not end when asked to and was killed"]


def test_a_polite_program_ends_without_force(room: Room) -> None:
    child = room.supervisor.start(Program("polite", SLEEP))
    room.supervisor.stop([child])
    assert room.said == []


def test_a_program_waits_for_what_it_needs(room: Room, tmp_path: Path) -> None:
    threading.Timer(0.4, (tmp_path / "ready").touch).start()
    began = time.monotonic()
    room.supervisor.start(Program("patient", SLEEP, may_start=(tmp_path / "ready").exists))
    assert time.monotonic() - began >= 0.3


def test_what_never_comes_is_an_error(room: Room) -> None:
    with pytest.raises(NeverStartedError, match="patient"):
        room.supervisor.start(Program("patient", SLEEP, may_start=lambda: False), seconds=0.2)


def test_asking_for_the_end_interrupts_a_step_and_ends_its_process(room: Room) -> None:
    step = room.supervisor.run(SLEEP, log=None)
    threading.Timer(0.2, room.supervisor._stop.set).start()
    with pytest.raises(Stopped):
        step.wait()
    assert group_is_empty(step.process.pid)


def test_a_step_tells_its_exit_code(room: Room) -> None:
    assert room.supervisor.run([sys.executable, "-c", "raise SystemExit(5)"], log=None).wait() == 5


def test_ctrl_c_is_a_wish_and_not_an_exception(room: Room) -> None:
    before = signal.getsignal(signal.SIGINT)  # ignored where the tests run in a shell's background
    with room.supervisor.signals():
        os.kill(os.getpid(), signal.SIGINT)
        assert room.supervisor.stopping
    assert signal.getsignal(signal.SIGINT) is before


def test_a_killed_supervisor_takes_its_programs_along(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom landscape.local.supervisor import *\n"
        "s = Supervisor(folder=Path(sys.argv[1]), logs=Path(sys.argv[1]), environment={}, say=print)\n"
        "print(s.start(Program('child', ['/bin/sleep', '600'])).process.pid, flush=True)\ntime.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        assert processes.is_alive(child)
        supervisor.kill()
        supervisor.wait()
        assert processes.wait_until(lambda: not processes.is_alive(child), seconds=5)


def test_a_dead_process_that_nobody_reaped_does_not_count_as_alive() -> None:
    with subprocess.Popen(["/bin/true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not processes.is_alive(process.pid)


def test_a_log_that_has_grown_is_set_aside_at_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "x.log"
    for text in (b"one\n", b"two\n", b"three\n"):
        with appended(file, limit=7) as log:
            log.write(text)
    assert file.read_text() == "three\n"
    assert file.with_name("x.log.1").read_text() == "one\ntwo\n"
    assert last_lines(file.with_name("x.log.1"), 1) == ["two"]
    assert last_lines(tmp_path / "missing.log", 3) == []


def test_a_log_that_grows_under_a_running_program_is_set_aside_and_written_on(tmp_path: Path) -> None:
    file = tmp_path / "x.log"
    with appended(file) as log:
        log.write(b"before\n")
        log.flush()
        keep_small(file, limit=100)
        assert file.read_text() == "before\n"
        keep_small(file, limit=3)
        log.write(b"after\n")
    assert file.with_name("x.log.1").read_text() == "before\n"
    assert file.read_text() == "after\n"
