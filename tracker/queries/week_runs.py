"""What two runs a week apart say otherwise: the gap, verdicts, frontiers, rungs, facts believed, benchmarks' states."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from tracker.domain.insights import Lag, StateChange
from tracker.domain.notable_facts import Best, Move, Newcomer, NewStep, Rebelief, Standing, Turn
from tracker.domain.records import Precision, When
from tracker.domain.rubrics.ladder import LABELS
from tracker.domain.specification import STORED_AS
from tracker.models import BenchmarkState, ClaimVerdict, GapResult, Licence, ModelState, OpennessState
from tracker.queries import gap, licences
from tracker.queries.claims import said_words
from tracker.queries.runs import RunInfo

YEAR = timedelta(days=365)
ACCESS = {
    "unreleased": "not released",
    "hosted": "a product without an API",
    "api": "an API only",
    "weights-noncommercial": "weights for non-commercial use",
    "weights-restricted": "weights under restrictions",
    "weights-permissive": "weights for any use",
}
TERMS = {"api": "to be had through an API", "hosted": "to be had as a product"}


@dataclass(frozen=True, slots=True)
class Pair:
    """The run that stands at the week's end and the one that stood at its beginning, which may be the same."""

    now: RunInfo | None
    before: RunInfo | None

    @property
    def differ(self) -> bool:
        return self.now is not None and self.before is not None and self.now.id != self.before.id


def standing(run: RunInfo | None) -> Standing | None:
    """What the run says of the gap under the default question."""
    if run is None:
        return None
    report = gap.report(run, gap.Question()) or {}
    estimates: Mapping[str, Any] = report.get("estimates", {})
    whole = GapResult.objects.filter(run_id=run.id, scope=STORED_AS).values_list("report", flat=True).first() or {}
    told = whole.get("told") or 0
    return Standing(
        run=run.id,
        day=run.as_of,
        method=run.method,
        lags={
            name: Lag(name, row["question"], row["value"], row["low"], row["high"]) for name, row in estimates.items()
        },
        names={name: row["name"] for name, row in estimates.items()},
        open_best=_best(report, "open"),
        closed_best=_best(report, "closed"),
        longer=whole["longer"] / told if told else None,
        definitions=told,
        year=tuple(_year(report.get("series", {}).get("lag", []))),
    )


def _best(report: Mapping[str, Any], side: str) -> Best | None:
    steps = report.get("frontier", {}).get(side)
    return Best(*(steps[-1][name] for name in ("model", "value", "low", "high"))) if steps else None


def _year(series: list[Mapping[str, Any]]) -> Iterator[tuple[date, float]]:
    """The series' last day that is told, and the first of the year before it."""
    told = [(date.fromisoformat(row["on"]), float(row["value"])) for row in series if row["value"] is not None]
    if told:
        yield next(row for row in told if row[0] >= told[-1][0] - YEAR)
        yield told[-1]


def turns(pair: Pair) -> tuple[Turn, ...]:
    """The listed claims that the two runs judge differently, if they had been made by then."""
    if pair.now is None or pair.before is None or not pair.differ:
        return ()
    old = {verdict.claim_id: verdict for verdict in ClaimVerdict.objects.filter(run_id=pair.before.id)}
    found = ClaimVerdict.objects.filter(run_id=pair.now.id, claim__listed=True).select_related("claim")
    return tuple(
        Turn(
            slug=verdict.claim.slug,
            title=verdict.claim.title,
            author=verdict.claim.author,
            said=said_words(verdict.claim),
            before=was.verdict,
            after=verdict.verdict,
            turns_on=verdict.assumption,
            figure_before=own_figure(was).get("figure", ""),
            figure=own_figure(verdict).get("figure", ""),
        )
        for verdict in found.order_by("claim__slug")
        if (was := old.get(verdict.claim_id)) is not None
        and was.verdict != verdict.verdict
        and verdict.claim.said_on <= pair.before.known_at.date()
    )


def own_figure(verdict: ClaimVerdict) -> Mapping[str, Any]:
    """What was found under the claim's own definition; empty where nothing was."""
    figures: list[Mapping[str, Any]] = verdict.reading.get("figures", [])
    return next((figure for figure in figures if not figure["choice"]), {})


def benchmarks(pair: Pair) -> tuple[StateChange, ...]:
    """Benchmarks that tell more or less of the best models than a week ago."""
    if pair.now is None or pair.before is None or not pair.differ:
        return ()
    states = BenchmarkState.objects.filter(benchmark__may_display=True).exclude(state="").order_by("benchmark__slug")
    columns = ("benchmark__slug", "benchmark__name", "state")
    old = {slug: state for slug, _, state in states.filter(run_id=pair.before.id).values_list(*columns)}
    return tuple(
        StateChange(slug, name, old[slug], state)
        for slug, name, state in states.filter(run_id=pair.now.id).values_list(*columns)
        if slug in old and old[slug] != state
    )


