"""Reading code: what a small program prints, in Python and in a language of eight signs."""

from collections.abc import Callable
from random import Random

from tracker.evals.suites.base import Suite, Task, levels

QUESTION = "What does this Python program print?\n\n```python\n{}\n```"
Step = tuple[str, Callable[[int], int]]  # a line of the program, and what it does to x


def straight(random: Random, *, lines: int) -> Task:
    """One statement after another."""
    start = random.randint(2, 20)
    value, said = start, [f"x = {start}"]
    for _ in range(lines):
        line, apply = _step(random)
        value = apply(value)
        said.append(line)
    return _asked([*said, "print(x)"], value)


def loop(random: Random, *, rounds: int, lines: int) -> Task:
    """The same statements several times, one of them only under a condition."""
    start, count = random.randint(2, 20), random.randint(2, rounds)
    divisor = random.randint(2, 4)
    always = [_step(random) for _ in range(lines)]
    sometimes = _step(random)
    value = start
    for _ in range(count):
        for _line, apply in always:
            value = apply(value)
        if value % divisor == 0:
            value = sometimes[1](value)
        value %= 1000
    said = [
        f"x = {start}",
        f"for i in range({count}):",
        *(f"    {line}" for line, _ in always),
        f"    if x % {divisor} == 0:",
        f"        {sometimes[0]}",
        "    x = x % 1000",
        "print(x)",
    ]
    return _asked(said, value)


def over_list(random: Random, *, numbers: int) -> Task:
    """Numbers of a list kept apart by a condition, then put together again."""
    row = [random.randint(-20, 50) for _ in range(numbers)]
    divisor, limit = random.randint(2, 5), random.randint(0, 30)
    total, kept = 0, []
    for number in row:
        if number % divisor == 0:
            kept.append(number)
        elif number > limit:
            total += number
        else:
            total -= 1
    said = [
        f"numbers = {row}",
        "total = 0",
        "kept = []",
        "for number in numbers:",
        f"    if number % {divisor} == 0:",
        "        kept.append(number)",
        f"    elif number > {limit}:",
        "        total += number",
        "    else:",
        "        total -= 1",
        "print(total + len(kept) * 10 + sum(kept[::2]))",
    ]
    return _asked(said, total + len(kept) * 10 + sum(kept[::2]))


def _step(random: Random) -> Step:
    number = random.randint(2, 9)
    steps: list[Step] = [
        (f"x = x + {number}", lambda x: x + number),
        (f"x = x - {number}", lambda x: x - number),
        (f"x = x * {number}", lambda x: x * number),
        (f"x = x // {number}", lambda x: x // number),
        (f"x = {number} - x", lambda x: number - x),
        (f"x = x % {number + 10}", lambda x: x % (number + 10)),
    ]
    return random.choice(steps)


def _asked(lines: list[str], printed: int) -> Task:
    return Task(QUESTION.format("\n".join(lines)), str(printed))


SUITE = Suite(
    slug="own-traces",
    title="Reading code",
    area="code",
    version=1,
    about="What a small program prints: Python with branches, loops and lists, and a language of eight signs.",
    levels=(
        *levels("straight", {"easy": {"lines": 3}, "medium": {"lines": 6}, "hard": {"lines": 12}}, make=straight),
        *levels(
            "loop",
            {
                "easy": {"rounds": 3, "lines": 1},
                "medium": {"rounds": 6, "lines": 2},
                "hard": {"rounds": 15, "lines": 3},
            },
            make=loop,
        ),
        *levels(
            "over_list",
            {"easy": {"numbers": 4}, "medium": {"numbers": 8}, "hard": {"numbers": 20}},
            make=over_list,
        ),
        *levels("bf", {"easy": {"difficulty": 1}, "medium": {"difficulty": 2}}),
    ),
)
