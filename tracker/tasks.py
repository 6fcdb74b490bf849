"""What the workers do: ids in, one call, nothing else. A lost, late or doubled message changes nothing."""

import logging
import os
import socket
from datetime import timedelta
from functools import cache

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from landscape.observe.context import ids
from tracker.digest import confirmations, limits, outbox, readers, schedule, send
from tracker.evaluating import Worker, announce
from tracker.fetch import Fetcher, Limits
from tracker.pipeline import (
    alarm_letters,
    alarms,
    collect,
    evaluating,
    ingest,
    licence_changes,
    proposals,
    pulse,
    recompute,
    rereading,
)

logger = logging.getLogger(__name__)

# Between two requests to one host. The operator's own mirror needs no sparing.
HOST_GAP = timedelta(seconds=2)
# Beat asks again before long: what no worker took up by then would only stand before what is more urgent by now.
STALE_AFTER = 60.0 * settings.HASTE


def worker_name() -> str:
    """Who holds a lease: this very process."""
    return f"{socket.gethostname()}:{os.getpid()}"[:64]


def log_run() -> str:
    """The run that every line of this work carries, for the rows that come of it."""
    return ids().get("run", "")


@cache
def fetching() -> Fetcher:
    """The fetcher as this installation configures it: one a process, so that robots.txt is asked for once a day."""
    gap = timedelta(0) if settings.SOURCE_MIRROR else HOST_GAP
    return Fetcher(
        f"AI-Landscape/1.0 (+{settings.CONTACT})",
        mirror=settings.SOURCE_MIRROR or None,
        pace=collect.database_pace(gap, clock=timezone.now),
        limits=Limits(seconds=max(2.0, Limits().seconds * settings.HASTE)),
    )


@shared_task
def collect_due() -> None:
    """Beat runs this every minute; each source's row says when it is due."""
    now = timezone.now()
    pulse.heard("collect", now=now)
    if not settings.COLLECT_LIVE:
        return
    collect.enrol(now=now)
    for endpoint in collect.due(now=now):
        collect_endpoint.apply_async((endpoint,), expires=STALE_AFTER)


@shared_task
def collect_endpoint(endpoint: int) -> None:
    """One address asked, unless another worker has it; what changed goes on to be read."""
    attempt = collect.collect(endpoint, now=timezone.now(), by=worker_name(), fetching=fetching, log_run=log_run())
    if attempt is not None:
        told = {"snapshot": attempt.snapshot_id, "source": attempt.endpoint.source.slug, "outcome": attempt.outcome}
        logger.info("collected %s: %s %s", attempt.endpoint.url, attempt.outcome, attempt.message, extra=told)
        if attempt.outcome == attempt.Outcome.CHANGED:
            ingest_snapshot.delay(attempt.snapshot_id)


@shared_task
def ingest_due() -> None:
    """Beat runs this, so that a snapshot whose message was lost is read all the same."""
    now = timezone.now()
    pulse.heard("ingest", now=now)
    for snapshot in ingest.waiting(now=now):
        ingest_snapshot.apply_async((snapshot,), expires=STALE_AFTER)
    for endpoint in rereading.waiting(now=now):
        ingest_again.apply_async((endpoint,), expires=STALE_AFTER)


@shared_task
def ingest_snapshot(snapshot: int) -> None:
    """One document read, unless another worker has it; afterwards the figures may be due."""
    read = ingest.ingest(snapshot, now=timezone.now(), by=worker_name(), log_run=log_run())
    if read is not None:
        logger.info("read %s: %s %s", read, read.state, read.message or read.counts)
        recompute_due.delay()


@shared_task
def ingest_again(endpoint: int) -> None:
    """A curator's decision follows its commit with this; beat asks again for those whose message was lost."""
    if rereading.read_again(endpoint, now=timezone.now(), by=worker_name()):
        recompute_due.delay()


@shared_task
def ingest_findings() -> None:
    """Beat runs this: licence texts that came with other words, and news that speak of a model nobody has entered."""
    now = timezone.now()
    pulse.heard("findings", now=now)
    for change in licence_changes.find(now=now):
        logger.info("changed words: %s", change)
    if count := proposals.find(now=now):
        logger.info("%s proposed releases are new", count)


@shared_task
def recompute_due() -> None:
    """Beat runs this; facts that changed since the last run make one due."""
    now = timezone.now()
    pulse.heard("recompute", now=now)
    recompute.plan(now=now, log_run=log_run())
    for run in recompute.waiting(now=now):
        recompute_run.apply_async((run,), expires=STALE_AFTER)


# Five hundred draws over the largest data take longer than other tasks may; still less than a message's visibility.
@shared_task(soft_time_limit=240, time_limit=280)
def recompute_run(run: int) -> None:
    """One step of a run, which then sends for its next: a long run gives way to others between two steps."""
    goes_on = recompute.advance(run, clock=timezone.now, by=worker_name())
    logger.info("index run %s: %s", run, "one step further" if goes_on else "nothing left to do")
    if goes_on:
        recompute_run.delay(run)


@shared_task
def collect_alarms() -> None:
    """Beat runs this: what is wrong by now, what has healed, and the operator's letter about both."""
    now = timezone.now()
    pulse.heard("alarms", now=now)
    alarms.look(now=now, live=settings.COLLECT_LIVE, digest=schedule.expected(now))
    to = [admin[1] for admin in settings.ADMINS]
    alarm_letters.mail(to=to, sender=settings.SERVER_EMAIL, now=now, by=worker_name())


@shared_task
def mail_issue() -> None:
    """Beat runs this: on Monday at its hour the week's issue is frozen and every reader has a letter's row."""
    now = timezone.now()
    done = schedule.due(now=now)
    for words in done:
        logger.info("%s", words)
    if done:
        mail_due.delay()


@shared_task
def mail_due() -> None:
    """Beat runs this; the letters that wait are rows, and one turn hands over some of them."""
    now = timezone.now()
    pulse.heard("mail", now=now)
    done = send.work(now=now, by=worker_name())
    if done.sent:
        logger.info("%s letters were accepted", done.sent)
    if done.sent and not done.stopped:
        mail_due.apply_async(expires=STALE_AFTER)


@shared_task
def mail_confirmations() -> None:
    """Beat runs this: who asked for the digest is asked whether it was they."""
    confirmations.send_confirmations(now=timezone.now(), by=worker_name())


@shared_task
def mail_forget() -> None:
    """Beat runs this: who never confirmed, who left a while ago and who tried what is counted, is forgotten."""
    now = timezone.now()
    if gone := readers.forget(now=now):
        logger.info("%s readers were forgotten", gone)
    limits.sweep(now=now)
    outbox.forget_paces(now=now)


@cache
def evaluator() -> Worker:
    """One a process: it keeps the engine between two batches."""
    return Worker(by=worker_name(), clock=timezone.now)


@shared_task
def evaluate_due() -> None:
    """Beat runs this where evaluations are done: the machine says that it is there, and takes up what waits."""
    announce(clock=timezone.now)
    if evaluating.due().exists():
        evaluate_step.apply_async(expires=STALE_AFTER)
    else:
        evaluator().close()


# A model may take long to load. The message is acknowledged before the work, so that it is never delivered twice; what
# a killed worker had is free again when its lease runs out, and beat asks for it.
@shared_task(acks_late=False, soft_time_limit=6 * 3600, time_limit=6 * 3600 + 60)
def evaluate_step() -> None:
    """One step of an evaluation, then a message for the next, until this worker finds none that it can do."""
    announce(clock=timezone.now)
    if evaluator().work():
        evaluate_step.apply_async(expires=STALE_AFTER)
