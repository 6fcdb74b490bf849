"""Keeps the list of what sources disagree about, so that a curator finds it without anything being weighed again."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction

from tracker.domain.prices import Quote, disagreements, in_force
from tracker.models import Conflict, FieldChoice, Price
from tracker.pipeline.beliefs import Beliefs
from tracker.pipeline.choices import of_prices

Name = tuple[int, str, str]  # model, field, host


def refresh(known: Beliefs, *, known_at: datetime, now: datetime) -> None:
    """Make the list agree with what is known: new disagreements open, settled ones close, unchanged ones stay as they
    are and are not written."""
    wanted = {(model.id, field, "") for model in known.models.values() for field in model.release.conflicts}
    ids = {model.slug: model.id for model in known.models.values()}
    wanted |= {(ids[slug], field, host) for slug, field, host in _prices(known_at) if slug in ids}
    with transaction.atomic():
        chosen = set(FieldChoice.objects.known(known_at).values_list("model_id", "field", "host"))
        existing = {(row.model_id, row.field, row.host): row for row in Conflict.objects.select_for_update()}
        states: dict[Conflict.State, list[int]] = defaultdict(list)
        for name, row in existing.items():
            state = _state(name, wanted, chosen)
            if row.state != state:
                states[state].append(row.pk)
        for state, rows in states.items():
            reopened = {"found_at": now} if state == Conflict.State.OPEN else {}
            Conflict.objects.filter(pk__in=rows).update(state=state, **reopened)
        fresh = [
            Conflict(model_id=model, field=field, host=host, found_at=now)
            for model, field, host in sorted(wanted - existing.keys())
        ]
        Conflict.objects.bulk_create(fresh, batch_size=1000)


def _state(name: Name, wanted: set[Name], chosen: set[Name]) -> Conflict.State:
    if name in wanted:
        return Conflict.State.OPEN
    return Conflict.State.DECIDED if name in chosen else Conflict.State.GONE


def _prices(known_at: datetime) -> set[tuple[str, str, str]]:
    """(model's slug, field, host) of the prices that sources tell differently and nobody has settled."""
    rows = Price.objects.known(known_at).values_list(
        "model_id", "model__slug", "host", "endpoint__source__slug", "pk", "input", "output", "name", "since"
    )
    quotes, models = [], {}
    for model, slug, host, source, pk, asked, answered, name, since in rows.iterator(chunk_size=5000):
        models[slug] = model
        quotes.append(Quote(slug, host, source, pk, asked, answered, name, since))
    current = in_force(quotes, known_at.date())
    said: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for quote in current:
        for field, value in (("price-input", quote.input), ("price-output", quote.output)):
            if value is not None:
                said[quote.model, field, quote.host].append(value)
    settled = of_prices(known_at)
    found = set()
    for one in disagreements(current):
        field = f"price-{one.field}"
        choice = settled.get((models[one.model], field, one.host))
        if choice is None or not choice.settles(said[one.model, field, one.host]):
            found.add((one.model, field, one.host))
    return found
