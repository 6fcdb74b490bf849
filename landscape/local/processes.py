"""What the kernel says about processes, and how one is tied to its parent."""

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable, Collection
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(how: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """For preexec_fn: the kernel sends the signal when the parent is gone, kill -9 included."""
    libc = ctypes.CDLL(None)  # loaded before the fork: a forked child must not load libraries
    parent = os.getpid()

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(how))
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(1)

    return tie


def is_alive(pid: int) -> bool:
    """Whether the process runs. One that is dead but not yet reaped by its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def arguments(pid: int) -> list[str]:
    """The process's command line; none where the process is gone."""
    try:
        return [os.fsdecode(part) for part in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")]
    except (FileNotFoundError, ProcessLookupError):
        return []


def wait_until(true: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Whether it became true in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() >= end:
            return False
        time.sleep(every)
    return True


def adopt_orphans() -> None:
    """What our children leave behind when they are killed becomes our child, so that we can reap it."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_group(leader: int) -> None:
    """Kill and reap what is left of a process group whose leader is dead."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        end = time.monotonic() + 2
        while time.monotonic() < end:
            if os.waitpid(-leader, os.WNOHANG)[0] == 0:
                time.sleep(0.01)


def reap_orphans(known: Collection[int]) -> None:
    """Reap the dead that adopt_orphans brought us; whoever started the known ones asks for them itself."""
    with contextlib.suppress(ChildProcessError):
        while (dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and dead.si_pid not in known:
            os.waitpid(dead.si_pid, 0)
