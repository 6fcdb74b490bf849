"""What curators decided where sources disagree, as the weighing of evidence takes it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from tracker.domain.evidence import Choice
from tracker.models import FieldChoice, Price, Release

ByField = Mapping[str, Choice]


def of_releases(known_at: datetime | None) -> Mapping[int, ByField]:
    """By model and field the release fact that was chosen, while its document says what it said then."""
    rows = list(FieldChoice.objects.known(known_at).filter(price=None))
    facts = Release.objects.known(known_at).filter(
        endpoint__in={row.endpoint_id for row in rows}, key__in={row.key for row in rows}
    )
    by_row = {(fact.endpoint_id, fact.key): fact for fact in facts.select_related("licence")}
    found: dict[int, dict[str, Choice]] = defaultdict(dict)
    for row in rows:
        fact = by_row.get((row.endpoint_id, row.key))
        if fact is not None and fact.model_id == row.model_id and _says(fact, row.field) == row.value:
            found[row.model_id][row.field] = Choice(fact.pk, frozenset(row.seen))
    return found


def _says(fact: Release, field: str) -> str:
    if field == "licence":
        return fact.licence.slug if fact.licence else ""
    return str(getattr(fact, field))


def of_prices(known_at: datetime | None) -> Mapping[tuple[int, str, str], Choice]:
    """The same for prices, by model, field and host."""
    rows = list(FieldChoice.objects.known(known_at).filter(release=None))
    facts = Price.objects.known(known_at).filter(
        endpoint__in={row.endpoint_id for row in rows}, key__in={row.key for row in rows}
    )
    by_row = {(fact.endpoint_id, fact.key): fact for fact in facts}
    found = {}
    for row in rows:
        fact = by_row.get((row.endpoint_id, row.key))
        value = getattr(fact, row.field.removeprefix("price-"), None)
        if fact is not None and fact.model_id == row.model_id and str(value) == row.value:
            found[row.model_id, row.field, row.host] = Choice(fact.pk, frozenset(row.seen))
    return found
