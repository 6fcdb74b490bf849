"""Findings of a run, kept once each: what the run knows beside the one before it, and what came in between."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from tracker.domain import insights
from tracker.domain.insights import Evidence, Finding, Flip, Lag, PhaseBegun, Reworded, Settled, StateChange, Step
from tracker.domain.specification import STORED_AS
from tracker.domain.strategy import SETTLES, STANCE_WORDS
from tracker.models import (
    SHOWN,
    BenchmarkState,
    ClaimVerdict,
    Event,
    GapResult,
    IndexRun,
    Insight,
    Lab,
    LicenceChange,
    ModelState,
    RunReport,
)
from tracker.pipeline import strategies

HEADLINE = {"scope": "all", "open_means": "weights", "region": "", "max_parameters": 0}
# What a finding says, which a curator may have put better.
WORDS = ("title", "summary", "impact", "horizon", "tags", "weight")


def find(run: IndexRun, *, now: datetime) -> list[Insight]:
    """Keep what is new in a run's findings; returns those. A past run finds nothing: its day is over."""
    if run.historic:
        return []
    findings = list(_findings(run))
    with transaction.atomic():
        known = {row.key: row for row in Insight.objects.select_for_update().filter(key__in=[f.key for f in findings])}
        for finding in findings:
            if finding.key in known:
                _reword(known[finding.key], finding, run)
        fresh = [_row(finding, run, now) for finding in findings if finding.key not in known]
        return Insight.objects.bulk_create(fresh)


def _row(finding: Finding, run: IndexRun, now: datetime) -> Insight:
    return Insight(
        key=finding.key,
        slug=slugify(finding.key.replace(":", "-"))[:120],
        kind=finding.kind.value,
        found_on=run.known_at.date(),
        run=run,
        known_from=now,
        evidence=_evidence(finding.evidence),
        subjects=list(finding.subjects),
        **_words(finding),
    )


def _words(finding: Finding) -> dict[str, Any]:
    return {
        "title": finding.title[:200],
        "summary": finding.summary,
        "impact": finding.impact,
        "horizon": finding.horizon.value,
        "tags": list(finding.tags),
        "weight": finding.weight,
    }


def _evidence(pieces: tuple[Evidence, ...]) -> list[dict[str, str]]:
    return [asdict(piece) for piece in pieces]


def _reword(row: Insight, finding: Finding, run: IndexRun) -> None:
    """Bring a kept finding up to date on the day it was found; later days leave it as it was read, and what a curator
    wrote stays for ever."""
    if row.found_on != run.known_at.date() or row.author_id:
        return
    said = {name: value for name, value in _words(finding).items() if name not in row.edited}
    said["run"] = run
    changed = [name for name, value in said.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, said[name])
    if changed:
        row.save(update_fields=changed)


def _findings(run: IndexRun) -> Iterator[Finding]:
    before = _before(run)
    on = run.known_at.date()
    now_lags = _lags(run)
    yield from insights.frontier(_steps(run), gap=now_lags.get("L8"), as_of=run.as_of)
    yield from insights.promises(_settled(run), as_of=run.as_of)
    yield from insights.strategy(_phases(run), STANCE_WORDS, as_of=run.as_of)
    if before is None:
        return
    yield from insights.lags(_lags(before), now_lags, on=on)
    (old, _), (new, many) = _longer(before), _longer(run)
    yield from insights.spread(old, new, many, on=on)
    yield from insights.verdicts(_flips(before, run), on=on)
    yield from insights.benchmarks(_states(before, run), on=on)
    yield from insights.licences(_reworded(before, run))


def _before(run: IndexRun) -> IndexRun | None:
    runs = IndexRun.objects.filter(known_at__lt=run.known_at, draws__isnull=False, method=run.method)
    return runs.exclude(state=IndexRun.State.DUE).order_by("-known_at", "-pk").first()


def _lags(run: IndexRun) -> dict[str, Lag]:
    report = GapResult.objects.filter(run=run, **HEADLINE).values_list(SHOWN, flat=True).first() or {}
    return {
        name: Lag(name, row.get("question", name), row["value"], row["low"], row["high"])
        for name, row in report.get("estimates", {}).items()
    }


