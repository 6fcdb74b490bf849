"""`benchmark`: the files in benchmarks/, listed by their own first sentence and run by name."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management.base import CommandError

from tests.commands.conftest import Call

QUICK = '''"""Whether a figure comes out, beside nothing."""
import os
from collections.abc import Callable


def run(write: Callable[[str], None]) -> None:
    write("first figure 1.0")
    write(f"threads {os.environ['OPENBLAS_NUM_THREADS']}")
'''


@pytest.fixture
def quick(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project whose only benchmark takes no time."""
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "quick.py").write_text(QUICK, "utf-8")
    settings.BASE_DIR = tmp_path
    monkeypatch.syspath_prepend(tmp_path)


def test_every_benchmark_is_listed_with_what_it_measures(call: Call) -> None:
    files = {file.stem for file in (Path(configured.BASE_DIR) / "benchmarks").glob("[!_]*.py")}
    listed = json.loads(call("benchmark", "--json"))
    assert listed.keys() == files
    assert all(listed.values())
    text = call("benchmark")
    assert all(name in text and what in text for name, what in listed.items())


def test_figures_are_printed_as_the_benchmark_writes_them(quick: None, call: Call) -> None:
    assert call("benchmark", "quick").splitlines() == ["first figure 1.0", "threads 1"]


def test_json_holds_the_same_lines(quick: None, call: Call) -> None:
    said = json.loads(call("benchmark", "quick", "--json"))
    assert (said["benchmark"], said["lines"]) == ("quick", ["first figure 1.0", "threads 1"])


def test_an_unknown_benchmark_is_refused_with_the_known_ones(call: Call) -> None:
    with pytest.raises(CommandError, match=r"nothing is no benchmark; there are .*index"):
        call("benchmark", "nothing")
