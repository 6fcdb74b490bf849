"""An issue of the digest: which week it is about, what it says of it, and when it is frozen once and for all."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from tracker.domain.notable import Content
from tracker.domain.notable_issue import compose
from tracker.models import IndexRun, Issue, IssueImage
from tracker.queries import week as weeks
from tracker.queries.week import Span

# A run of the week that is still being computed is waited for so long after its last day.
PATIENCE = timedelta(hours=12)


class NotYet(Exception):  # noqa: N818  it says what is the matter, as FetchRefused does
    """The issue cannot be frozen yet; the message tells why. Asking again later will do."""


def week_of(moment: datetime, zone: ZoneInfo) -> str:
    """The ISO week that a moment lies in, where the digest's readers live."""
    year, number, _ = moment.astimezone(zone).isocalendar()
    return f"{year}-W{number:02d}"


def bounds(week: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From Monday's midnight to the next Monday's. Raises ValueError where there is no such week."""
    return weeks.bounds(week, zone)


def content(week: str, *, zone: ZoneInfo, now: datetime) -> Content:
    """What the issue says as known at the end of its week, or now where that is still to come. Raises ValueError for a
    week that is not there or has not begun."""
    since, until = bounds(week, zone)
    return compose(week, weeks.facts(Span.of(week, since, until, now=now)))


def arranged(issue: Issue, content: Content) -> Content:
    """The content as the desk left it: without what it dropped, with what it put first in front."""
    return content.arranged(issue.dropped, issue.order)


def draft(week: str, *, zone: ZoneInfo, now: datetime) -> Issue:
    """The week's row, made where there is none yet: it holds the desk's wishes until the issue is built."""
    since, until = bounds(week, zone)
    Span.of(week, since, until, now=now)  # a week that has not begun has no issue
    return Issue.objects.get_or_create(week=week, defaults={"since": since, "until": until})[0]


def said(issue: Issue, *, now: datetime) -> Content:
    """What an issue says: as it was frozen, or as it would be now. The desk's hand is not in it."""
    if issue.content is not None:
        return Content.read(issue.content)
    return compose(issue.week, weeks.facts(Span.of(issue.week, issue.since, issue.until, now=now)))


def freeze(issue: Issue, *, now: datetime) -> Issue:
    """Build the issue once and for all: its words, its pictures, the run it stands on. Whoever comes second, or at the
    same time, finds it built. One that is withheld is left alone. Raises NotYet before the week's end."""
    from tracker.digest import pictures

    with transaction.atomic():
        row = Issue.objects.select_for_update().get(pk=issue.pk)
        if row.state != Issue.State.DRAFT:
            return row
        span = Span.of(row.week, row.since, row.until, now=now)
        _check(row, span, now)
        facts = weeks.facts(span)
        told = compose(row.week, facts)
        IssueImage.objects.bulk_create(
            IssueImage(issue=row, name=picture.name, png=png, width=width, height=height, alt=picture.alt)
            for picture, png, width, height in pictures.draw(told)
        )
        row.content, row.state, row.built_at = told.plain(), Issue.State.BUILT, now
        row.run_id = facts.now.run if facts.now else None
        row.save(update_fields=["content", "state", "built_at", "run"])
        return row


def _check(row: Issue, span: Span, now: datetime) -> None:
    if now < max(row.until, span.ends):
        raise NotYet(f"The week of {row.week} ends at {max(row.until, span.ends):%Y-%m-%d %H:%M} UTC.")
    if now < span.ends + PATIENCE and _computing(span):
        raise NotYet(f"The last run of {row.week} is still being computed.")


def _computing(span: Span) -> bool:
    """Whether the run that will stand for the week is not through: issues tell of what its reports say."""
    runs = IndexRun.objects.filter(known_at__gt=span.since, known_at__lte=span.known).order_by("-known_at", "-pk")
    state = runs.values_list("state", flat=True).first()
    return state not in (None, IndexRun.State.DONE)
