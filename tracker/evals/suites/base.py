"""What a suite is: levels of generators, questions made afresh from a seed, and how an answer is read and scored."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from random import Random
from typing import Any

from tracker.domain.evaluation import Item, Mode
from tracker.evals.code import Call, run_checks
from tracker.evals.isolation import Wall
from tracker.evals.suites import extraction, gym
from tracker.evals.suites.choosing import LABELS, label_in, options

PUBLIC_SEED = 20_261_122  # the day the suites were fixed
ITEMS = 25  # of each level
SYSTEM = (
    'Solve the task. You may think first. End with a line that begins with "Answer:" and holds nothing but the answer '
    "in the form that the task asks for; an answer of several lines begins on the line after it."
)
TEXT = (Mode.GREEDY, Mode.SAMPLED)
QUESTION, ANSWER = "Question:", "Answer:"
SPARE = 20  # times the questions wanted are drawn before a level is said to hold too few different ones


@dataclass(frozen=True, slots=True)
class Task:
    """A question with its answer, as a maker of ours returns it; `meta` is what a check of the answer needs."""

    question: str
    answer: str
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Level:
    """One generator at one fixed difficulty. `chance` is what is scored by giving the same likely answer to all, as
    measured over hundreds of questions, or by a guess among few. `many`: several answers are right, and the generator's
    verifier says which, so that full marks of it stand for a match. `shots`: worked examples in the prompt. `choices`:
    answers to choose from; `slips` tells wrong ones, in place of the answers to other questions. `make` is a maker of
    ours in place of a generator of reasoning-gym's."""

    generator: str
    name: str
    parameters: Mapping[str, Any]
    chance: float = 0.0
    many: bool = False
    shots: int = 0
    choices: int = 0
    slips: Callable[[Task], list[str]] | None = None
    items: int = ITEMS
    make: Callable[..., Task] | None = None

    @property
    def cluster(self) -> str:
        return f"{self.generator}/{self.name}"


def levels(
    generator: str, named: Mapping[str, Mapping[str, Any]], *, chance: float | Mapping[str, float] = 0.0, **common: Any
) -> tuple[Level, ...]:
    """The levels of one generator by their names."""
    return tuple(
        Level(
            generator, name, parameters, chance=chance if isinstance(chance, float) else chance.get(name, 0.0), **common
        )
        for name, parameters in named.items()
    )


