"""Writing code: a small Python function from its description, judged by what it returns for hidden lists."""

import json
from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

from tracker.evals.suites.base import Suite, Task, levels

FUNCTION = "transform"
HIDDEN = 10  # calls
Step = tuple[str, Callable[[Any], Any]]  # what to do with the list, in words and in deed


def program(random: Random, *, steps: int, words: bool) -> Task:
    """A function of as many steps, over a list of words or of whole numbers."""
    while True:
        chosen = _steps(random, steps, words=words)
        inputs = [_words(random, size) if words else _numbers(random, size) for size in _sizes(random)]
        outputs = [_applied(chosen, given) for given in inputs]
        # Else a function that returns nothing, or what it was given, would pass too often.
        if outputs[0] and 2 * sum(map(bool, outputs)) > len(outputs) and inputs[0] != outputs[0]:
            break
    kind = "words (strings of lower-case letters)" if words else "whole numbers"
    listed = "\n".join(f"{number}. {said}" for number, (said, _) in enumerate(chosen, start=1))
    question = (
        f"Write a Python function {FUNCTION}(items) that takes a list of {kind}, which may be empty, does the "
        f"following in this order, and returns the resulting list:\n{listed}\n\n"
        f"Example: {FUNCTION}({inputs[0]!r}) returns {outputs[0]!r}"
    )
    calls = [
        {"function": FUNCTION, "arguments": [given], "expected": output}
        for given, output in zip(inputs[1:], outputs[1:], strict=True)
    ]
    return Task(question, json.dumps(outputs[1:]), {"calls": calls})


def _steps(random: Random, count: int, *, words: bool) -> list[Step]:
    """No two of them the same."""
    chosen: dict[str, Step] = {}
    while len(chosen) < count:
        step = _word_step(random) if words else _number_step(random)
        chosen.setdefault(step[0], step)
    return list(chosen.values())


def _applied(steps: list[Step], given: list[Any]) -> list[Any]:
    for _, apply in steps:
        given = apply(given)
    return given


def _sizes(random: Random) -> list[int]:
    """Of the example and of the hidden lists, with an empty one and one of a single item among these."""
    return [random.randint(5, 7), 0, 1, *(random.randint(2, 14) for _ in range(HIDDEN - 2))]


def _numbers(random: Random, size: int) -> list[int]:
    return [random.randint(-20, 40) for _ in range(size)]


def _words(random: Random, size: int) -> list[str]:
    return ["".join(random.choices("abcdeilnorst", k=random.randint(1, 7))) for _ in range(size)]


def _number_step(random: Random) -> Step:
    number, small = random.randint(2, 9), random.randint(2, 4)
    steps: list[Step] = [
        (f"Keep only the numbers that {number} divides.", lambda row: [one for one in row if one % number == 0]),
        (f"Keep only the numbers greater than {number}.", lambda row: [one for one in row if one > number]),
        (f"Add {number} to every number.", lambda row: [one + number for one in row]),
        (f"Multiply every number by {number}.", lambda row: [one * number for one in row]),
        ("Replace every number by its square.", lambda row: [one * one for one in row]),
        (f"Keep only every {_ordinal(small)} number, beginning with the first.", lambda row: row[::small]),
        (
            "Replace every number by the sum of all numbers up to and including it.",
            lambda row: [sum(row[: place + 1]) for place in range(len(row))],
        ),
        (
            "Replace every number by itself minus the one before it, and leave out the first.",
            lambda row: [after - before for before, after in pairwise(row)],
        ),
        *_any_steps(small),
    ]
    return random.choice(steps)


def _word_step(random: Random) -> Step:
    letter, small = random.choice("aeionrst"), random.randint(2, 4)
    steps: list[Step] = [
        (
            f'Leave out the words that contain the letter "{letter}".',
            lambda row: [one for one in row if letter not in one],
        ),
        (f"Keep only the words with at least {small} letters.", lambda row: [one for one in row if len(one) >= small]),
        ("Reverse the letters of every word.", lambda row: [one[::-1] for one in row]),
        (
            f'Replace every "{letter}" by "{letter}{letter}".',
            lambda row: [one.replace(letter, letter * 2) for one in row],
        ),
        ("Write the first letter of every word as a capital.", lambda row: [one[:1].upper() + one[1:] for one in row]),
        (f"Cut every word after its first {small} letters.", lambda row: [one[:small] for one in row]),
        (
            "Sort the words by their length, those of equal length staying in the order they are in.",
            lambda row: sorted(row, key=len),
        ),
        *_any_steps(small),
    ]
    return random.choice(steps)


def _any_steps(small: int) -> list[Step]:
    return [
        ("Sort the list in ascending order.", sorted),
        ("Reverse the order of the list.", lambda row: row[::-1]),
        ("Keep only the first of equal items.", lambda row: list(dict.fromkeys(row))),
        (f"Move the first {small} items to the end, keeping their order.", lambda row: row[small:] + row[:small]),
        (f"Leave out the last {small} items.", lambda row: row[: max(0, len(row) - small)]),
    ]


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third", 4: "fourth"}[number]


SUITE = Suite(
    slug="own-programs",
    title="Writing code",
    area="code",
    version=1,
    about="Small Python functions over lists, written from a description and judged by what they return.",
    system="Write the function in Python, in one code block, with no other code in it. Use the standard library only.",
    needs_code=True,
    levels=(
        *levels(
            "list_of_numbers",
            {
                "easy": {"steps": 1, "words": False},
                "medium": {"steps": 3, "words": False},
                "hard": {"steps": 6, "words": False},
            },
            make=program,
        ),
        *levels(
            "list_of_words",
            {
                "easy": {"steps": 1, "words": True},
                "medium": {"steps": 3, "words": True},
                "hard": {"steps": 6, "words": True},
            },
            make=program,
        ),
    ),
)
