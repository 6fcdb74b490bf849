"""The suite that has programs written: its references, and what its check makes of right and wrong programs."""

import dataclasses
import json
from random import Random

import pytest

pytest.importorskip("reasoning_gym", reason="reasoning-gym is not installed on this machine")

from tracker.evals.isolation import Wall
from tracker.evals.suites import SUITES
from tracker.evals.suites.programs import FUNCTION, HIDDEN, _number_step, _word_step, program
from tracker.evals.troubles import NoIsolation

SUITE = SUITES["own-programs"]
WALL = Wall("require")
# What the steps say, written a second time and in another way.
AGAIN = {
    "Sort the list in ascending order.": "items.sort()",
    "Reverse the order of the list.": "items.reverse()",
    "Reverse the letters of every word.": "items = [''.join(reversed(word)) for word in items]",
    "Replace every number by its square.": "items = [number ** 2 for number in items]",
    "Keep only the first of equal items.": "items = [one for at, one in enumerate(items) if one not in items[:at]]",
    "Write the first letter of every word as a capital.": "items = [word.capitalize() for word in items]",
}


@pytest.fixture(scope="module")
def easy():
    """Questions of one step that AGAIN knows, with a program each."""
    suite = dataclasses.replace(SUITE, levels=tuple(level for level in SUITE.levels if level.name == "easy"))
    found = []
    for item in suite.items(SUITE.public_seed):
        step = item.prompt.split("\n1. ")[1].split("\n")[0]
        if step in AGAIN:
            found.append(
                (item, f"def {FUNCTION}(items):\n    items = list(items)\n    {AGAIN[step]}\n    return items")
            )
    return found


def checked(item, text):
    try:
        return SUITE.check(item, text, wall=WALL)
    except NoIsolation as error:
        pytest.skip(f"no sandbox on this machine: {error}")


def test_a_program_that_does_as_described_passes_every_hidden_call(easy):
    assert len(easy) >= 3
    for item, right in easy[:3]:
        assert checked(item, right) == (1.0, 1.0, "")


def test_a_program_that_returns_what_it_was_given_fails(easy):
    item, _ = easy[0]
    exact, own, trouble = checked(item, f"def {FUNCTION}(items):\n    return items")
    assert exact == 0.0
    assert 0 < own < 1, "the empty list is right"
    assert trouble == ""


@pytest.mark.parametrize("text", ["", "no program at all", f"def {FUNCTION}(items):\n    return 1 / 0"])
def test_what_is_no_right_program_scores_nothing(easy, text):
    assert checked(easy[0][0], text)[:2] == (0.0, 0.0)


def test_the_model_s_sandbox_only_reads_the_program(easy):
    item, right = easy[0]
    assert SUITE.score(item, f"Here you are:\n```python\n{right}\n```\nDone.") == (right, 0.0, None)
    assert SUITE.extract(f"```\n{right}\n```") == right


def test_the_hidden_calls_are_not_in_the_prompt_and_cover_short_lists():
    for item in SUITE.items(3, limit=30):
        calls = item.meta["calls"]
        assert len(calls) == HIDDEN
        assert [len(call["arguments"][0]) for call in calls[:2]] == [0, 1]
        assert json.loads(item.target) == [call["expected"] for call in calls]
        assert not any(repr(call["arguments"][0]) in item.prompt for call in calls[2:])


@pytest.mark.parametrize("words", [True, False])
def test_no_function_that_does_nothing_passes(words):
    random = Random(4)  # noqa: S311
    for _ in range(100):
        task = program(random, steps=3, words=words)
        calls = task.meta["calls"]
        assert any(call["expected"] for call in calls)
        assert any(call["expected"] != call["arguments"][0] for call in calls)


@pytest.mark.parametrize(
    ("step", "given"), [(_number_step, [3, -4, 3, 12, 18]), (_word_step, ["tea", "a", "tea", "nest"])]
)
def test_a_step_leaves_what_it_was_given_alone(step, given):
    random = Random(1)  # noqa: S311
    for _ in range(200):
        _, apply = step(random)
        before = list(given)
        apply(before)
        assert before == given
        assert apply([]) == []
