"""The outbox: one row for every letter that an issue owes its readers, and how a worker takes one and gives it back."""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils.crypto import salted_hmac

from tracker.digest import build, readers
from tracker.domain.notable import Content, Wishes, chosen
from tracker.models import DomainPace, Issue, Letter, Subscriber

State = Letter.State
SALT = "tracker.digest.message-id"
BLOCK = 64  # of SHA-256, as RFC 2104 has it
# No single letter takes a worker longer: it is killed before, see CELERY_TASK_TIME_LIMIT. What is still in its hands
# afterwards was in the hands of one that is gone.
LEASE = settings.LEASE
BATCH = 50
# What a minute's allowance is dealt out in: a server sees no more at once than it is promised for a second.
SLICE = timedelta(seconds=1)
# No turn is further off while nobody asks us to wait: the slowest pace is a letter a minute. A later one was written
# while the machine's clock ran ahead.
FAR = timedelta(minutes=2)
# The week after it is over an issue is still news; later it goes out only when somebody says so.
FRESH = timedelta(days=7)
NOTHING_ASKED_FOR = "Nothing in this issue is what this reader asked for."
GONE = "The reader left, paused or was erased before the letter was handed over."

LETTERS = """
INSERT INTO tracker_letter (issue_id, subscriber_id, message_id, domain, state, receipt, created_at, settled_at,
    attempts, lease_by, last_error)
SELECT %(issue)s, r.id,
    '<' || %(week)s || '.' || left(encode(sha256(%(outer)s::bytea || sha256(%(inner)s::bytea
        || convert_to(%(week)s || ':' || r.id, 'UTF8'))), 'hex'), 32) || '@' || %(host)s || '>',
    lower(split_part(r.email, '@', -1)),
    CASE WHEN n.pace IS NULL THEN 'waiting' ELSE 'dropped' END, '', %(now)s,
    CASE WHEN n.pace IS NOT NULL THEN %(now)s::timestamptz END, 0, '',
    CASE WHEN n.pace IS NULL THEN '' ELSE %(why)s END
FROM ({readers}) r (id, email, pace, topics, labs)
LEFT JOIN (
    SELECT e ->> 'pace' AS pace, ARRAY(SELECT jsonb_array_elements_text(e -> 'topics')) AS topics,
        ARRAY(SELECT jsonb_array_elements_text(e -> 'labs')) AS labs
    FROM jsonb_array_elements(%(nothing)s::jsonb) e
) n ON n.pace = r.pace AND n.topics = r.topics::text[] AND n.labs = r.labs::text[]
ON CONFLICT (issue_id, subscriber_id) DO NOTHING
"""
# Domains are hopped over in the index, so that one that must rest costs the same however many letters wait for it, and
# no further than to the first that is free. With = for the domain, or a bare issue_id, a planner whose statistics are
# older than the issue's letters would rather walk through all that wait.
FREE = """
WITH RECURSIVE place (domain) AS (
    (SELECT domain FROM tracker_letter WHERE state = 'waiting' ORDER BY domain LIMIT 1)
    UNION ALL
    SELECT (SELECT l.domain FROM tracker_letter l WHERE l.state = 'waiting' AND l.domain > place.domain
            ORDER BY l.domain LIMIT 1)
    FROM place WHERE place.domain IS NOT NULL
)
SELECT free.id, place.domain, coalesce(p.refused, 0)
FROM place LEFT JOIN LATERAL (
    SELECT next_at, refused FROM tracker_domainpace WHERE domain = place.domain OFFSET 0
) p ON true
CROSS JOIN LATERAL (
    SELECT l.id FROM tracker_letter l
    WHERE l.state = 'waiting' AND l.domain >= place.domain AND l.domain <= place.domain
        AND l.issue_id + 0 = ANY(%(issues)s)
        AND (l.lease_until IS NULL OR l.lease_until <= %(now)s OR l.lease_until > %(never)s)
        AND (l.not_before IS NULL OR l.not_before <= %(now)s)
    ORDER BY l.domain, l.id LIMIT %(each)s FOR UPDATE SKIP LOCKED
) free
WHERE p.next_at IS NULL OR p.next_at <= %(now)s OR (p.refused = 0 AND p.next_at > %(far)s)
LIMIT %(most)s
"""
TURNS = """
INSERT INTO tracker_domainpace (domain, next_at, refused)
SELECT t.domain, %(now)s::timestamptz + t.letters * make_interval(secs => %(gap)s), 0
FROM unnest(%(domains)s::text[], %(letters)s::int[]) t (domain, letters) ORDER BY t.domain
ON CONFLICT (domain) DO UPDATE SET next_at = EXCLUDED.next_at WHERE tracker_domainpace.next_at <= %(now)s
    OR (tracker_domainpace.refused = 0 AND tracker_domainpace.next_at > %(far)s)
RETURNING domain
"""


