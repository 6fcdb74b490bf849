"""What labs announced lately: titles and addresses, each with the fact it was read from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from django.db.models import F, QuerySet

from tracker.domain.records import Precision, When
from tracker.models import News


@dataclass(frozen=True, slots=True)
class NewsRow:
    """One notice; `fact` is the row its provenance is shown by. A blank `published` is not stated."""

    fact: int
    lab: str
    lab_slug: str
    title: str
    url: str
    published: str
    published_on: date | None
    source: str
    source_slug: str
    known_from: datetime


def latest_news(
    *, lab: str = "", since: date | None = None, known_at: datetime | None = None, limit: int = 50
) -> tuple[NewsRow, ...]:
    """The newest notices first, those without a day last; of a page that two feeds name, the notice known first.

    `lab` is a slug. `known_at` gives the notices as they were known then.
    """
    shown = News.objects.known(known_at).filter(endpoint__source__may_display=True)
    if lab:
        shown = shown.filter(lab__slug=lab)
    if since:
        shown = shown.filter(published_on__gte=since)
    return tuple(islice(_rows(shown), limit))


def _rows(shown: QuerySet[News]) -> Iterator[NewsRow]:
    newest = shown.select_related("lab", "endpoint__source").order_by(
        F("published_on").desc(nulls_last=True), "known_from", "pk"
    )
    titles: set[tuple[int, str, str]] = set()
    days: dict[tuple[int, str, date | None], int] = {}
    for fact in newest.iterator(chunk_size=200):
        page = fact.url.rstrip("/") or fact.title
        title, day = (fact.lab_id, page, fact.title), (fact.lab_id, page, fact.published_on)
        # A mirror may word a title anew or miss the day; yet one feed may list several notices of a day on one page.
        if title in titles or days.setdefault(day, fact.endpoint_id) != fact.endpoint_id:
            continue
        titles.add(title)
        yield NewsRow(
            fact=fact.pk,
            lab=fact.lab.name,
            lab_slug=fact.lab.slug,
            title=fact.title,
            url=fact.url,
            published=str(When(fact.published_on, Precision(fact.precision))) if fact.published_on else "",
            published_on=fact.published_on,
            source=fact.endpoint.source.title,
            source_slug=fact.endpoint.source.slug,
            known_from=fact.known_from,
        )