@dataclass(frozen=True, slots=True)
class Suite:
    """One test. The same slug, version and seed mean the same questions for ever: whoever changes a level, a prompt or
    the reading of an answer raises the version."""

    slug: str
    title: str
    area: str
    version: int
    about: str
    levels: tuple[Level, ...]
    system: str = SYSTEM
    public_seed: int = PUBLIC_SEED
    needs_code: bool = False
    modes: tuple[Mode, ...] = TEXT

    @property
    def benchmark(self) -> str:
        """Its file in the catalogue."""
        return self.slug

    @property
    def chance(self) -> float:
        """What is scored without reading the questions."""
        return sum(level.chance * level.items for level in self.levels) / self.size

    @property
    def size(self) -> int:
        return sum(level.items for level in self.levels)

    def items(self, seed: int, *, limit: int | None = None) -> list[Item]:
        """The questions of a seed, clusters in turn, so that the first of them are as mixed as all."""
        return list(islice(self._items(seed), limit))

    def _items(self, seed: int) -> Iterator[Item]:
        seen: set[str] = set()
        streams = [(level, self._stream(level, seed)) for level in _in_turn(self.levels)]
        for number in range(max(level.items for level in self.levels)):
            for level, stream in streams:
                if number < level.items:
                    item = next((item for item in stream if item.prompt not in seen), None)
                    if item is None:
                        raise RuntimeError(f"{self.slug}: {level.cluster} has too few different questions")
                    seen.add(item.prompt)
                    yield Item(f"{level.cluster}/{number:03d}", *_rest(item))

    def _stream(self, level: Level, seed: int) -> Iterator[Item]:
        """Questions of one level without end in sight, possibly with repetitions."""
        drawn = hashlib.sha256(f"{self.slug} {self.version} {seed} {level.cluster}".encode()).digest()
        # Half of what generators accept: they add the number of the question to it.
        tasks = _tasks(level, int.from_bytes(drawn[:4]) >> 1)
        random = Random(drawn)  # noqa: S311  reproducible on purpose
        examples = [next(tasks) for _ in range(level.shots)]
        others = [task.answer for task in islice(tasks, 8 * level.choices)]
        known = {example.question for example in examples}
        shown = [_put(level, example, others, random) for example in examples]
        before = "".join(f"{QUESTION} {prompt}\n{ANSWER} {target}\n\n" for prompt, target, _ in shown)
        for task in tasks:
            if task.question not in known:
                prompt, target, choices = _put(level, task, others, random)
                if level.shots:
                    prompt = f"{before}{QUESTION} {prompt}\n{ANSWER}"
                yield Item("", prompt, target, level.cluster, choices, task.meta)

    def extract(self, text: str) -> str:
        """The answer in a model's text."""
        return extraction.program(text) if self.needs_code else extraction.extract(text)

    def score(self, item: Item, text: str) -> tuple[str, float, float | None]:
        """What was taken as the answer, 1 where it is the target and 0 where not, and what the generator's verifier
        gives it, None where it has none. Of a suite that needs code the program only: `check` runs it."""
        if self.needs_code:
            return extraction.program(text), 0.0, None
        level = next(level for level in self.levels if level.cluster == item.cluster)
        if level.shots:
            # A base model goes on with the next question.
            text = text.split(f"\n{QUESTION}")[0]
        answer, said = extraction.found(text)
        if item.choices:
            answer = label_in(answer, item.choices, said=said)
            return answer, float(answer == item.target), None
        if item.target.startswith("["):
            answer = extraction.one_list(answer)
        elif "\n" not in item.target:
            answer = extraction.one_line(answer, said=said)
        own = None
        if level.make is None and answer:
            own = gym.verdict(level.generator, level.parameters, answer, item.meta)
        elif level.make is None:
            own = 0.0
        exact = extraction.same(answer, item.target) or (level.many and own == 1)
        return answer, float(exact), own

    def agrees(self, item: Item, answer: str, exact: float) -> bool:
        """Whether `score` can have said so of that answer: what comes out of a model's sandbox is looked at again, as
        far as that needs no verifier."""
        if self.needs_code:
            return exact == 0
        if any(level.many for level in self.levels if level.cluster == item.cluster) and exact:
            return bool(answer)
        same = answer == item.target if item.choices else extraction.same(answer, item.target)
        return exact == float(same)

    def check(self, item: Item, program: str, *, wall: Wall) -> tuple[float, float, str]:
        """Of a suite that needs code: 1 where every call returned what it should and 0 where not, the share of calls
        that did, and what ended it early. To be called outside the model's sandbox, since the program gets its own."""
        result = run_checks(program, [Call(**call) for call in item.meta["calls"]], wall=wall)
        return float(all(result.passed)), result.score, result.trouble


def _tasks(level: Level, seed: int) -> Iterator[Task]:
    if level.make is not None:
        random = Random(seed)  # noqa: S311  reproducible on purpose
        for _ in range(SPARE * level.items):
            yield level.make(random, **level.parameters)
        return
    for entry in gym.entries(level.generator, level.parameters, seed=seed, size=SPARE * level.items):
        yield Task(entry["question"], entry["answer"], {"answer": entry["answer"], "metadata": entry["metadata"]})


def _put(level: Level, task: Task, others: list[str], random: Random) -> tuple[str, str, tuple[str, ...]]:
    """The question as it is asked, the answer that is wanted, and the choices."""
    question = task.question.strip()
    if not level.choices:
        return question, task.answer, ()
    choices = options(task.answer, level.slips(task) if level.slips else (), others, level.choices, random)
    listed = "\n".join(f"{label}. {choice}" for label, choice in zip(LABELS, choices, strict=False))
    return f"{question}\n\n{listed}", LABELS[choices.index(task.answer)], choices


def _in_turn(levels: tuple[Level, ...]) -> list[Level]:
    """Generators in turn, each beginning with another of its levels."""
    by_generator: dict[str, list[Level]] = {}
    for level in levels:
        by_generator.setdefault(level.generator, []).append(level)
    turned = [own[place % len(own) :] + own[: place % len(own)] for place, own in enumerate(by_generator.values())]
    return [level for column in zip_longest(*turned) for level in column if level is not None]


def _rest(item: Item) -> tuple[str, str, str, tuple[str, ...], Mapping[str, Any]]:
    return item.prompt, item.target, item.cluster, item.choices, item.meta
