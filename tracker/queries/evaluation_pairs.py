"""Two of our runs beside each other on the questions that both were asked, and what of them cannot be compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker.domain.eval_power import Design, between_variance
from tracker.domain.eval_statistics import Paired, paired, question_means, within_variance
from tracker.models import Evaluation, EvaluationSample
from tracker.queries.evaluations import EvaluationRow, rows_of


@dataclass(frozen=True, slots=True)
class Answers:
    """A run's question means with what is needed to pair them. `within` is the variance of single answers to one
    question: nought where they are greedy, None where it cannot be told from one answer each."""

    means: Mapping[str, float]
    clusters: Mapping[str, str]
    within: float | None
    repeats: int


@dataclass(frozen=True, slots=True)
class PairRow:
    """One cluster of the comparison, or all of it."""

    cluster: str
    questions: int
    a: float
    b: float
    difference: float
    error: float | None
    resolved: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs. `paired` is None where they share no question; `against` says why they may not be compared at all,
    `notes` what differs besides the model."""

    a: EvaluationRow
    b: EvaluationRow
    paired: Paired | None
    rows: tuple[PairRow, ...]
    against: tuple[str, ...]
    notes: tuple[str, ...]
    design: Design | None
    effect: float | None


def answers(number: int) -> Answers:
    """The scored answers of a run by question."""
    of = Evaluation.objects.only("mode", "repeats").get(pk=number)
    scored = EvaluationSample.objects.filter(evaluation=number, exact__isnull=False).order_by("pk")
    rows = list(scored.values_list("item", "cluster", "exact"))
    scores = [(item, exact) for item, _, exact in rows if exact is not None]
    within = within_variance(scores)
    return Answers(
        means=question_means(scores),
        clusters={item: cluster for item, cluster, _ in rows},
        within=0.0 if of.mode != Evaluation.Mode.SAMPLED else within,
        repeats=of.repeats,
    )


def comparison(first: int, second: int) -> Comparison | None:
    """A beside B; None where there is no such run."""
    runs = {one.pk: one for one in Evaluation.objects.filter(pk__in=(first, second))}
    if first not in runs or second not in runs:
        return None
    rows = {row.id: row for row in rows_of(runs.values())}
    of_a, of_b = runs[first], runs[second]
    against = _against(of_a, of_b)
    if against:
        return Comparison(rows[first], rows[second], None, (), against, _notes(of_a, of_b), None, None)
    a, b = answers(first), answers(second)
    whole = paired(a.means, b.means, a.clusters)
    if whole is None:
        against = ("They share no question that both answered.",)
    effect = (whole.clustered / whole.error) ** 2 if whole and whole.clustered and whole.error else None
    return Comparison(
        a=rows[first],
        b=rows[second],
        paired=whole,
        rows=tuple(_by_cluster(a, b)),
        against=against,
        notes=_notes(of_a, of_b),
        design=_design(a, b, effect) if whole else None,
        effect=effect,
    )


def _against(a: Evaluation, b: Evaluation) -> tuple[str, ...]:
    """Why the questions of the two are not the same ones."""
    found = []
    if a.suite != b.suite:
        found.append(f"They ran different suites: {a.suite} and {b.suite}.")
    elif a.suite_version != b.suite_version:
        found.append(
            f"They ran different versions of the suite: {_told(a.suite_version)} and {_told(b.suite_version)}."
        )
    if (a.seed, a.week) != (b.seed, b.week):
        # The seeds themselves may be secret.
        found.append("Their questions were made from different seeds.")
    digests = [one.record.get("items_sha256") for one in (a, b)]
    if not found and a.limit == b.limit and all(digests) and digests[0] != digests[1]:
        found.append("Their questions differ although suite, version and seed are the same: one of the two is broken.")
    return tuple(found)


def _told(value: Any) -> str:
    return "not known" if value is None or value == "" else str(value)


def _notes(a: Evaluation, b: Evaluation) -> tuple[str, ...]:
    """What differs besides the model, which the difference may be due to."""
    engines = [one.record.get("engine") or {} for one in (a, b)]
    weights = [one.record.get("weights") or {} for one in (a, b)]
    pairs = [
        ("Answers", a.get_mode_display(), b.get_mode_display()),
        ("Temperature", a.temperature, b.temperature),
        ("Top p", a.top_p, b.top_p),
        ("Samples a question", a.repeats, b.repeats),
        ("Token limit", a.max_tokens, b.max_tokens),
        ("Time limit", a.sample_seconds, b.sample_seconds),
        ("Questions asked", a.limit or "all", b.limit or "all"),
        ("Engine", engines[0].get("engine"), engines[1].get("engine")),
        ("Engine version", engines[0].get("engine_version"), engines[1].get("engine_version")),
        ("Device", engines[0].get("device"), engines[1].get("device")),
        ("Number format", engines[0].get("dtype"), engines[1].get("dtype")),
        ("Quantisation", weights[0].get("quantisation"), weights[1].get("quantisation")),
        ("Revision of this code", a.record.get("revision"), b.record.get("revision")),
    ]
    found = [f"{name}: {_told(one)} and {_told(other)}" for name, one, other in pairs if one != other]
    unfinished = [one.name for one in (a, b) if one.state != Evaluation.State.DONE]
    return (*found, *(f"{name} is not done: the questions it has answered so far are compared" for name in unfinished))


def _by_cluster(a: Answers, b: Answers) -> list[PairRow]:
    found = []
    for cluster in dict.fromkeys(a.clusters.values()):
        inside = {question: mean for question, mean in a.means.items() if a.clusters[question] == cluster}
        one = paired(inside, b.means, {})
        if one is not None:
            found.append(PairRow(cluster, one.n, one.mean_a, one.mean_b, one.difference, one.error, one.resolved))
    return found


def _design(a: Answers, b: Answers, effect: float | None) -> Design | None:
    """What another comparison like this one would be made of; None where the variances cannot be told."""
    if a.within is None or b.within is None:
        return None
    between = between_variance(
        a.means, b.means, within_a=a.within, within_b=b.within, repeats_a=a.repeats, repeats_b=b.repeats
    )
    if between is None:
        return None
    return Design(between, a.within, b.within, a.repeats, b.repeats, max(1.0, effect or 1.0))
