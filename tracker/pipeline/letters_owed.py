"""What is wrong with the weekly digest, told from its rows: no issue where one is due, letters that do not go."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q

from tracker.domain.drift import Severity
from tracker.models import Issue, Letter, Subscriber
from tracker.pipeline.troubles import Kind, Trouble

# The letter is promised for breakfast; two hours are enough for charts, retries and a worker that was busy.
LATE_AFTER = timedelta(hours=2)
# Greylisting and a slow pace are over by then.
WAITING_AFTER = timedelta(hours=6)
GIVEN_UP_FOR = timedelta(days=7)
# Some addresses die every week; more at once is our own address that is refused, or a list that somebody fed us.
MANY, SHARE = 20, 0.05

State = Letter.State


def of_letters(*, due: tuple[str, datetime] | None, now: datetime) -> Iterator[Trouble]:
    """`due` is the week whose issue was due last, and when; None where nobody asks."""
    if due is not None:
        yield from _late(*due, now=now)
    yield from _unconfirmed(now=now)
    doubtful, dead = Q(letters__state=State.AMBIGUOUS), Q(letters__state=State.DEAD)
    dead &= Q(letters__settled_at__gt=now - GIVEN_UP_FOR)
    late = Q(letters__state=State.WAITING, letters__created_at__lt=now - WAITING_AFTER)
    # A withheld issue's letters wait because somebody wants them to.
    rows = Issue.objects.exclude(state=Issue.State.WITHHELD).filter(doubtful | dead | late)
    counted = rows.values_list("week").annotate(
        doubtful=Count("letters", filter=doubtful),
        dead=Count("letters", filter=dead),
        ours=Count("letters", filter=dead & Q(letters__subscriber__state=Subscriber.State.ACTIVE)),
        late=Count("letters", filter=late),
        since=Min("letters__created_at", filter=late),
        said=Max("letters__last_error", filter=doubtful | dead | late),
    )
    weeks = [row[0] for row in counted]
    everybody = Letter.objects.filter(issue__week__in=weeks).order_by().values_list("issue__week")
    totals = dict(everybody.annotate(Count("pk")))
    for week, doubt, given_up, ours, waiting, since, said in counted:
        parts = (
            [f"{doubt} may or may not have arrived: look into the mail server's log and settle them"] if doubt else []
        )
        if ours or (given_up >= MANY and given_up >= SHARE * totals[week]):
            parts.append(f"{given_up} were given up, {ours} of them to readers whose addresses were never refused")
        if waiting:
            parts.append(f"{waiting} wait since {since:%Y-%m-%d %H:%M} UTC")
        if parts:
            last = f" Last said: {said[:300].rstrip('.')}." if said else ""
            told = (
                f"Letters of the digest of {week}: {'; '.join(parts)}.{last} Nobody gets a second letter by itself; "
                f"the curator's desk lists them, and `manage.py digest --week {week} --settle` settles those in doubt."
            )
            yield Trouble(Kind.DIGEST, f"letters:{week}", Severity.ALARM, told)


def _unconfirmed(*, now: datetime) -> Iterator[Trouble]:
    asked = Subscriber.objects.filter(confirm_sent_at=None, confirm_wanted_at__lt=now - LATE_AFTER)
    if not (waiting := asked.count()):
        return
    said = asked.exclude(last_error="").order_by("-confirm_wanted_at").values_list("last_error", flat=True).first()
    told = (
        f"{waiting} people asked for the digest over {LATE_AFTER.seconds // 3600} hours ago and have had no letter "
        f"to confirm it: the worker of the queue `mail` is down, or the mail server takes nothing."
    )
    yield Trouble(Kind.DIGEST, "confirmations", Severity.ALARM, f"{told} Last said: {said[:300]}" if said else told)


def _late(week: str, hour: datetime, *, now: datetime) -> Iterator[Trouble]:
    waiting = Subscriber.objects.filter(state=Subscriber.State.ACTIVE, confirmed_at__lt=hour)
    if now - hour < LATE_AFTER or not waiting.exists():
        return
    issue = Issue.objects.filter(week=week).only("state", "addressed_at").first()
    if issue is not None and (issue.addressed_at is not None or issue.state == Issue.State.WITHHELD):
        return
    if issue is None or issue.state == Issue.State.DRAFT:
        said = (
            "it has not been built: beat, the broker or the worker of the queue `mail` are down, or building it fails"
        )
    elif issue.state == Issue.State.BUILT:
        said = "it waits for an editor's approval at the desk"
    else:
        said = "it is approved, and no worker has addressed it"
    told = (
        f"No digest of {week} has gone out, which was due on {hour:%Y-%m-%d at %H:%M %Z}: {said}. {waiting.count()} "
        f"readers wait for it. `manage.py digest --week {week} --send` sends it."
    )
    yield Trouble(Kind.DIGEST, f"digest:{week}", Severity.STOPPED, told)