class Models:
    """The models of both runs, read once."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.now = _states(pair.now)
        self.old = {state.model_id: state for state in (_states(pair.before) if pair.differ else self.now)}

    def steps(self, *, since: date) -> tuple[NewStep, ...]:
        """Steps of a frontier that were none a week ago; where there was no run then, those released since."""
        found: list[NewStep] = []
        for side in ("open", "closed"):
            steps = [one for one in self.now if one.frontier == side and one.value is not None and one.released_on]
            steps.sort(key=lambda one: (one.released_on, one.value))
            for before, step in pairwise([None, *steps]):
                if step is not None and self._new(step, since):
                    found.append(self._step(step, before, best=step is steps[-1]))
        return tuple(found)

    def _new(self, step: ModelState, since: date) -> bool:
        if self.pair.before is None:
            return step.released_on is not None and step.released_on > since
        old = self.old.get(step.model_id)
        return old is None or old.frontier != step.frontier

    def _step(self, step: ModelState, before: ModelState | None, *, best: bool) -> NewStep:
        old = self.old.get(step.model_id)
        licence = step.licence.name if step.licence else ""
        opened = f"with open weights{f' under {licence}' if licence else ''}"
        assert step.released_on is not None and step.value is not None  # noqa: S101, PT018  as it was picked
        return NewStep(
            side=step.frontier,
            slug=step.model.slug,
            model=step.model.name,
            lab=step.model.lab.name,
            lab_slug=step.model.lab.slug,
            on=step.released_on,
            precision=step.precision,
            value=step.value,
            low=step.low,
            high=step.high,
            before=before.model.name if before else "",
            before_value=before.value if before else None,
            best_now=best,
            known_before=old is not None and old.value is not None,
            terms=opened if step.frontier == "open" else TERMS.get(step.access, ""),
        )

    def newcomers(self, *, since: date, until: date) -> tuple[Newcomer, ...]:
        """Models that came out in these days and lead nothing."""
        return tuple(
            Newcomer(
                slug=state.model.slug,
                model=state.model.name,
                lab=state.model.lab.name,
                lab_slug=state.model.lab.slug,
                on=state.released_on,
                side="" if not state.access else "open" if state.open_means else "closed",
                value=state.value,
            )
            for state in self.now
            if state.released_on is not None and since < state.released_on <= until and not state.frontier
        )

    def moves(self) -> tuple[Move, ...]:
        """Models on another rung than a week ago. One of which nobody had said how it can be had has not moved."""
        if self.pair.now is None or self.pair.before is None or not self.pair.differ:
            return ()
        columns = ("model_id", "rung", "blocker", "verdicts__ladder__label", "verdicts__ladder__certain")
        judged = OpennessState.objects.order_by("model__slug").values_list(*columns)
        before = {row[0]: row for row in judged.filter(run_id=self.pair.before.id)}
        states = {state.model_id: state for state in self.now}
        return tuple(
            Move(
                slug=states[model].model.slug,
                model=states[model].model.name,
                lab=states[model].model.lab.name,
                lab_slug=states[model].model.lab.slug,
                before=before[model][1],
                after=rung,
                before_label=before[model][3] or LABELS[before[model][1]],
                after_label=label or LABELS[rung],
                blocker=blocker,
                leads=bool(states[model].frontier),
                learned=before[model][4] is False,
            )
            for model, rung, blocker, label, _ in judged.filter(run_id=self.pair.now.id)
            if model in states and model in before and before[model][1] != rung
            if model in self.old and self.old[model].access and states[model].access
        )

    def beliefs(self) -> tuple[Rebelief, ...]:
        """Facts about models on the index that are believed otherwise. What was not known a week ago is news and no
        revision."""
        if not self.pair.differ:
            return ()
        return tuple(self._beliefs())

    def _beliefs(self) -> Iterator[Rebelief]:
        for state in self.now:
            old = self.old.get(state.model_id)
            if old is None or state.value is None:
                continue
            was, says = _told(old), _told(state)
            for field, value in was.items():
                if value and value != says[field]:
                    yield Rebelief(
                        slug=state.model.slug,
                        model=state.model.name,
                        lab_slug=state.model.lab.slug,
                        field=field,
                        before=value,
                        after=says[field],
                        leads=bool(state.frontier),
                        **(_commercial(state.licence) if field == "licence" else {}),
                    )


def _commercial(licence: Licence | None) -> dict[str, str]:
    """The few words of a licence that say who may use it commercially, and where they stand."""
    clauses = licences.clauses_of(licences.definition(licence), "commercial") if licence else ()
    return {"clause": clauses[0].quote, "where": clauses[0].where} if clauses else {}


def _states(run: RunInfo | None) -> list[ModelState]:
    found = ModelState.objects.filter(run_id=run.id if run else None).select_related("model__lab", "licence")
    return list(found.defer("evidence", "conflicts").order_by("model__slug"))


def _told(state: ModelState) -> dict[str, str]:
    """What is believed of a release, in words."""
    on = When(state.released_on, Precision(state.precision or "day")) if state.released_on else ""
    size = state.parameters
    return {
        "released_on": str(on),
        "access": ACCESS.get(state.access, state.access),
        "licence": state.licence.name if state.licence else "",
        "parameters": "" if not size else f"{size / 1e9:,.3g} billion" if size >= 1e9 else f"{size / 1e6:,.3g} million",
    }
