"""Taking a decision back: another decision, that leaves things as they were before the first."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import ProtectedError

from tracker.curation.documents import take_back
from tracker.curation.ledger import Done, Ledger, Refused, read_again, readers_see_it, reference, state
from tracker.curation.names import endpoints_naming
from tracker.curation.releases import take_back_statement
from tracker.models import AIModel, Conflict, Decision, FieldChoice, LicenceReading, Unresolved

# Columns that reading goes on to change: that they moved does not stand against undoing.
MOVING: dict[type[models.Model], frozenset[str]] = {
    AIModel: frozenset(field.attname for field in AIModel._meta.concrete_fields),  # the catalogue may know it by now
    Unresolved: frozenset({"state"}),
    Conflict: frozenset({"state"}),
}
FIRST = ("namedsetting", "alias")
SEEN_BY_READERS = frozenset(
    {Decision.Kind.PREFER, Decision.Kind.SWITCH_BENCHMARK, Decision.Kind.READ_LICENCE, Decision.Kind.WRITE_INSIGHT}
)


@transaction.atomic
def undo(decision: Decision, *, by: User, reason: str, now: datetime) -> Done:
    """Leave everything the decision changed as it was before; what was believed meanwhile stays in the past. Raises
    Refused where later decisions stand on it."""
    ledger = Ledger(by=by, reason=reason, now=now)
    decision = Decision.objects.select_for_update().get(pk=decision.pk)
    if decision.kind == Decision.Kind.UNDO:
        raise Refused("An undoing is not undone: decide again instead.")
    if Decision.objects.filter(undoes=decision).exists():
        raise Refused("It was undone already.")
    endpoints: tuple[int, ...]
    if decision.kind == Decision.Kind.ACCEPT_DOCUMENT:
        endpoints = take_back(ledger, decision)
    else:
        again = _revert(ledger, decision)
        if decision.kind == Decision.Kind.ADOPT_RELEASE:
            again |= take_back_statement(ledger, decision)
        endpoints = read_again(again, now=now)
    ledger.concerns |= set(decision.concerns)
    subject = _model(decision.table)(pk=decision.row)
    undone = ledger.sign(Decision.Kind.UNDO, subject, f"{decision}", undoes=decision)
    if decision.kind in SEEN_BY_READERS:
        readers_see_it(now=now)
    return Done((undone,), endpoints)


def _model(table: str) -> type[models.Model]:
    return apps.get_model("tracker", table)


def _revert(ledger: Ledger, decision: Decision) -> set[int]:
    """Put every row back, the last written first; returns the endpoints whose names mean something else now."""
    endpoints: set[int] = set()
    for name in sorted(decision.after, key=lambda name: _turn(decision, name)):
        table, _, key = name.partition(":")
        model, before, after = _model(table), decision.before[name], decision.after[name]
        row = model._default_manager.select_for_update().filter(pk=int(key)).first()
        if row is None or not _is_as_left(row, after):
            raise Refused(f"Something was decided since about {row or name}: undo that first.")
        if table == "alias":
            endpoints |= endpoints_naming(after["kind"], after["key"])
        if table == "unresolved":
            endpoints.add(row.endpoint_id)  # type: ignore[attr-defined]
        UNMAKE.get(model, _restore)(ledger, row, before)
    return endpoints


def _turn(decision: Decision, name: str) -> tuple[int, bool]:
    """Settings before their alias, aliases before the model they name; what was made goes before what it replaced
    comes back."""
    table = name.partition(":")[0]
    return FIRST.index(table) if table in FIRST else len(FIRST), decision.before[name] is not None


def _is_as_left(row: models.Model, after: dict[str, Any]) -> bool:
    moving = MOVING.get(type(row), frozenset())
    now = state(row, list(after))
    return all(now[name] == value for name, value in after.items() if name not in moving)


def _restore(ledger: Ledger, row: models.Model, before: dict[str, Any] | None) -> None:
    if before is None:
        ledger.delete(row)
    else:
        fields = {field.attname: field for field in row._meta.concrete_fields}
        ledger.update(row, **{name: fields[name].to_python(value) for name, value in before.items()})


def _unmake_model(ledger: Ledger, row: models.Model, before: dict[str, Any] | None) -> None:
    """A model that facts of the past hang on stays, without a name that could bring it new ones."""
    if before is not None:
        _restore(ledger, row, before)
        return
    name, was = reference(row), state(row)
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError:
        ledger.concern(row)
    else:
        ledger.before[name], ledger.after[name] = was, None


def _unmake_choice(ledger: Ledger, row: models.Model, before: dict[str, Any] | None) -> None:
    """Choices have two times: one that was made ends now, one that had ended for it begins again."""
    if before is None:
        ledger.update(row, known_to=ledger.now)
    else:
        values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        del values["id"]
        ledger.create(FieldChoice(**{**values, "known_from": ledger.now, "known_to": None}))


def _unmake_reading(ledger: Ledger, row: models.Model, before: dict[str, Any] | None) -> None:
    """What somebody read is kept: a reading that was recorded is withdrawn, one that was withdrawn stands again."""
    _restore(ledger, row, {"withdrawn_at": ledger.now.isoformat()} if before is None else before)


UNMAKE: dict[type[models.Model], Callable[[Ledger, models.Model, dict[str, Any] | None], None]] = {
    AIModel: _unmake_model,
    FieldChoice: _unmake_choice,
    LicenceReading: _unmake_reading,
}
