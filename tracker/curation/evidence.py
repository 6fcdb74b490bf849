"""What a curator decides where sources disagree: which one of them is believed."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from tracker.curation.ledger import Done, Ledger, Refused, readers_see_it
from tracker.domain.evidence import TRUST
from tracker.models import AIModel, Conflict, Decision, FieldChoice, Price, Release

PRICE_FIELDS = {"price-input": "input", "price-output": "output"}
RELEASE_FIELDS = frozenset(TRUST)


@transaction.atomic
def prefer_evidence(model: AIModel, field: str, fact: Release | Price, *, by: User, reason: str, now: datetime) -> Done:
    """Of the model's field this fact is believed, whatever the order of trust says, for as long as its document says
    the same. A value that nobody has weighed yet reopens the conflict."""
    ledger = Ledger(by=by, reason=reason, now=now)
    model = AIModel.objects.select_for_update().get(pk=model.pk)
    fact = type(fact).objects.select_related("endpoint__source").get(pk=fact.pk)
    if fact.model_id != model.pk or fact.known_to is not None:
        raise Refused(f"That is nothing that a source says of {model} today.")
    value = value_of(fact, field)
    if value in (None, ""):
        raise Refused(f"{fact.endpoint.source} says nothing of that field.")
    host = fact.host if isinstance(fact, Price) else ""
    seen = {str(value_of(other, field)) for other in evidence(model, field, host)} - {"None", ""}
    current = FieldChoice.objects.known().filter(model=model, field=field, host=host).first()
    if current is not None:
        ledger.update(current, known_to=now)
    choice = FieldChoice(
        model=model,
        field=field,
        host=host,
        endpoint=fact.endpoint,
        key=fact.key,
        value=str(value),
        seen=sorted(seen),
        release=fact if isinstance(fact, Release) else None,
        price=fact if isinstance(fact, Price) else None,
        known_from=now,
    )
    ledger.create(choice)
    for conflict in Conflict.objects.filter(model=model, field=field, host=host):
        ledger.update(conflict, state=Conflict.State.DECIDED)
    ledger.concern(fact)
    words = f"{field} of {model}{f' at {host}' if host else ''}: {value}, as {fact.endpoint.source} says"
    decision = ledger.sign(Decision.Kind.PREFER, model, words)
    readers_see_it(now=now)
    return Done((decision,))


def evidence(model: AIModel, field: str, host: str = "") -> list[Release | Price]:
    """Everything that sources say of the field today, in a fixed order."""
    rows: list[Release | Price] = []
    if field in PRICE_FIELDS:
        rows += Price.objects.known().filter(model=model, host=host).select_related("endpoint__source")
    else:
        rows += Release.objects.known().filter(model=model).select_related("endpoint__source", "licence")
    said = [row for row in rows if value_of(row, field) not in (None, "")]
    return sorted(said, key=lambda row: (row.endpoint.source.slug, row.pk))


def value_of(fact: Release | Price, field: str) -> Any:
    """What a fact says in a field; a licence by its catalogue name. Raises Refused where facts have no such field."""
    if isinstance(fact, Price):
        if field not in PRICE_FIELDS:
            raise Refused(f"A price has no {field}.")
        return getattr(fact, PRICE_FIELDS[field])
    if field not in RELEASE_FIELDS:
        raise Refused(f"A release has no {field}.")
    if field == "licence":
        return fact.licence.slug if fact.licence else ""
    return getattr(fact, field)
