"""Locks between processes: each other holder here is a real process."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from landscape.local.locks import Shared, TakenError, sole

PROJECT = Path(__file__).resolve().parents[2]


@contextmanager
def elsewhere(code: str, file: Path) -> Iterator[subprocess.Popen[str]]:
    """Run code in another process up to its first line of output, and let it go on until it is closed or killed."""
    with subprocess.Popen(
        [sys.executable, "-c", f"from landscape.local.locks import *\nfrom pathlib import Path\n{code}", str(file)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


SOLE = "import sys\nwith sole(Path(sys.argv[1]), note='process 7'):\n    print('held', flush=True); input()"
SHARED = "import sys\ns = Shared(Path(sys.argv[1]))\nprint('held', flush=True); input()"


def test_a_second_holder_is_told_who_the_first_is(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with elsewhere(SOLE, file) as other:
        with pytest.raises(TakenError, match="process 7"), sole(file, note="me"):
            pass
        other.communicate("\n")
    with sole(file, note="me") as left:
        assert left == ""


def test_a_holder_that_was_killed_gives_the_lock_back_and_leaves_its_note(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with elsewhere(SOLE, file) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        with sole(file, note="me") as left:
            assert left == "process 7"


def test_only_the_last_of_several_holders_is_alone(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    here = Shared(file)
    with elsewhere(SHARED, file) as other:
        assert not here.alone()
        here.leave()
        here = Shared(file)
        other.communicate("\n")
    assert here.alone()
    here.leave()