# One statement and one commit a letter: what the last one came to, and that the next is about to be handed over.
NEXT = """
WITH last AS (
    UPDATE tracker_letter SET state = 'sent', settled_at = %(now)s, lease_until = NULL, receipt = %(receipt)s,
        last_error = ''
    WHERE id = %(last)s AND lease_by = %(by)s AND handed_at = %(handed)s AND attempts = %(attempts)s
        AND state IN ('sending', 'ambiguous')
)
UPDATE tracker_letter SET state = 'sending', handed_at = %(now)s, attempts = attempts + 1, lease_until = %(until)s
WHERE id = %(next)s AND state = 'waiting' AND lease_by = %(by)s AND lease_until = %(held)s
    AND subscriber_id IN ({readers})
"""


def host() -> str:
    """Of this site, as the right half of our letters' names; cut to what a header's line holds."""
    name = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"[IPv6:{name}]" if ":" in name else name[-70:].lstrip(".-")


def message_id(week: str, subscriber: int) -> str:
    """The name of one reader's letter of one week: the same however often it is written, and it tells nobody whose."""
    told = salted_hmac(SALT, f"{week}:{subscriber}", algorithm="sha256").hexdigest()
    return f"<{week}.{told[:32]}@{host()}>"


def _pads() -> tuple[bytes, bytes]:
    """The two halves of the HMAC's key, for the database to work with; `message_id` is the definition."""
    key = hashlib.sha256((SALT + settings.SECRET_KEY).encode()).digest().ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x5C for byte in key), bytes(byte ^ 0x36 for byte in key)


def said(issue: Issue) -> Content:
    """What the frozen issue says, as the desk left it."""
    if issue.content is None:
        raise ValueError(f"the {issue} is not built")
    return build.arranged(issue, Content.read(issue.content))


def wanted(content: Content, wishes: Wishes) -> bool:
    """Whether the reader gets a letter: a quiet week is told to those who asked for everything, every week."""
    narrow = wishes.topics or wishes.labs or wishes.only_flips
    return bool(chosen(content.items, wishes)) or not narrow


