"""Published tests by their names, off unless asked for: their questions come through Inspect Evals from where their
makers publish them, and are put and scored in our way, so that a score stands beside published ones, not among them."""

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any

from tracker.domain.evaluation import Item, Mode
from tracker.evals.suites import extraction
from tracker.evals.suites.base import PUBLIC_SEED, TEXT, Level, Suite
from tracker.evals.suites.choosing import LABELS, label_in
from tracker.evals.troubles import Trouble

CHOOSE = 'Choose the right answer. End with a line that begins with "Answer:" and holds only its letter.'
NEEDED = ("inspect_evals", "datasets")


class NoQuestions(Trouble):
    """The questions of a published test cannot be had here."""


@dataclass(frozen=True, slots=True)
class Published(Suite):
    """A test whose questions are the same for everybody, whatever the seed, and may have been trained on. `task` is a
    function of a module of Inspect Evals, `arguments` what it is called with, `licence` that of the questions as their
    card says; `unable` is why it cannot be offered."""

    levels: tuple[Level, ...] = ()
    module: str = ""
    task: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    licence: str = ""
    of: str = ""
    questions: int = 0
    guess: float = 0.0
    unable: str = ""
    enabled: bool = False

    @property
    def benchmark(self) -> str:
        return self.of

    @property
    def chance(self) -> float:
        return self.guess

    @property
    def size(self) -> int:
        return self.questions

    def items(self, seed: int, *, limit: int | None = None) -> list[Item]:
        """Its questions in an order of ours that never changes. Raises NoQuestions."""
        samples = list(self._samples())
        Random(f"{self.slug} {PUBLIC_SEED}").shuffle(samples)  # noqa: S311  reproducible on purpose
        items: dict[str, Item] = {}
        for sample in samples:
            item = _item(sample)
            items.setdefault(item.id, item)
        return list(items.values())[:limit]

    def _samples(self) -> Any:
        if self.unable:
            raise NoQuestions(f"{self.title}: {self.unable}")
        missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
        if missing:
            raise NoQuestions(f"{self.title} needs the packages {' and '.join(missing)}, which are not installed")
        from tenacity import RetryError  # Inspect's own requirement

        try:
            task = getattr(importlib.import_module(f"inspect_evals.{self.module}"), self.task)
            return task(**self.arguments).dataset
        except (OSError, ValueError, ImportError, AttributeError, RetryError) as error:
            raise NoQuestions(f"the questions of {self.title} cannot be had: {error}") from error

    def score(self, item: Item, text: str) -> tuple[str, float, float | None]:
        answer, said = extraction.found(text)
        if item.choices:
            answer = label_in(answer, item.choices, said=said)
            return answer, float(answer == item.target), None
        answer = extraction.one_line(answer, said=said)
        return answer, float(extraction.same(answer, item.target)), None


def _item(sample: Any) -> Item:
    choices = tuple(map(str, sample.choices or ()))
    listed = "\n".join(f"{label}. {choice}" for label, choice in zip(LABELS, choices, strict=False))
    prompt = f"{str(sample.input).strip()}\n\n{listed}" if choices else str(sample.input).strip()
    target = sample.target if isinstance(sample.target, str) else sample.target[0]
    subject = str((sample.metadata or {}).get("subject", "") or sample.id)
    return Item(str(sample.id), prompt, target, subject, choices)


def _choosing(slug: str, title: str, **more: Any) -> Published:
    return Published(slug, title, version=1, system=CHOOSE, modes=(Mode.CHOICE, *TEXT), **more)


STANDARD: Mapping[str, Published] = MappingProxyType(
    {
        suite.slug: suite
        for suite in (
            Published(
                "standard-gsm8k",
                "GSM8K",
                "arithmetic",
                1,
                "Word problems of primary school, 1319 published questions.",
                module="gsm8k",
                task="gsm8k",
                arguments={"fewshot": 0},
                licence="MIT",
                of="gsm8k",
                questions=1319,
            ),
            _choosing(
                "standard-mmlu-pro",
                "MMLU-Pro",
                area="knowledge",
                about="Questions of 14 subjects with up to ten choices, 12032 published ones.",
                module="mmlu_pro",
                task="mmlu_pro",
                arguments={"shuffle": False},
                licence="MIT",
                of="mmlu-pro",
                questions=12032,
                guess=0.1,
            ),
            _choosing(
                "standard-gpqa-diamond",
                "GPQA Diamond",
                area="knowledge",
                about="Questions of experts in biology, physics and chemistry, 198 published ones. Never to be shown.",
                module="gpqa",
                task="gpqa_diamond",
                licence="CC-BY-4.0",
                of="gpqa-diamond",
                questions=198,
                guess=0.25,
            ),
            _choosing(
                "standard-arc-challenge",
                "ARC Challenge",
                area="knowledge",
                about="Science questions of school examinations, 1172 published ones.",
                module="arc",
                task="arc_challenge",
                licence="CC-BY-SA-4.0",
                of="arc-challenge",
                questions=1172,
                guess=0.25,
            ),
            Published(
                "standard-ifeval",
                "IFEval",
                "instructions",
                1,
                "Instructions whose keeping a program can check.",
                module="ifeval",
                task="ifeval",
                licence="Apache-2.0",
                questions=541,
                unable="its instructions are checked by a program of its own, which is not joined here yet",
            ),
        )
    }
)
