"""The digest's archive: issues that went out, or go out now, as they were frozen and as the desk let them go."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from tracker.domain.notable import Content
from tracker.models import Issue, IssueImage
from tracker.queries.paging import stretch

PAGE_SIZE = 60
# What has not been approved is nobody's business yet, and what was withheld never is.
PUBLIC = (Issue.State.APPROVED, Issue.State.SENT)


@dataclass(frozen=True, slots=True)
class IssueRow:
    """One issue of the list. `as_of` is the day whose knowledge it holds, `until` the last day of its week."""

    week: str
    since: date
    until: date
    as_of: date
    subject: str
    preheader: str
    items: int
    quiet: bool
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class Issues:
    """One page of them, the newest first."""

    rows: tuple[IssueRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Edition:
    """One issue: all that it says, and the weeks of those before and after it, blank where there is none."""

    row: IssueRow
    content: Content
    note: str
    before: str
    after: str
    run: int | None


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item of an issue, as a file has it."""

    id: str
    topic: str
    title: str
    text: str
    url: str
    weight: float
    labs: tuple[str, ...]
    flips: bool


def _known(known_at: datetime | None) -> QuerySet[Issue]:
    found = Issue.objects.filter(state__in=PUBLIC)
    return found if known_at is None else found.filter(approved_at__lte=known_at)


def issues(*, known_at: datetime | None, page: int = 1, size: int = PAGE_SIZE) -> Issues:
    """`size` 0 is all of them."""
    known = _known(known_at)
    total = known.count()
    at, pages, here = stretch(total, page, size)
    rows = known.order_by("-week")[here]
    return Issues(tuple(_row(row, arranged(row)) for row in rows), total, at, pages)


def edition(week: str, *, known_at: datetime | None) -> Edition | None:
    """The issue of a week; None: none was let go."""
    known = _known(known_at)
    found = known.filter(week=week).first()
    if found is None:
        return None
    content = arranged(found)
    before = known.filter(week__lt=week).order_by("-week").values_list("week", flat=True).first()
    after = known.filter(week__gt=week).order_by("week").values_list("week", flat=True).first()
    return Edition(_row(found, content), content, found.note, before or "", after or "", found.run_id)


def picture(week: str, name: str) -> bytes | None:
    """A chart of an issue as PNG. That of an issue which waits is shown in a test letter already, and holds nothing
    that the chart's own page does not."""
    found = IssueImage.objects.filter(issue__week=week, name=name).values_list("png", flat=True).first()
    return None if found is None else bytes(found)


def item_rows(content: Content) -> list[ItemRow]:
    """The items of an issue as its file has them, in the content's own order."""
    return [
        ItemRow(item.id, item.topic.value, item.title, item.text, item.url, item.weight, item.labs, item.flips)
        for item in content.items
    ]


def arranged(issue: Issue) -> Content:
    """What was frozen, under the desk's hand."""
    return Content.read(issue.content or {}).arranged(issue.dropped, issue.order)


def _row(issue: Issue, content: Content) -> IssueRow:
    year, week = int(issue.week[:4]), int(issue.week[-2:])
    monday = date.fromisocalendar(year, week, 1)
    if issue.approved_at is None:
        raise ValueError(f"{issue} was let go by nobody")
    return IssueRow(
        week=issue.week,
        since=monday,
        until=monday + timedelta(days=6),
        as_of=date.fromisoformat(content.as_of),
        subject=content.subject,
        preheader=content.preheader,
        items=len(content.items),
        quiet=content.quiet,
        approved_at=issue.approved_at,
    )
