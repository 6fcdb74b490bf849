"""The readers that strangers reach most easily, guided by what their code does with the bytes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import MOST_EXPOSED, TARGETS
from tests.sources.test_every_source_damaged import WHOLE

ROOT = Path(__file__).parents[2]
# To watch what code does with bytes takes a reader's whole code anew: every other one a day, and tomorrow the others.
TODAYS = MOST_EXPOSED[int(os.environ["TESTS_DAY"]) % 2 :: 2]


def test_every_source_is_among_the_readers():
    assert WHOLE.keys() <= TARGETS.keys()


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_reader_takes_what_it_begins_from_and_every_start_of_it(name):
    for document in TARGETS[name].seeds:
        for part in (1, 3, 7):
            TARGETS[name](document[: len(document) * part // 7])


def test_no_seeded_mutation_raises_what_the_most_exposed_readers_do_not_declare():
    pytest.importorskip("atheris", reason="atheris is not installed: it fuzzes with coverage as its guide")
    named = [part for name in TODAYS for part in ("--parser", name)]
    command = [sys.executable, "-m", "tests.fuzz", "--seconds", "1", *named]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(f"{len(TODAYS)} of {len(TODAYS)} readers without an undeclared error\n")
