"""Everything that a digest may tell of one week: two runs a week apart, and what came in between."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tracker.domain.notable_facts import Week
from tracker.models import Issue
from tracker.queries import runs, week_ahead, week_facts, week_reports, week_runs
from tracker.queries.runs import RunInfo, end_of

WEEK = re.compile(r"(\d{4})-W(\d{2})")
DAYS = timedelta(days=7)
# A day of knowledge ends at midnight UTC. Where the readers' week ends up to so long before, their Sunday is that day;
# farther east the letter would have to wait for it, and the day before is taken.
WAIT = timedelta(hours=6)


def monday(week: str) -> date:
    """The week's first day. Raises ValueError."""
    found = WEEK.fullmatch(week)
    if found is None:
        raise ValueError(f"{week} is not an ISO week such as 2026-W47")
    return date.fromisocalendar(int(found[1]), int(found[2]), 1)


def bounds(week: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From Monday's midnight to the next Monday's, where the readers live."""
    first = monday(week)
    begin, end = (datetime.combine(day, time.min, zone) for day in (first, first + DAYS))
    return begin, end


def last_day(before: date, boundary: datetime) -> date:
    """The last day of knowledge of a week that ends where `boundary` is, on the readers' eve of the day `before`."""
    sunday = before - timedelta(days=1)
    return sunday if end_of(sunday) - boundary <= WAIT else sunday - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """What an issue knows: from after `since` to `known`. `as_of` is the day its links ask for, `before_on` that of
    the issue before; `ends` is when the last day is over."""

    week: str
    as_of: date
    before_on: date
    since: datetime
    known: datetime
    ends: datetime

    @classmethod
    def of(cls, week: str, since: datetime, until: datetime, *, now: datetime) -> "Span":
        """Issues follow each other without a gap and without an overlap. Raises ValueError for a week to come."""
        first = monday(week)
        before_on, last = last_day(first, since), last_day(first + DAYS, until)
        if now <= end_of(before_on):
            raise ValueError(f"The week {week} has not begun.")
        return cls(
            week=week,
            as_of=min(last, now.astimezone(UTC).date()),
            before_on=before_on,
            since=end_of(before_on),
            known=min(end_of(last), now),
            ends=end_of(last),
        )

    @property
    def before(self) -> str:
        """The week before."""
        year, number, _ = (monday(self.week) - DAYS).isocalendar()
        return f"{year}-W{number:02d}"


def facts(span: Span) -> Week:
    """What the issue may tell. Asked again later it is the same: facts are never edited, and runs of a day stay."""
    now, before = _run(span.week, span.as_of), _run(span.before, span.before_on)
    if now is not None and before is not None and now.id == before.id:
        before = now  # nothing was computed in between
    pair = week_runs.Pair(now, before)
    found = week_runs.Models(pair)
    beside = (span.since, span.known)
    return Week(
        as_of=span.as_of,
        before_on=span.before_on,
        known=span.known,
        now=week_runs.standing(now),
        before=week_runs.standing(before),
        turns=week_runs.turns(pair),
        steps=found.steps(since=span.before_on),
        newcomers=found.newcomers(since=span.before_on, until=span.as_of),
        moves=found.moves(),
        beliefs=found.beliefs(),
        benchmarks=week_runs.benchmarks(pair),
        phases=week_reports.phases(pair, as_of=span.as_of),
        prices=week_reports.prices(pair),
        leads=week_reports.leads(pair),
        signs=week_reports.signs(pair),
        rewordings=week_facts.rewordings(*beside),
        happenings=week_facts.happenings(*beside, as_of=span.as_of),
        corrections=week_facts.corrections(*beside),
        decided=week_facts.decided(*beside),
        due=week_ahead.due(span.as_of),
        close=week_ahead.close(now),
        stale=week_ahead.stale(*beside),
    )


def _run(week: str, day: date) -> RunInfo | None:
    """The run that a frozen issue of the week stands on, or the one that stands for the day."""
    frozen = Issue.objects.filter(week=week, content__isnull=False).values_list("run_id", flat=True).first()
    return (runs.run_for(day, frozen) if frozen else None) or runs.run_for(day)
