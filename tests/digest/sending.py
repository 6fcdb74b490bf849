"""An issue that goes out and readers for it, made directly: what these tests are about begins where it is frozen."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tracker.digest import outbox
from tracker.domain.notable import Content, Item, Topic
from tracker.models import Issue, Letter, Subscriber

WEEK = "2026-W46"
SINCE, UNTIL = datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC)
MONDAY = UNTIL + timedelta(hours=7)
MINUTE = timedelta(minutes=1)
ITEMS = (
    Item("gap:1", Topic.GAP, "Open models are 5.1 months behind", "They were 5.4 months behind.", "/?as_of=x", 10.0),
    Item("price:a", Topic.PRICES, "Model A costs half", "It costs 1 USD.", "/prices/?as_of=x", 3.0, labs=("lab-a",)),
)
FLIP = Item("claim:1", Topic.CLAIMS, "A claim does not hold any more", "It did.", "/claims/", 8.0, flips=True)


def content(*items: Item, week: str = WEEK, quiet: bool = False) -> Content:
    return Content(week, "2026-11-15", "Open models are 5.1 months behind", "And more.", items, (), quiet)


def issue(*items: Item, week: str = WEEK, quiet: bool = False, **values: Any) -> Issue:
    """An approved issue; without items the usual two, unless it is quiet."""
    said = content(*(items or (() if quiet else ITEMS)), week=week, quiet=quiet)
    told = {"since": SINCE, "until": UNTIL, "built_at": MONDAY, "approved_at": MONDAY, "state": Issue.State.APPROVED}
    return Issue.objects.create(week=week, content=said.plain(), **{**told, **values})


def subscriber(email: str, **values: Any) -> Subscriber:
    """An active reader."""
    told = {"state": Subscriber.State.ACTIVE, "asked_at": SINCE, "confirmed_at": SINCE}
    return Subscriber.objects.create(email=email, **{**told, **values})


def subscribers(count: int, *, domains: int = 1, first: int = 0) -> list[Subscriber]:
    return Subscriber.objects.bulk_create(
        Subscriber(
            email=f"reader{number}@d{number % domains}.example", state=Subscriber.State.ACTIVE, asked_at=SINCE,
            confirmed_at=SINCE,
        )
        for number in range(first, first + count)
    )  # fmt: skip


def addressed(count: int = 0, *, domains: int = 1, now: datetime = MONDAY) -> Issue:
    """An issue with letters in the outbox for so many readers, and for those who are there already."""
    subscribers(count, domains=domains)
    made = issue()
    outbox.address(made, now=now)
    return made


def states(rows: Iterable[Letter] | None = None) -> dict[str, int]:
    found: dict[str, int] = {}
    for letter in Letter.objects.all() if rows is None else rows:
        found[letter.state] = found.get(letter.state, 0) + 1
    return found
