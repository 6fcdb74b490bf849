"""Multiple choice made of questions with one answer: wrong answers that look right, and labels."""

import re
from collections.abc import Sequence
from random import Random

LABELS = "ABCDEFGHIJ"


def options(answer: str, slips: Sequence[str], others: Sequence[str], count: int, random: Random) -> tuple[str, ...]:
    """The answer among `count - 1` others in a random order: slips, or numbers near it, or answers to
    other questions."""
    if not slips and re.fullmatch(r"-?\d+", answer):
        chosen = _near(int(answer), count - 1, random)
    else:
        pool = sorted(set(slips) - {answer})
        chosen = random.sample(pool, min(count - 1, len(pool)))
        pool = sorted(set(others) - {answer, *chosen})
        chosen += random.sample(pool, count - 1 - len(chosen))
    mixed = [answer, *chosen]
    random.shuffle(mixed)
    return tuple(mixed)


def _near(value: int, count: int, random: Random) -> list[str]:
    """Numbers as a slip would give them. How many of them are smaller is drawn evenly, since else the middle one would
    be the better guess; an answer above nought has no other at or below it."""
    steps = [1, 2, 3, 9, 10, 11, *([90, 100, 110] if abs(value) >= 100 else [])]
    below = [value - step for step in steps if value < 0 or step < value]
    smaller = random.sample(below, min(random.randint(0, count), len(below)))
    larger = random.sample([value + step for step in steps], count - len(smaller))
    return [str(number) for number in (*smaller, *larger)]


def label_in(answer: str, choices: Sequence[str], *, said: bool) -> str:
    """The label a text names, or that of the choice it repeats; nothing where it names none."""
    labels = LABELS[: len(choices)]
    lines = [line.strip() for line in answer.splitlines() if line.strip()]
    line = (lines[0] if said else lines[-1]) if lines else ""
    if named := re.fullmatch(rf"\W*([{labels}{labels.lower()}])\W*", line):
        return named[1].upper()
    # "A. 42" and "(A) 42", but not "A cube has six sides".
    if named := re.match(rf"[(\[*]*([{labels}])[*]*[).:,\]]", line):
        return named[1]
    bare = line.rstrip(".").casefold()
    matching = [
        label
        for label, choice in zip(labels, choices, strict=True)
        if bare in (choice.casefold(), f"{label} {choice}".casefold())
    ]
    return matching[0] if len(matching) == 1 else ""
