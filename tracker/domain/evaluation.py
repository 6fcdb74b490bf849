"""What the parts of an evaluation say to each other: items, jobs, answers, and what is recorded of a run.

Everything here travels as JSON between a worker, which has a database and no model, and the sandbox, which has a model
and no database: `to_json` and `from_json` are the only way across, and the second believes nothing.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

LONGEST_ANSWER = 200_000  # characters; what is longer is cut, and no answer of a suite is
EPS = 1e-9


class Mode(StrEnum):
    """How the next token is chosen; CHOICE reads the likelihood of each labelled choice and generates nothing."""

    GREEDY = "greedy"
    SAMPLED = "sampled"
    CHOICE = "choice"


class Failure(StrEnum):
    """Why a sample has no score of its own, or a score of nought with a reason."""

    EMPTY = "empty answer"
    ENDLESS = "stopped at the token limit"
    TIMEOUT = "took longer than a sample may"
    MEMORY = "out of memory"
    ENGINE = "the engine failed"


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a suite. `id` is unique within suite, version and seed; `cluster` names the items that are alike
    (their generator and level), for the clustered error. `choices` are the labelled choices of a multiple-choice item,
    of which `target` is a label ("A"). `meta` is what the generator's own verifier wants to know."""

    id: str
    prompt: str
    target: str
    cluster: str
    choices: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How answers are made. `seconds` is what one sample may take."""

    mode: Mode = Mode.GREEDY
    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 512
    seed: int = 0
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Question:
    """One sample to make: `number` is its row."""

    number: int
    item: Item
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker asks of the sandbox at once. Answers carry `nonce`, so that no other job's are taken for them."""

    nonce: str
    suite: str
    system: str
    sampling: Sampling
    concurrency: int
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one question. `exact` is the match with the target after normalising, 0 or 1; `own` the score that
    the generator's verifier gave, in 0..1, None where it has none. `likelihoods` are those of the choices, natural
    logarithms, only under Mode.CHOICE."""

    nonce: str
    number: int
    text: str
    extracted: str
    exact: float
    own: float | None
    tokens_in: int
    tokens_out: int
    seconds: float
    failure: str = ""
    detail: str = ""
    likelihoods: tuple[float, ...] = ()


class ForgedError(ValueError):
    """An answer that no honest sandbox writes."""


def to_json(value: Job | Answer) -> bytes:
    """One line."""
    return json.dumps(asdict(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def job_from_json(line: bytes) -> Job:
    """A job as the worker wrote it."""
    said = json.loads(line)
    sampling = Sampling(**{**said["sampling"], "mode": Mode(said["sampling"]["mode"])})
    questions = tuple(
        Question(one["number"], Item(**{**one["item"], "choices": tuple(one["item"]["choices"])}), one["repeat"])
        for one in said["questions"]
    )
    return Job(said["nonce"], said["suite"], said["system"], sampling, said["concurrency"], questions)


def answer_from_json(line: bytes, *, nonce: str, numbers: frozenset[int] | set[int]) -> Answer:
    """An answer to a question of that job. Raises ForgedError on anything else: the sandbox may hold a model that took
    it over."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ForgedError(f"no JSON: {error}") from None
    if not isinstance(said, dict) or said.keys() != Answer.__dataclass_fields__.keys():
        raise ForgedError("other fields than an answer has")
    if said["nonce"] != nonce or type(said["number"]) is not int or said["number"] not in numbers:
        raise ForgedError("an answer to a question that was not asked")
    for name in ("text", "extracted", "failure", "detail"):
        if type(said[name]) is not str or len(said[name]) > LONGEST_ANSWER:
            raise ForgedError(f"{name} is no text of a possible length")
        # PostgreSQL keeps neither NUL nor halves of characters.
        said[name] = said[name].replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if said["failure"] and said["failure"] not in set(Failure):
        raise ForgedError("an unknown failure")
    if said["exact"] not in (0, 1, 0.0, 1.0) or not (said["own"] is None or _proportion(said["own"])):
        raise ForgedError("a score outside 0 to 1")
    for name in ("tokens_in", "tokens_out"):
        if type(said[name]) is not int or not 0 <= said[name] < 2**31:
            raise ForgedError(f"{name} is no count")
    if not _number(said["seconds"]) or not 0 <= said["seconds"] < 1e7:
        raise ForgedError("seconds is no duration")
    likelihoods = said["likelihoods"]
    if type(likelihoods) is not list or len(likelihoods) > 64 or not all(map(_likelihood, likelihoods)):
        raise ForgedError("likelihoods are no logarithms of probabilities")
    return Answer(**{**said, "exact": float(said["exact"]), "likelihoods": tuple(map(float, likelihoods))})


def week_of(moment: datetime) -> str:
    """The ISO week of a moment in UTC: 2026-W47."""
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02}"


def tells_seed(week: str, *, now: datetime) -> bool:
    """Whether a run's seed may be told, and with it its questions: of a secret series when its week is over."""
    return week < week_of(now)


def _number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _proportion(value: Any) -> bool:
    return _number(value) and 0 <= value <= 1 + EPS


def _likelihood(value: Any) -> bool:
    return _number(value) and value <= EPS


@dataclass(frozen=True, slots=True)
class Energy:
    """What a meter saw of one job. Joules as the counter says; `idle` is the power in watts without work, measured
    before the engine was started. `watts` is the trace, one reading every `every` seconds. `meter` names the counter:
    "nvml", "rapl". Nothing of this exists without a meter."""

    meter: str
    joules: float
    seconds: float
    idle: float
    every: float
    watts: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """The files of a model as they were when the run began: name, bytes and SHA-256 of each; the digests of its chat
    template and its quantisation as its header says."""

    path: str
    files: tuple[tuple[str, int, str], ...]
    format: str
    template_sha256: str = ""
    quantisation: str = ""
    architecture: str = ""
    parameters: int | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """What a started engine says of itself: enough to start it again in the same way."""

    engine: str
    engine_version: str
    device: str
    dtype: str
    arguments: Mapping[str, Any]
    packages: Mapping[str, str]
    isolation: str
    seconds: float = 0.0
    context: int | None = None
