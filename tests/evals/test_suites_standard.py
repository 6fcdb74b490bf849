"""Published tests: off unless asked for, and what is said where their questions cannot be had. The package that brings
them is a small one of ours here, in the shape of the real one."""

import importlib
import importlib.util
import sys

import pytest

from tracker.evals import suites
from tracker.evals.suites.standard import NEEDED, STANDARD, NoQuestions
from tracker.evals.troubles import Trouble

pytest.importorskip("inspect_ai", reason="Inspect AI is not installed on this machine")

GSM8K = """
from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample

def gsm8k(fewshot=10):
    assert fewshot == 0
    return Task(MemoryDataset([
        Sample(id=f"q{n}", input=f"{n} nuts less one?", target=str(n - 1)) for n in range(2, 30)
    ]))
"""
ARC = """
from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample

def arc_challenge():
    return Task(MemoryDataset([
        Sample(id="a", input="What is wet?", choices=["sand", "rain"], target="B", metadata={"subject": "weather"}),
        Sample(id="b", input="What is dry?", choices=["sand", "rain"], target="A"),
    ]))
"""
OFFLINE = """
def mmlu_pro(shuffle):
    raise ConnectionError("no way to the hub")
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """As if Inspect Evals were installed."""
    files = {"__init__": "", "gsm8k": GSM8K, "arc": ARC, "mmlu_pro": OFFLINE}
    (tmp_path / "inspect_evals").mkdir()
    for name, source in files.items():
        (tmp_path / "inspect_evals" / f"{name}.py").write_text(source, "utf-8")
    (tmp_path / "datasets.py").write_text("", "utf-8")
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in NEEDED:
            del sys.modules[name]


def test_published_tests_are_off_unless_asked_for_by_name():
    assert STANDARD
    assert not STANDARD.keys() & suites.SUITES.keys()
    for slug, suite in STANDARD.items():
        assert suites.find(slug) is suite
        assert not suite.enabled
        assert suite.licence
    assert suites.find("own-logic") is suites.SUITES["own-logic"]
    with pytest.raises(KeyError):
        suites.find("nobody-s")


def test_without_the_package_it_is_said_what_is_missing():
    if all(importlib.util.find_spec(name) for name in NEEDED):
        pytest.skip("both packages are installed on this machine")
    with pytest.raises(NoQuestions, match=r"GSM8K needs the packages .*not installed") as raised:
        STANDARD["standard-gsm8k"].items(1)
    assert isinstance(raised.value, Trouble)


@pytest.mark.usefixtures("package")
def test_questions_come_in_one_order_whatever_the_seed():
    suite = STANDARD["standard-gsm8k"]
    items = suite.items(1)
    assert len(items) == 28
    assert items == suite.items(2)
    assert suite.items(1, limit=5) == items[:5]
    assert [item.id for item in items] != sorted(item.id for item in items)
    one = items[0]
    assert suite.score(one, f"So one is eaten.\nAnswer: {one.target}.0") == (f"{one.target}.0", 1.0, None)
    assert suite.score(one, "Answer: 77")[1] == 0.0


@pytest.mark.usefixtures("package")
def test_choices_are_labelled_and_scored_by_their_label():
    suite = STANDARD["standard-arc-challenge"]
    wet = next(item for item in suite.items(1) if item.id == "a")
    assert wet.prompt == "What is wet?\n\nA. sand\nB. rain"
    assert (wet.choices, wet.target, wet.cluster) == (("sand", "rain"), "B", "weather")
    assert suite.score(wet, "Answer: B") == ("B", 1.0, None)
    assert suite.score(wet, "It is sand.\nAnswer: A") == ("A", 0.0, None)


@pytest.mark.usefixtures("package")
def test_a_hub_that_is_out_of_reach_is_a_plain_refusal():
    with pytest.raises(NoQuestions, match="MMLU-Pro cannot be had: no way to the hub"):
        STANDARD["standard-mmlu-pro"].items(1)
    with pytest.raises(NoQuestions, match="GPQA Diamond cannot be had"):
        STANDARD["standard-gpqa-diamond"].items(1)


def test_what_needs_a_program_of_its_own_is_not_offered():
    with pytest.raises(NoQuestions, match="checked by a program of its own"):
        STANDARD["standard-ifeval"].items(1)
