"""What a source may say: one record a row, in the source's own words, before any name is resolved."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Access(StrEnum):
    """How a release can be had. Weights alone are never "open source": licences say what may be done with them."""

    UNRELEASED = "unreleased"
    HOSTED = "hosted"  # a product without an API
    API = "api"
    WEIGHTS_NONCOMMERCIAL = "weights-noncommercial"
    WEIGHTS_RESTRICTED = "weights-restricted"
    WEIGHTS_PERMISSIVE = "weights-permissive"
    WEIGHTS = "weights"  # downloadable; the source does not say under which terms

    @property
    def downloadable(self) -> bool:
        return self.value.startswith("weights")


class Evaluator(StrEnum):
    """Who measured a score: the lab, the benchmark's own board, another third party, this site, or nobody said."""

    FIRST_PARTY = "first-party"
    LEADERBOARD = "leaderboard"
    THIRD_PARTY = "third-party"
    OWN = "own-run"
    UNSTATED = "unstated"


class Precision(StrEnum):
    """How much of a date its source gave; of a month or a year the date is the first day."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class When:
    """A date as precisely as the source gave it. `on` is the first day of the interval it stands for."""

    on: date
    precision: Precision = Precision.DAY

    @classmethod
    def parse(cls, text: str) -> "When | None":
        """Read `2025-04-16`, `2025-04` or `2025`; blank is None. Raises ValueError on anything else."""
        text = text.strip()
        if not text:
            return None
        parts = text.split("-")
        if len(parts) > 3 or len(parts[0]) != 4 or not all(part.isdigit() and len(part) <= 4 for part in parts):
            raise ValueError(f"{text!r} is not a date such as 2025-04-16, 2025-04 or 2025")
        numbers = [int(part) for part in parts] + [1, 1]
        precision = (Precision.YEAR, Precision.MONTH, Precision.DAY)[len(parts) - 1]
        return cls(date(*numbers[:3]), precision)

    def __str__(self) -> str:
        length = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}[self.precision]
        return self.on.isoformat()[:length]


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A model became available (or was announced), as one source tells it.

    `key` names the row within its document and stays the same from vintage to vintage.
    `parameters` and `active_parameters` are counts, `context` is tokens; `url` is the row's own evidence.
    `data_information` is "full", "partial", "none" or blank (not stated): how completely the training data is described
    (OSAID 1.0); `training_code` is "open", "none" or blank. `base` is the model it was made from, in the source's
    words, `base_relation` how: finetune, quantized, merge, adapter or blank.
    """

    key: str
    model: str
    lab: str = ""
    released: When | None = None
    access: Access | None = None
    licence: str = ""
    parameters: float | None = None
    active_parameters: float | None = None
    context: int | None = None
    weights_url: str = ""
    data_information: str = ""
    training_code: str = ""
    base: str = ""
    base_relation: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ScoreRecord:
    """One result of one model on one benchmark.

    `model` is the source's full name, suffixes included: `domain.names` takes the setting out of it. `setting` holds
    what the source states in a column of its own (an effort, a budget). `value` and `stderr` are in the unit that the
    benchmark's catalogue file declares: a proportion in 0..1, or minutes, Elo, dollars.
    """

    key: str
    model: str
    benchmark: str
    value: float
    setting: str = ""
    stderr: float | None = None
    scaffold: str = ""
    shots: str = ""
    evaluator: Evaluator = Evaluator.UNSTATED
    evaluated: When | None = None
    released: When | None = None
    lab: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class PriceRecord:
    """What a host asks for a model: US dollars per million tokens; 0 is a free tier, None is not stated."""

    key: str
    model: str
    host: str
    input: float | None
    output: float | None
    cache_read: float | None = None
    cache_write: float | None = None
    since: When | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class EventRecord:
    """Something a lab did on a date: `kind` is one of `domain.events.EventKind`, `detail` a sentence of our own,
    `about` the key of an earlier event of the same source that this one keeps or breaks."""

    key: str
    lab: str
    kind: str
    title: str
    occurred: When
    model: str = ""
    detail: str = ""
    about: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class StatementRecord:
    """What a person said on a topic: `summary` in our own words, `quote` a short piece of theirs, `venue` where.

    `lab` is the one they spoke for on that day; blank for nobody's.
    """

    key: str
    person: str
    topic: str
    summary: str
    said: When
    quote: str = ""
    venue: str = ""
    lab: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class NewsRecord:
    """A lab's own notice: its title and where it stands. The text is the lab's and is not kept as a fact."""

    key: str
    lab: str
    title: str
    published: When | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class LicenceRecord:
    """What a register or a publisher says of a licence: its text, or flags, or both; None and blank are not stated.

    `licence` is the source's own id or name, `model` the model it came with, if it came with one.
    """

    key: str
    licence: str
    text: str = ""
    osi_approved: bool | None = None
    fsf_libre: bool | None = None
    category: str = ""
    model: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class AssessmentRecord:
    """What somebody who assesses openness says of one model, or of a whole lab, under one criterion of one rubric.

    Without a `model` it is about the `lab`.

    `verdict` is the assessor's own word, `value` its number where the rubric has one (1 open, 0.5 partial, 0 closed).
    """

    key: str
    model: str
    rubric: str
    criterion: str
    verdict: str
    value: float | None = None
    licence: str = ""
    lab: str = ""
    assessed: When | None = None
    url: str = ""


Record = (
    ReleaseRecord
    | ScoreRecord
    | PriceRecord
    | EventRecord
    | StatementRecord
    | NewsRecord
    | LicenceRecord
    | AssessmentRecord
)