@transaction.atomic
def address(issue: Issue, *, now: datetime) -> int | None:
    """One row for everybody who reads the digest now, once; returns how many letters wait, None where it is not due.

    A reader whom the issue has nothing to tell has a row too, which says so: nobody is left out without a trace.
    """
    row = Issue.objects.select_for_update().get(pk=issue.pk)
    if row.state != Issue.State.APPROVED or row.addressed_at is not None:
        return None
    content, everybody = said(row), readers.addressees(now).order_by()
    nothing = [
        {"pace": pace, "topics": topics, "labs": labs}
        for pace, topics, labs in everybody.values_list("pace", "topics", "labs").distinct()
        if not wanted(content, readers.wishes(Subscriber(pace=pace, topics=topics, labs=labs)))
    ]
    query, given = everybody.values_list("pk", "email", "pace", "topics", "labs").query.sql_with_params()
    outer, inner = _pads()
    about: dict[str, Any] = {
        "issue": row.pk, "week": row.week, "host": host(), "outer": outer, "inner": inner, "now": now,
        "nothing": json.dumps(nothing), "why": NOTHING_ASKED_FOR,
    }  # fmt: skip
    named = {f"given{number}": value for number, value in enumerate(given)}
    statement = LETTERS.format(readers=query % tuple(f"%({name})s" for name in named))
    with connection.cursor() as cursor:
        cursor.execute(statement, {**about, **named})
    Issue.objects.filter(pk=row.pk).update(addressed_at=now)
    return Letter.objects.filter(issue=row, state=State.WAITING).count()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that this worker may hand over until the lease ends. `slowed`: its domain has refused us lately."""

    letter: Letter
    until: datetime
    slowed: bool


def sendable(*, now: datetime, issue: int | None = None) -> list[int]:
    """The issues whose letters may go out: the fresh ones, or the one that somebody asks for."""
    rows = Issue.objects.filter(state__in=(Issue.State.APPROVED, Issue.State.SENT), addressed_at__isnull=False)
    rows = rows.filter(until__gt=now - FRESH) if issue is None else rows.filter(pk=issue)
    return list(rows.values_list("pk", flat=True))


@transaction.atomic
def claim(*, now: datetime, by: str, issues: Collection[int], most: int = BATCH) -> list[Claimed]:
    """Some letters that nobody else holds, no more for a domain than its turn allows. Nothing is handed over yet: a
    worker that dies now has only kept them waiting."""
    gap = timedelta(minutes=1) / settings.DIGEST_PACE if settings.DIGEST_PACE else timedelta(0)
    each = min(most, max(1, int(SLICE / gap))) if gap else most
    with connection.cursor() as cursor:
        about: dict[str, Any] = {"issues": list(issues), "now": now, "each": each, "most": most}
        cursor.execute(FREE, {**about, "never": now + 2 * LEASE, "far": now + FAR})
        found = cursor.fetchall()
        if not found:
            return []
        turns = Counter(domain for _, domain, _ in found)
        if gap:
            asked: dict[str, Any] = {"now": now, "far": now + FAR, "gap": gap.total_seconds()}
            cursor.execute(TURNS, {**asked, "domains": list(turns), "letters": list(turns.values())})
            granted = {domain for (domain,) in cursor.fetchall()}
        else:
            granted = set(turns)
    slowed = {pk: refused > 0 for pk, domain, refused in found if domain in granted}
    until = now + LEASE
    Letter.objects.filter(pk__in=slowed).update(lease_until=until, lease_by=by)
    rows = Letter.objects.filter(pk__in=slowed).select_related("subscriber").order_by("pk")
    return [Claimed(letter, until, slowed[letter.pk]) for letter in rows]


def release(claimed: Collection[Claimed], *, by: str, error: str = "") -> None:
    """These were not handed over and wait on; `error` says what kept the worker from it."""
    ends = {one.until for one in claimed}
    rows = Letter.objects.filter(pk__in=[one.letter.pk for one in claimed], state=State.WAITING)
    values = {"last_error": error[:2000]} if error else {}
    rows.filter(lease_by=by, lease_until__in=ends).update(lease_until=None, lease_by="", **values)


@lru_cache(maxsize=2)
def _addressees(minute: datetime) -> tuple[str, dict[str, Any]]:
    """Who reads, as a part of a statement: written once a minute, not once a letter."""
    query, given = readers.addressees(minute).order_by().values_list("pk").query.sql_with_params()
    named = {f"given{number}": value for number, value in enumerate(given)}
    return query % tuple(f"%({name})s" for name in named), named


def hand_over(one: Claimed, *, now: datetime, by: str, after: Claimed | None = None, receipt: str = "") -> bool:
    """From here on nobody may send it again without knowing what became of it; `after` is the letter before, which the
    server accepted with this receipt. To be committed before the server hears of the letter; False where it is not
    ours, or not wanted, any more."""
    query, given = _addressees(now.replace(second=0, microsecond=0))
    last = after.letter if after else None
    with connection.cursor() as cursor:
        about = {
            "now": now, "by": by, "next": one.letter.pk, "held": one.until, "until": now + LEASE, **given,
            "last": last and last.pk, "handed": last and last.handed_at, "attempts": last and last.attempts,
            "receipt": receipt[:200],
        }  # fmt: skip
        cursor.execute(NEXT.format(readers=query), about)
        handed = cursor.rowcount == 1
    if handed:
        one.letter.handed_at, one.letter.attempts = now, one.letter.attempts + 1
        return True
    held = Letter.objects.filter(pk=one.letter.pk, state=State.WAITING, lease_by=by, lease_until=one.until)
    _end(held, State.DROPPED, now=now, last_error=GONE)
    return False


def drop(one: Claimed, *, now: datetime, by: str, why: str) -> None:
    """It will not be sent, and was not."""
    held = Letter.objects.filter(pk=one.letter.pk, state=State.WAITING, lease_by=by, lease_until=one.until)
    _end(held, State.DROPPED, now=now, last_error=why[:2000])


def _mine(one: Claimed, *, by: str) -> QuerySet[Letter]:
    """The row of this very attempt. Late news are still news: what was given up as unknown meanwhile is known now."""
    rows = Letter.objects.filter(pk=one.letter.pk, lease_by=by, handed_at=one.letter.handed_at)
    return rows.filter(state__in=(State.SENDING, State.AMBIGUOUS), attempts=one.letter.attempts)


def _end(rows: QuerySet[Letter], state: str, *, now: datetime, **values: str) -> int:
    return rows.update(state=state, settled_at=now, lease_until=None, **values)


def accepted(one: Claimed, *, now: datetime, by: str, receipt: str) -> None:
    """The server took it; the receipt is what it said. A domain that had asked for rest counts as willing again."""
    _end(_mine(one, by=by), State.SENT, now=now, receipt=receipt[:200], last_error="")
    if one.slowed:
        DomainPace.objects.filter(domain=one.letter.domain).update(refused=0)


def unknown(one: Claimed, *, by: str, error: str) -> None:
    """The server had all of it and we did not hear what it made of it."""
    _mine(one, by=by).update(state=State.AMBIGUOUS, lease_until=None, last_error=error[:2000])


def give_up(one: Claimed, *, now: datetime, by: str, error: str) -> None:
    """It will not be tried again by itself: nobody has the address, or it was tried often enough. A person may have it
    sent again."""
    _end(_mine(one, by=by), State.DEAD, now=now, last_error=error[:2000])


def put_back(one: Claimed, *, by: str, error: str, not_before: datetime | None) -> None:
    """The server did not take it: it may be sent again."""
    values = {"state": State.WAITING, "lease_until": None, "lease_by": "", "last_error": error[:2000]}
    _mine(one, by=by).update(**values, not_before=not_before)


def slow_down(domain: str, *, now: datetime, chance: Callable[[], float] = random.random) -> None:
    """The domain asked to be left alone: all workers wait, twice as long every time."""
    with transaction.atomic():
        pace, _ = DomainPace.objects.select_for_update().get_or_create(domain=domain, defaults={"next_at": now})
        pace.refused += 1
        pace.next_at = max(pace.next_at, now + backoff(pace.refused, chance=chance))
        pace.save(update_fields=["refused", "next_at"])


def backoff(
    attempt: int,
    *,
    chance: Callable[[], float],
    base: timedelta = timedelta(minutes=1),
    cap: timedelta = timedelta(hours=1),
) -> timedelta:
    """How long to wait after attempt number `attempt`: between half and all of a doubling ceiling."""
    ceiling = min(cap, base * 2.0 ** min(max(attempt, 1) - 1, 20))
    return ceiling * (0.5 + 0.5 * chance()) * settings.HASTE


def reconcile(*, now: datetime) -> int:
    """Mark what a worker that is gone had in its hands, and close issues that have nothing left to send; returns how
    many letters nobody knows about since."""
    # A lease that ends later than any can was taken while the machine's clock ran ahead.
    over = Q(lease_until__lte=now) | Q(lease_until__gt=now + 2 * LEASE)
    lost = Letter.objects.filter(over, state=State.SENDING)
    told = "The worker was gone before it could note the server's answer. The letter may have been accepted."
    found = lost.update(state=State.AMBIGUOUS, lease_until=None, last_error=told)
    unfinished = Letter.objects.filter(state__in=(State.WAITING, State.SENDING)).values("issue")
    done = Issue.objects.filter(state=Issue.State.APPROVED, addressed_at__isnull=False).exclude(pk__in=unfinished)
    done.update(state=Issue.State.SENT, sent_at=now)
    return found


def forget_paces(*, now: datetime) -> None:
    """A domain whose turn came a day ago has nothing to wait for, and may be the name of one person."""
    DomainPace.objects.filter(next_at__lt=now - timedelta(days=1)).delete()


def next_at(*, now: datetime, issues: Collection[int]) -> datetime | None:
    """When the next of the letters that wait may go; None where none waits."""
    rows = Letter.objects.filter(state=State.WAITING, issue__in=issues)
    paces = DomainPace.objects.filter(next_at__gt=now).exclude(refused=0, next_at__gt=now + FAR)
    turns = dict(paces.values_list("domain", "next_at"))
    ready = Greatest(Coalesce("not_before", now), Coalesce("lease_until", now))
    best: datetime | None = None
    for domain, at in rows.order_by().values_list("domain").annotate(at=Min(ready)):
        at = max(at, turns.get(domain, now))
        best = at if best is None else min(best, at)
    return best


def to_settle(issue: Issue, *, dead: bool = False, only: Collection[int] = ()) -> list[Letter]:
    """The letters of an issue that a person must say something about; `dead`: those that were given up too."""
    states = (State.AMBIGUOUS, State.DEAD) if dead else (State.AMBIGUOUS,)
    rows = Letter.objects.filter(issue=issue, state__in=states)
    return list(rows.filter(pk__in=only) if only else rows)
