"""Whether the sandbox holds on this machine: everything that must not be possible inside is tried inside."""

import json
import os
import secrets
import socket
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tracker.evals import escapes, isolation
from tracker.evals.isolation import PLAIN_ENVIRONMENT, Wall
from tracker.evals.troubles import NoIsolation

SECONDS = 60.0
PROCESSES = 24
MEMORY = 1 << 30
METADATA = "169.254.169.254"  # where a cloud's machine finds its own credentials
OUTSIDE = (("1.1.1.1", 443), ("8.8.8.8", 53), (METADATA, 80), ("fd00:ec2::254", 80), ("2606:4700:4700::1111", 443))
NAMES = ("example.org",)
MARK = "SANDBOX_PROBE"  # a variable that is given, and one of bubblewrap's own
SET_BY_OTHERS = frozenset(("PWD", "LC_CTYPE", "OLDPWD", "SHLVL", "_"))


def probe(wall: Wall, *, private: Sequence[Path] = (), readable: Sequence[Path] = (), online: bool = True) -> list[str]:
    """What a process in the sandbox managed though it must not; empty where the sandbox holds. `private` are folders
    that nobody inside may read, as the state's. Without `online` nobody but this machine is
    asked for. Raises NoIsolation where the sandbox cannot be entered at all."""
    with ExitStack() as stack:
        # Doors that are open, on this side: that nobody answers would prove nothing on a machine without network.
        door = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        abstract = f"probe-{secrets.token_hex(8)}"
        hidden = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        hidden.bind(f"\0{abstract}")
        hidden.listen()
        told = {
            "port": door.getsockname()[1],
            "abstract": abstract,
            "outside": OUTSIDE if online else (),
            "names": NAMES if online else (),
            "variables": sorted({*PLAIN_ENVIRONMENT, MARK, *SET_BY_OTHERS}),
            "private": [str(folder) for folder in (Path.home(), Path("/root"), Path("/home"), *private)],
            "given": [str(path) for path in (*readable, Path(escapes.__file__))],
            "devices": [],
            "processes": PROCESSES,
            "memory": MEMORY,
        }
        argv, words = isolation.command(
            [isolation.python(), "-I", "-S", escapes.__file__, json.dumps(told)],
            wall=wall,
            readable=[*readable, Path(escapes.__file__)],
            memory=MEMORY,
            processes=PROCESSES,
            seconds=SECONDS,
            environment={MARK: "1"},
        )
        done = subprocess.run(argv, capture_output=True, timeout=SECONDS + 10, check=False, cwd=os.sep)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        raise NoIsolation(f"the sandbox ({words}) did not come to its end: {done.stderr[-500:]!r}") from None
    return [str(one) for one in found]
