"""The questions and verifiers of reasoning-gym, as plain JSON."""

import contextlib
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

# Their verifiers refuse their own reference answers.
REFUSING = frozenset({"boxnet", "graph_color", "propositional_logic", "rubiks_cube", "rush_hour"})
# Their verifiers run the model's text as a program, by eval or by sympy's parser.
RUNNING = frozenset(
    "binary_matrix codeio countdown intermediate_integration n_queens polynomial_multiplication puzzle24 "
    "simple_integration spiral_matrix string_insertion".split()
)
# Other questions from the same seed in another process, or on another day.
UNSTEADY = frozenset(
    "isomorphic_strings list_functions polynomial_multiplication ransom_note time_intervals word_ladder".split()
)
LEFT_OUT = REFUSING | RUNNING | UNSTEADY
LONGEST = 10_000  # characters of an answer; no right one has a tenth of it
ENDLESS = re.compile(r"\d\s*e\s*[+-]?\s*[\d_]{4,}", re.IGNORECASE)
# What a verifier raises when it stumbles over an answer.
STUMBLES = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, SyntaxError, RecursionError)


def entries(generator: str, parameters: Mapping[str, Any], *, seed: int, size: int) -> Iterator[dict[str, Any]]:
    """Up to `size` questions with `question`, `answer` and `metadata`."""
    dataset = _dataset(generator, parameters, seed=seed, size=size)
    for number in range(size):
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                entry = dataset[number]
        except (RuntimeError, ValueError):
            continue  # some seeds give no puzzle of the wanted kind, always the same ones
        if not entry["answer"].strip():
            continue  # no answer at all would be right
        metadata = {name: value for name, value in entry["metadata"].items() if name not in UNWANTED}
        yield {"question": entry["question"], "answer": entry["answer"], "metadata": plain(metadata)}


UNWANTED = frozenset({"difficulty", "source_dataset", "source_index", "source_idx"})


def verdict(generator: str, parameters: Mapping[str, Any], answer: str, entry: Mapping[str, Any]) -> float:
    """What the generator's own verifier gives the answer, in 0..1; an answer it stumbles over is not accepted."""
    # A power of ten of nine digits, as a fraction, would take the verifier for ever.
    if len(answer) > LONGEST or ENDLESS.search(answer):
        return 0.0
    verifier = _verifier(generator, json.dumps(dict(parameters), sort_keys=True))
    try:
        # The standard output of the sandbox carries answers, and some verifiers talk.
        with contextlib.redirect_stdout(io.StringIO()):
            score = float(verifier.score_answer(answer, entry))
    except STUMBLES:
        return 0.0
    return 0.0 if math.isnan(score) else min(1.0, max(0.0, score))


@lru_cache(maxsize=256)
def _verifier(generator: str, parameters: str) -> Any:
    return _dataset(generator, json.loads(parameters), seed=0, size=1)


def _dataset(generator: str, parameters: Mapping[str, Any], *, seed: int, size: int) -> Any:
    import reasoning_gym

    if generator in LEFT_OUT:
        raise ValueError(f"{generator} may not be used here")
    return reasoning_gym.create_dataset(generator, seed=seed, size=size, **parameters)


def plain(value: Any) -> Any:
    """The same in what JSON knows: lists for tuples, Python's own numbers and strings."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if hasattr(value, "tolist"):
        return plain(value.tolist())  # numpy's
    if isinstance(value, int | float):
        return value
    return str(value)
