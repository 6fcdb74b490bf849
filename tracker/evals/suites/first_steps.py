"""What the smallest models can begin to do: five worked examples, then one short question of the same kind."""

from random import Random

from tracker.evals.suites.base import Suite, Task, levels

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = (
    "apple bread chair cloud dance eagle field glass horse island juice knife lemon money night ocean paper queen "
    "river stone table uncle voice water yellow zebra"
).split()


def add(random: Random, *, largest: int) -> Task:
    """A sum of two numbers from 1 to `largest`."""
    one, other = random.randint(1, largest), random.randint(1, largest)
    return Task(f"What is {one} + {other}?", str(one + other))


def largest_of_three(random: Random, *, largest: int) -> Task:
    """The largest of three different numbers from 1 to `largest`."""
    numbers = random.sample(range(1, largest + 1), 3)
    return Task(f"Which number is the largest: {', '.join(map(str, numbers))}?", str(max(numbers)))


def parity(random: Random, *, largest: int) -> Task:
    """Whether a number from 1 to `largest` is even or odd."""
    number = random.randint(1, largest)
    return Task(f"Is {number} even or odd?", "odd" if number % 2 else "even")


def reverse(random: Random, *, letters: int) -> Task:
    """That many different letters, to be written backwards with spaces between them."""
    word = "".join(random.sample(LETTERS, letters))
    return Task(f"Write the letters in reverse order: {' '.join(word)}", " ".join(reversed(word)))


def first_word(random: Random, *, words: int) -> Task:
    """The first of that many different words."""
    chosen = random.sample(WORDS, words)
    return Task(f"What is the first word of this list: {', '.join(chosen)}?", chosen[0])


def next_number(random: Random, *, largest: int) -> Task:
    """The fifth number of a row that begins at most at `largest` and grows by 1 to 10 each time."""
    start, step = random.randint(0, largest), random.randint(1, 10)
    row = ", ".join(str(start + step * place) for place in range(4))
    return Task(f"Which number comes next: {row}?", str(start + step * 4))


SUITE = Suite(
    slug="own-first-steps",
    title="First steps",
    area="cognition",
    version=1,
    about="Very easy questions after five worked examples, so that the smallest models score above nothing.",
    system="Answer the last question in the way of the examples: with the answer only, on one line.",
    levels=(
        *levels("add", {"easy": {"largest": 9}, "medium": {"largest": 99}}, shots=5, make=add),
        *levels(
            "largest_of_three",
            {"easy": {"largest": 20}, "medium": {"largest": 1000}},
            shots=5,
            make=largest_of_three,
            chance=1 / 3,
        ),
        *levels("parity", {"easy": {"largest": 99}, "medium": {"largest": 9999}}, shots=5, make=parity, chance=1 / 2),
        *levels("reverse", {"easy": {"letters": 3}, "medium": {"letters": 5}}, shots=5, make=reverse),
        *levels(
            "first_word",
            {"easy": {"words": 3}, "medium": {"words": 8}},
            shots=5,
            make=first_word,
            chance={"easy": 1 / 3, "medium": 1 / 8},
        ),
        *levels("next_number", {"easy": {"largest": 10}, "medium": {"largest": 200}}, shots=5, make=next_number),
    ),
)
