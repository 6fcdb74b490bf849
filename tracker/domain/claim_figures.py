"""The gap's figures as claims ask for them: as a run stored them, or counted to an earlier day on its frontiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from tracker.domain.claim_known import Known, Question
from tracker.domain.claim_parts import Evidence
from tracker.domain.estimate import DEFINITIONS, Estimator
from tracker.domain.frontier import Release
from tracker.domain.gap import WINDOW_DAYS, gap

SCOPE_WORDS: Final = {
    "all": "all benchmarks",
    "public": "public benchmarks",
    "semi-private": "semi-private benchmarks",
    "private": "private benchmarks",
    "non-public": "benchmarks that are not public",
}
OPEN_WORDS: Final = {
    "weights": "downloadable weights",
    "commercial": "weights for commercial use",
    "osi": "weights under an OSI licence",
    "osaid": "OSAID 1.0",
}
REGION_WORDS: Final = {"us": "the United States", "china": "China", "europe": "Europe", "other": "elsewhere"}
# Without the draws of a run, what rests on them cannot be counted to another day.
REPLAYED: Final = (Estimator.L1, Estimator.L3, Estimator.L4, Estimator.L5, Estimator.L6, Estimator.L7, Estimator.L8)

SAME: Final = 0.001  # stored figures are rounded


def scope_words(scope: str) -> str:
    """A scope within a sentence, "private benchmarks" or "coding benchmarks"."""
    return SCOPE_WORDS.get(scope, f"{scope} benchmarks")


def question_words(question: Question) -> str:
    """The question as part of a sentence; the defaults of openness, region and size are not said."""
    words = scope_words(question.scope)
    if question.open_means != "weights":
        words += f", {OPEN_WORDS[question.open_means]}"
    if question.region:
        words += f", open models from {REGION_WORDS[question.region]}"
    if question.max_parameters:
        words += f", open models of at most {question.max_parameters / 1e9:g} billion parameters"
    return words


@dataclass(frozen=True, slots=True)
class GapFigure:
    """One figure of the gap in months, or points for L8; None with the reason where the data hold none."""

    value: float | None
    low: float | None
    high: float | None
    unit: str
    assumption: str
    missing: str
    evidence: Evidence


def figure(
    known: Known, question: Question, estimator: Estimator, *, as_of: date | None = None, since: date | None = None
) -> GapFigure:
    """The estimate that the run stored; with `as_of` or `since` counted to that day, over that window."""
    unit = DEFINITIONS[estimator].unit
    name = f"{estimator} over {question_words(question)}"
    evidence = Evidence("gap", question.query, f"The gap over {question_words(question)}")
    report = known.reports.get(question)
    if report is None or not report.get("estimates"):
        reason = (report or {}).get("reason") or "the run has not answered this question"
        return GapFigure(None, None, None, unit, name, f"No gap over {question_words(question)}: {reason}", evidence)
    day = min(as_of or known.as_of, known.as_of)
    if since is None and day == known.as_of:
        stored = report["estimates"][estimator]
        missing = "" if stored["value"] is not None else f"{name}: {stored['reason']}"
        return GapFigure(stored["value"], stored["low"], stored["high"], unit, name, missing, evidence)
    name += f", {since} to {day}" if since is not None else f", to {day}"
    if since is not None and since >= day:
        missing = f"The data end on {known.as_of}, before the window from {since} begins"
        return GapFigure(None, None, None, unit, name, missing, evidence)
    value = _replayed(report, question, estimator, day, since)
    missing = "" if value is not None else f"{name} cannot be told from the stored frontiers"
    low, high = _interval_on(report, day, value) if estimator is Estimator.L8 else (None, None)
    return GapFigure(value, low, high, unit, name, missing, evidence)


def _interval_on(report: Mapping[str, Any], day: date, value: float | None) -> tuple[float | None, float | None]:
    """The stored interval of the vertical gap, where neither frontier has moved since the first of the month."""
    rows = [row for row in report.get("series", {}).get("gap", []) if row["on"] <= day.isoformat()]
    if not rows or value is None or rows[-1]["value"] is None or abs(rows[-1]["value"] - value) > SAME:
        return None, None
    return rows[-1]["low"], rows[-1]["high"]


def _replayed(
    report: Mapping[str, Any], question: Question, estimator: Estimator, day: date, since: date | None
) -> float | None:
    """Both frontiers up to a day are the first steps of the stored ones, so the central figure needs no new fit."""
    if estimator not in REPLAYED or (estimator is Estimator.L5 and question.scope != "all"):
        return None
    if estimator is Estimator.L4:
        rows = report["estimates"][Estimator.L4]["rows"]
        months = [
            row["months"]
            for row in rows
            if row["on"] <= day.isoformat() and (since is None or row["on"] >= since.isoformat())
        ]
        return sum(months) / len(months) if months else None
    releases = releases_of(report, day)
    if {release.open for release in releases} != {True, False}:
        return None
    window = WINDOW_DAYS if since is None else (day - since).days + 1
    return gap(releases, day, window_days=window).estimate(estimator).value


def releases_of(report: Mapping[str, Any], day: date) -> Sequence[Release]:
    """The frontier steps of both sides that were out by a day."""
    return [
        Release(step["model"], date.fromisoformat(step["released_on"]), side == "open", step["value"])
        for side in ("open", "closed")
        for step in report["frontier"][side]
        if date.fromisoformat(step["released_on"]) <= day
    ]


def series_mean(report: Mapping[str, Any], name: str, first: date, last: date) -> float | None:
    """The mean of a monthly series over a stretch of time; None where it has no value there."""
    values = [
        row["value"]
        for row in report.get("series", {}).get(name, [])
        if row["value"] is not None and first <= date.fromisoformat(row["on"]) <= last
    ]
    return sum(values) / len(values) if values else None


def middle(first: date, last: date) -> date:
    """The day half way between the two; the earlier of two such days."""
    return first + timedelta(days=(last - first).days // 2)