def _longer(run: IndexRun) -> tuple[float | None, int]:
    """Which share of definitions says more than six months, and how many were asked."""
    report = GapResult.objects.filter(run=run, scope=STORED_AS).values_list("report", flat=True).first() or {}
    told = report.get("told") or 0
    return (report["longer"] / told if told else None), told


def _steps(run: IndexRun) -> Iterator[Step]:
    states = ModelState.objects.filter(run=run, value__isnull=False).exclude(frontier="").exclude(released_on=None)
    for side in ("open", "closed"):
        best: ModelState | None = None
        for state in states.filter(frontier=side).select_related("model__lab").order_by("released_on", "value"):
            if state.released_on is None or state.value is None:
                continue  # the query has none of these
            yield Step(
                side=side,
                slug=state.model.slug,
                model=state.model.name,
                lab=state.model.lab.name,
                lab_slug=state.model.lab.slug,
                on=state.released_on,
                value=state.value,
                low=state.low,
                high=state.high,
                before=best.model.name if best else "",
                before_value=best.value if best else None,
            )
            best = state


def _flips(before: IndexRun, run: IndexRun) -> Iterator[Flip]:
    old = dict(ClaimVerdict.objects.filter(run=before).values_list("claim_id", "verdict"))
    for verdict in ClaimVerdict.objects.filter(run=run, claim__listed=True).select_related("claim"):
        was = old.get(verdict.claim_id)
        if was is not None and was != verdict.verdict:
            yield Flip(verdict.claim.slug, verdict.claim.title, was, verdict.verdict, verdict.assumption)


def _states(before: IndexRun, run: IndexRun) -> list[StateChange]:
    old = dict(BenchmarkState.objects.filter(run=before).exclude(state="").values_list("benchmark_id", "state"))
    now = BenchmarkState.objects.filter(run=run, benchmark__may_display=True).exclude(state="")
    return [
        StateChange(row.benchmark.slug, row.benchmark.name, old[row.benchmark_id], row.state)
        for row in now.select_related("benchmark").order_by("benchmark__slug")
        if row.benchmark_id in old and old[row.benchmark_id] != row.state
    ]


def _phases(run: IndexRun) -> Iterator[PhaseBegun]:
    report = RunReport.objects.filter(run=run, name=strategies.NAME).values_list("report", flat=True).first() or {}
    names = dict(Lab.objects.values_list("slug", "name"))
    for slug, lab in report.get("labs", {}).items():
        for old, new in pairwise(lab["phases"]):
            since = datetime.fromisoformat(new["since"]).date()
            yield PhaseBegun(names[slug], slug, new["stance"], old["stance"], since, new["provisional"])


def _settled(run: IndexRun) -> Iterator[Settled]:
    events = Event.objects.known(run.known_at).filter(endpoint__source__may_display=True)
    promises = {(event.endpoint_id, event.key): event for event in events.filter(kind="promise")}
    for event in events.filter(kind__in=tuple(SETTLES)).select_related("lab"):
        promise = promises.get((event.endpoint_id, event.about))
        if promise is not None:
            state = SETTLES[event.kind].value
            yield Settled(
                *(promise.key, event.lab.name, event.lab.slug, promise.title, state),
                *(event.title, event.occurred_on, event.pk),
            )


def _reworded(before: IndexRun, run: IndexRun) -> Iterator[Reworded]:
    changes = LicenceChange.objects.filter(found_at__gt=before.known_at, found_at__lte=run.known_at)
    for change in changes.select_related("after", "licence", "model").order_by("found_at", "pk"):
        name = str(change.licence or change.model or change.after.name)
        url = f"/licences/{change.licence.slug}/" if change.licence else f"/facts/licence/{change.after_id}/"
        subject = f"licence:{change.licence.slug}" if change.licence else f"licence-text:{change.after_id}"
        gained, lost = (
            tuple(row["field"].replace("_", " ") for row in change.report.get(kind, []))
            for kind in ("allowed_now", "forbidden_now")
        )
        yield Reworded(change.after_id, name, url, gained, lost, subject)
