"""What bodies made to hurt cost the readers: no more than 64 MiB above rest, nor 35 seconds of a processor."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sources.bombs import BOMBS

ROOT = Path(__file__).parents[2]
# Every other one, and tomorrow the others; `python -m tests.sources.bombs` measures all.
TODAYS = sorted(BOMBS)[int(os.environ["TESTS_DAY"]) % 2 :: 2]


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="no /proc to read the memory of a process from")
def test_no_bomb_costs_a_reader_64_mebibytes_or_35_seconds_and_none_is_believed() -> None:
    command = [sys.executable, "-m", "tests.sources.bombs", *TODAYS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    told = {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert told.keys() == set(TODAYS), f"an error that no reader declares:\n{done.stderr[-2000:]}"
    assert {name: round(line["mib"]) for name, line in told.items() if line["mib"] > 64} == {}
    assert {name: round(line["seconds"]) for name, line in told.items() if line["seconds"] > 35} == {}
    # Entries that are all the same are one piece of news.
    believed = {name for name, line in told.items() if not line["outcome"].startswith(("http", "1 rows"))}
    assert believed == set()
