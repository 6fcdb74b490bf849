"""What a curator decides where sources disagree: which one of them is believed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from math import inf
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from tracker.curation.ledger import Done, Ledger, Refused, readers_see_it
from tracker.domain import prices
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


@dataclass(frozen=True, slots=True)
class WeighedPrice:
    """What a source asks for, beside the price that is believed. `difference` is the share by which it departs, None
    where there is nothing to depart from; `flip` is that only a mistaken unit explains it; `past` that the same source
    says something newer, or that it is announced and not yet in force."""

    fact: Price
    value: float
    believed: bool
    difference: float | None
    flip: bool
    past: bool

    @property
    def percent(self) -> str:
        if self.difference is None or self.believed:
            return ""
        return "the other is free" if self.difference == inf else f"{self.difference:+.0%}"


def weighed_prices(model: AIModel, field: str, host: str, *, now: datetime) -> list[WeighedPrice]:
    """Every price that sources state for the offer, with what each says against the believed one."""
    facts = {fact.pk: fact for fact in evidence(model, field, host) if isinstance(fact, Price)}
    believed = believed_price(model, field, host, now=now)
    base = None if believed is None else float(value_of(believed, field))
    current = {quote.fact for quote in prices.in_force(_quotes(facts.values()), now.date())}
    found = []
    for fact in facts.values():
        value, ours = float(value_of(fact, field)), believed is not None and fact.pk == believed.pk
        difference = None
        if base is not None:
            difference = 0.0 if value == base else (value - base) / base if base else inf
        flip = base is not None and prices.unit_flip(base, value)
        found.append(WeighedPrice(fact, value, ours, difference, flip, fact.pk not in current))
    return found


def believed_price(model: AIModel, field: str, host: str, *, now: datetime) -> Price | None:
    """The price that a curator chose, while its document says the same; else what the most trusted source that states
    one says today."""
    facts = {fact.pk: fact for fact in evidence(model, field, host) if isinstance(fact, Price)}
    choice = FieldChoice.objects.known().filter(model=model, field=field, host=host).first()
    if choice is not None:
        chosen = (choice.endpoint_id, choice.key, choice.value)
        for fact in facts.values():
            if (fact.endpoint_id, fact.key, str(value_of(fact, field))) == chosen:
                return fact
    quotes = prices.in_force(_quotes(facts.values()), now.date())
    first = min(
        quotes,
        key=lambda quote: (_rank(quote.source), -(quote.since or date.min).toordinal(), quote.fact),
        default=None,
    )
    return facts[first.fact] if first else None


def _quotes(facts: Iterable[Price]) -> list[prices.Quote]:
    return [
        prices.Quote(
            model=str(fact.model_id),
            host=fact.host,
            source=fact.endpoint.source.slug,
            fact=fact.pk,
            input=fact.input,
            output=fact.output,
            name=fact.name,
            since=fact.since,
        )
        for fact in facts
    ]


def _rank(source: str) -> int:
    return prices.TRUST.index(source) if source in prices.TRUST else len(prices.TRUST)
