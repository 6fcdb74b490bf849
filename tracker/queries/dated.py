"""What is told with a day and a lab, events and statements alike: known on a day, and narrowed by what is asked for."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.db.models import QuerySet

from tracker.models import Fact

Told = TypeVar("Told", bound=Fact)


@dataclass(frozen=True, slots=True)
class DatedFilter:
    """Blank is everything. `since` and `until` are days."""

    lab: str = ""
    since: date | None = None
    until: date | None = None


def known(every: QuerySet[Told], day: str, *, known_at: datetime | None) -> QuerySet[Told]:
    """Of the facts known at a time those that may be shown; `day` is the field that says when it was. On a day of the
    past none that came later: an announcement for a day to come is told when it has come."""
    found = every.filter(endpoint__source__may_display=True)
    return found.filter(**{f"{day}__lte": known_at.date()}) if known_at else found


def narrowed(found: QuerySet[Told], day: str, wanted: DatedFilter) -> QuerySet[Told]:
    """Those of the lab and within the filter's days, both ends included; `day` is the field that says when it was."""
    if wanted.lab:
        found = found.filter(lab__slug=wanted.lab)
    if wanted.since:
        found = found.filter(**{f"{day}__gte": wanted.since})
    if wanted.until:
        found = found.filter(**{f"{day}__lte": wanted.until})
    return found
