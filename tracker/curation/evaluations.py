"""Evaluations asked for and called off: by a person at the desk, who says why, or by whoever sits at a terminal."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from tracker.curation.ledger import Done, Ledger, Refused
from tracker.domain.evaluation import week_of
from tracker.models import Decision, Evaluation

State = Evaluation.State
Mode = Evaluation.Mode
DEVICES = ("auto", "cpu", "cuda")
MOST_REPEATS = 1000
MOST_TOKENS = 1_000_000


def wish(*, model: str, suite: str, now: datetime, name: str = "", by: User | None = None, **told: Any) -> Evaluation:
    """The row of what is wanted, not saved. Raises Refused where no run can be like that."""
    row = Evaluation(model=model.strip(), suite=suite, name=(name or name_of(model)).strip(), asked_at=now, **told)
    row.asked_by = by
    if not row.model or not row.name:
        raise Refused("Which model? Name a file, a folder, hf:owner/name or an endpoint.")
    if row.device not in DEVICES:
        raise Refused(f"{row.device} is no device: auto, cpu or cuda.")
    if row.mode != Mode.SAMPLED and (row.repeats != 1 or row.temperature):
        raise Refused("Without sampling a model gives the same answer again: repeats and a temperature go with it.")
    if not 1 <= row.repeats <= MOST_REPEATS or not 1 <= row.max_tokens <= MOST_TOKENS:
        raise Refused(f"Repeats are 1 to {MOST_REPEATS:,}, tokens of an answer 1 to {MOST_TOKENS:,}.")
    if not 0 <= row.temperature <= 10 or not 0 < row.top_p <= 1:
        raise Refused("A temperature is 0 to 10, top-p above 0 and at most 1.")
    if row.week and row.seed is not None:
        raise Refused("The secret series has a seed of its own.")
    for limit in (row.limit, row.budget_tokens, row.budget_seconds):
        if limit is not None and limit <= 0:
            raise Refused("A limit or a budget is more than nothing.")
    return row


def name_of(model: str) -> str:
    """What a model is called when nobody says: the last part of where it lies."""
    last = model.strip().rstrip("/").rpartition("#")[2].rpartition("/")[2].rpartition(":")[2]
    return last.removesuffix(".gguf")


@transaction.atomic
def ask_evaluation(*, secret: bool, by: User, reason: str, now: datetime, **told: Any) -> Done:
    """A worker will take it up. `secret`: the questions of this week's series."""
    ledger = Ledger(by=by, reason=reason, now=now)
    row = wish(now=now, by=by, week=week_of(now) if secret else "", **told)
    ledger.create(row)
    return Done((ledger.sign(Decision.Kind.ASK_EVALUATION, row, f"Evaluation {row.pk} was asked for: {row}"),))


@transaction.atomic
def cancel_evaluation(evaluation: Evaluation, *, by: User, reason: str, now: datetime) -> Done:
    """It ends where it is; what was answered stays."""
    ledger = Ledger(by=by, reason=reason, now=now)
    row = Evaluation.objects.select_for_update().get(pk=evaluation.pk)
    refuse_if_over(row)
    ledger.update(row, state=State.CANCELLED, finished_at=now, message=f"Called off: {reason.strip()}")
    return Done((ledger.sign(Decision.Kind.CANCEL_EVALUATION, row, f"Evaluation {row.pk} was called off: {row}"),))


def refuse_if_over(row: Evaluation) -> None:
    """Raises Refused for one that is at its end."""
    if row.state not in (State.WAITING, State.RUNNING):
        raise Refused(f"Evaluation {row.pk} is {row.get_state_display()}: there is nothing to call off.")
