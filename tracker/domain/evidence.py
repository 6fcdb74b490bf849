"""Which of several facts about one thing is believed, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from tracker.domain.records import Access, Evaluator, Precision

# Whom to believe, best first, field by field. A source that is not listed comes after those that are.
# Curated rows were read by a person from the publisher's own page, so they win everywhere.
# Dates: Epoch researches the announcement; models.dev's labs' own files come next; the hub's are repository dates.
# Access: the hub holds the weights themselves, so it knows best that they can be had, but not how freely.
TRUST: Mapping[str, Sequence[str]] = {
    "released_on": ("curated_releases", "epoch_models", "epoch_benchmarks", "models_dev", "epoch_panel"),
    "access": ("curated_releases", "epoch_benchmarks", "epoch_models", "hf_hub", "models_dev"),
    "licence": ("curated_releases", "hf_hub", "models_dev"),
    "parameters": ("curated_releases", "epoch_models", "hf_hub", "models_dev"),
    "active_parameters": ("curated_releases", "epoch_models"),
    "context": ("curated_releases", "models_dev"),
    "data_information": ("curated_releases",),
    "training_code": ("curated_releases",),
}

# How many days two sources' release dates may differ before a curator is told.
DATE_TOLERANCE_DAYS = 7


@dataclass(frozen=True, slots=True)
class ReleaseFact:
    """One source's release fact, as evidence: `id` is the fact's row, `source` its slug."""

    id: int
    source: str
    known_from: datetime
    released_on: date | None = None
    precision: Precision = Precision.DAY
    access: Access | None = None
    licence: str = ""
    parameters: float | None = None
    active_parameters: float | None = None
    context: int | None = None
    data_information: str = ""
    training_code: str = ""


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of one model: a value and the id of the fact it was taken from, field by field."""

    values: Mapping[str, Any]
    evidence: Mapping[str, int]
    conflicts: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person decided where sources disagree: the fact to believe, and the values that were weighed, in words."""

    fact: int
    seen: frozenset[str]

    def settles(self, values: Iterable[Any]) -> bool:
        """Whether nothing is said now that was not weighed then."""
        return {str(value) for value in values} <= self.seen


NO_CHOICES: Mapping[str, Choice] = {}


def believed_release(facts: Iterable[ReleaseFact], chosen: Mapping[str, Choice] = NO_CHOICES) -> Belief:
    """Field by field what a person chose; else the most trusted source that says anything; between its own rows, the
    newest.

    A date given to the day beats a month, whoever gives it: the month is the less exact reading of the same event.
    Where the believed access is "weights" without terms, another source's more exact word for weights is taken: both
    say the same of what can be downloaded, and one says more.
    """
    facts = list(facts)
    values: dict[str, Any] = {}
    evidence: dict[str, int] = {}
    for name, ranking in TRUST.items():
        said = [fact for fact in facts if getattr(fact, name) not in (None, "")]
        if not said:
            continue
        # Most things are said by one source alone.
        ranked = said if len(said) == 1 else sorted(said, key=partial(_order, name, ranking))
        best = ranked[0]
        if name == "access" and best.access is Access.WEIGHTS:
            exact = (f for f in ranked if f.access and f.access.downloadable and f.access is not Access.WEIGHTS)
            best = next(exact, best)
        if name in chosen:
            best = next((fact for fact in said if fact.id == chosen[name].fact), best)
        values[name] = getattr(best, name)
        evidence[name] = best.id
        if name == "released_on":
            values["precision"] = best.precision
    return Belief(values, evidence, tuple(conflicts(facts, chosen)))


def _rank(source: str, ranking: Sequence[str]) -> int:
    return ranking.index(source) if source in ranking else len(ranking)


def _order(name: str, ranking: Sequence[str], fact: ReleaseFact) -> tuple[int, int, tuple[float, int]]:
    return _vagueness(fact, name), _rank(fact.source, ranking), _newest_first(fact)


def _newest_first(fact: ReleaseFact) -> tuple[float, int]:
    return (-fact.known_from.timestamp(), -fact.id)


def _vagueness(fact: ReleaseFact, name: str) -> int:
    if name == "released_on":
        return list(Precision).index(fact.precision)
    return 0


def conflicts(facts: Iterable[ReleaseFact], chosen: Mapping[str, Choice] = NO_CHOICES) -> list[str]:
    """The fields on which sources disagree: can the weights be had, when was it released, under which licence. A person
    has settled it for as long as nobody says anything else."""
    facts = list(facts)
    if len(facts) < 2:
        return []
    found = []
    if len({fact.access.downloadable for fact in facts if fact.access is not None}) > 1:
        found.append("access")
    days = [fact.released_on for fact in facts if fact.released_on and fact.precision is Precision.DAY]
    if days and (max(days) - min(days)).days > DATE_TOLERANCE_DAYS:
        found.append("released_on")
    if len({fact.licence for fact in facts if fact.licence}) > 1:
        found.append("licence")
    return [name for name in found if name not in chosen or not chosen[name].settles(said(facts, name))]


def said(facts: Iterable[ReleaseFact], name: str) -> list[Any]:
    """Every value that the facts hold in a field."""
    return [value for fact in facts if (value := getattr(fact, name)) not in (None, "")]


# Who is believed first when several measured the same thing: a run of this site, of which every answer can be read,
# beats an independent run under one harness; that beats a board which takes submissions, and that the lab's own word.
EVALUATOR_RANK = {
    Evaluator.OWN: 0,
    Evaluator.THIRD_PARTY: 1,
    Evaluator.LEADERBOARD: 2,
    Evaluator.UNSTATED: 3,
    Evaluator.FIRST_PARTY: 4,
}


@dataclass(frozen=True, slots=True)
class ScoreFact:
    """One score as evidence. `setting` is its setting, written out."""

    id: int
    model: str
    benchmark: str
    setting: str
    value: float
    evaluator: Evaluator
    source: str
    known_from: datetime
    stderr: float | None = None


# Where the same measurement is carried by several documents of one publisher, the live one is believed.
SCORE_SOURCE_RANK = ("own_evals", "epoch_benchmarks", "epoch_panel", "models_dev")


def believed_scores(facts: Iterable[ScoreFact]) -> dict[tuple[str, str, str], ScoreFact]:
    """One score per (model, benchmark, setting): independent before self-reported, then the newest reading, then the
    better-ranked source, then the lower row id, so that the choice never depends on the order of the rows."""
    best: dict[tuple[str, str, str], ScoreFact] = {}
    for fact in facts:
        key = (fact.model, fact.benchmark, fact.setting)
        if key not in best or _score_rank(fact) < _score_rank(best[key]):
            best[key] = fact
    return best


def _score_rank(fact: ScoreFact) -> tuple[int, float, int, int]:
    return (
        EVALUATOR_RANK[fact.evaluator],
        -fact.known_from.timestamp(),
        _rank(fact.source, SCORE_SOURCE_RANK),
        fact.id,
    )
