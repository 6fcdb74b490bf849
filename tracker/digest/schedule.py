"""When an issue is due: every Monday at the configured hour in the digest's zone, the week that has just ended."""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from tracker.digest import build, outbox
from tracker.models import Issue, Letter

State = Issue.State
logger = logging.getLogger(__name__)


def last_week(now: datetime) -> str:
    """The ISO week that ended last, where the digest's readers live."""
    today = now.astimezone(settings.DIGEST_ZONE)
    # By the wall's clock: a week with a change of the clocks is an hour shorter or longer.
    return build.week_of(today - timedelta(days=7), settings.DIGEST_ZONE)


def hour_of(week: str) -> datetime:
    """When the week's issue is due: on the Monday after it. An hour that the clocks leave out is the one after."""
    _, end = build.bounds(week, settings.DIGEST_ZONE)
    local = end.astimezone(settings.DIGEST_ZONE).replace(hour=settings.DIGEST_HOUR)
    return datetime.fromtimestamp(local.timestamp(), settings.DIGEST_ZONE)


def expected(now: datetime) -> tuple[str, datetime]:
    """The issue that was due last, and when."""
    week = last_week(now)
    if now < hour_of(week):
        week = last_week(now - timedelta(days=7))
    return week, hour_of(week)


def due(*, now: datetime) -> list[str]:
    """Take the week's issue as far as it may go now; returns what was done, in words, nothing where nothing was due.

    A machine that was down on Monday does it later in the week. Weeks before that are left to a person: news that are
    two weeks old must not go out unseen.
    """
    week = last_week(now)
    if now < hour_of(week):
        return []
    try:
        return advance(week, now=now)
    except build.NotYet as reason:  # beat asks again
        logger.info("the digest of %s waits: %s", week, reason)
        return []


def issue_of(week: str) -> Issue:
    """The week's row or, where there is none yet, what it would be, not stored."""
    since, until = build.bounds(week, settings.DIGEST_ZONE)
    return Issue.objects.filter(week=week).first() or Issue(week=week, since=since, until=until)


def advance(week: str, *, now: datetime, approve: bool = False) -> list[str]:
    """Freeze, approve and address a week's issue as far as it is not done yet; `approve`: somebody asks for it, so that
    its hour need not. Doubled, late and lost calls change nothing: each step hits its row once. Raises build.NotYet."""
    done = []
    issue = build.draft(week, zone=settings.DIGEST_ZONE, now=now)
    if issue.state == State.DRAFT:
        issue = build.freeze(issue, now=now)
        done.append(f"the {issue} is frozen")
    if issue.state == State.BUILT and (settings.DIGEST_AUTOMATIC or approve):
        built = Issue.objects.filter(pk=issue.pk, state=State.BUILT)
        if built.update(state=State.APPROVED, approved_at=now, approved_by=None):
            done.append(f"the {issue} is approved")
        issue.refresh_from_db()
    if issue.state == State.APPROVED and issue.addressed_at is None:
        waiting = outbox.address(issue, now=now)
        if waiting is not None:
            dropped = Letter.objects.filter(issue=issue, state=Letter.State.DROPPED).count()
            done.append(f"the {issue} has {waiting} letters to send and nothing to tell {dropped} readers")
    return done
