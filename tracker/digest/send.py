"""Sending the letters that wait: a worker's turn, from the outbox to the server's answer and what follows from it.

What a letter's row says is always ahead of the world: `sending` is committed before the server hears of the letter, and
`sent` after it said yes. A worker that dies in between leaves one row that says so.
"""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction

from tracker.digest import bounces, outbox, transport
from tracker.digest.bounces import Told
from tracker.digest.outbox import Claimed, reconcile
from tracker.digest.transport import Answer, Carrier, Fate, ServerShutError
from tracker.digest.writing import Writer
from tracker.models import Issue

__all__ = ["Outcome", "reconcile", "send_due", "work"]

logger = logging.getLogger(__name__)

# A task may run for two minutes, and the last letter may take one of them; the embedded worker collects too.
SECONDS = 20.0
# So many letters in a row that nobody took mean the server, not the readers.
IN_A_ROW = 3
NOBODY_IN_A_ROW = 20
# With the waits between them most of a day: greylisting and full mailboxes are over by then.
MOST_ATTEMPTS = 12
# Longer than this no worker waits for a domain's turn; beat wakes another.
PATIENCE = timedelta(seconds=5)
# An answer that the database does not take is kept in mind for so long, because nobody else has heard it: a server that
# was restarted is back by then, and somebody may have made room on a full disk.
MINDED = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds between two tries


@dataclass(frozen=True, slots=True)
class Outcome:
    """`stopped` says why the worker gave up before its time; blank: it did not."""

    sent: int
    stopped: str = ""


def send_due(*, now: datetime, by: str, seconds: float = SECONDS, issue: int | None = None) -> int:
    """Hand over letters that wait for about so long; returns how many the server accepted."""
    return work(now=now, by=by, seconds=seconds, issue=issue).sent


def work(
    *,
    now: datetime,
    by: str,
    seconds: float = SECONDS,
    issue: int | None = None,
    batch: int = outbox.BATCH,
    told: Callable[[], None] = lambda: None,
) -> Outcome:
    """`batch` letters are held at a time, and `told` is called after each. Only fresh issues go by themselves, an older
    one when it is named."""
    began = time.monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - began)

    reconcile(now=now)
    turn = _Turn(by=by, clock=clock, told=told, ends=now + timedelta(seconds=seconds))
    try:
        while not turn.stopped and clock() < turn.ends:
            issues = outbox.sendable(now=clock(), issue=issue)
            claimed = outbox.claim(now=clock(), by=by, issues=issues, most=batch) if issues else []
            if claimed:
                turn.send(claimed)
            elif not _waited(issues, clock, turn.ends):
                break
    finally:
        turn.close()
    reconcile(now=clock())
    return Outcome(turn.sent, turn.stopped)


def _waited(issues: list[int], clock: Callable[[], datetime], ends: datetime) -> bool:
    """Whether a domain's turn comes soon enough to wait for it; if so it has come."""
    now = clock()
    then = outbox.next_at(now=now, issues=issues)
    if then is None or then >= min(ends, now + PATIENCE):
        return False
    time.sleep(max(0.01, (then - now).total_seconds()))
    return True


def _report(one: Claimed, answer: Answer, *, now: datetime) -> None:
    """What the server said of the reader counts as if it had written a bounce, however often it says so."""
    bounces.record(
        Told(
            provider="smtp",
            event_id=f"{one.letter.message_id} {one.letter.attempts}",
            kind=bounces.weight("", answer.said),
            at=now,
            message_ids=(one.letter.message_id,),
            detail=answer.said,
            trusted=True,
        )
    )


class _Turn:
    """One worker's turn: its connection, the answer that is not written down yet, and what went wrong so far."""

    def __init__(self, *, by: str, clock: Callable[[], datetime], told: Callable[[], None], ends: datetime) -> None:
        self._by, self._clock, self._told, self.ends = by, clock, told, ends
        self._writers: dict[int, Writer] = {}
        self._carrier: Carrier | None = None
        self._open: tuple[Claimed, Answer] | None = None
        self._in_a_row = self._nobody = 0
        self._resting: set[str] = set()
        self.sent = 0
        self.stopped = ""

    def send(self, claimed: list[Claimed]) -> None:
        left = list(claimed)
        self._resting.clear()
        try:
            while left and not self.stopped and self._clock() < self.ends:
                if left[0].letter.domain in self._resting or self._one(left[0]):
                    left.pop(0)
        finally:
            # Also when the task's time is up in the middle of a letter: then its row stays `sending`, and an answer
            # that was heard is written down.
            self._surely_write_down()
            outbox.release(claimed, by=self._by, error=self.stopped)

    def _one(self, one: Claimed) -> bool:
        """False: the letter stays in hand, because the server is shut."""
        writer = self._writers.get(one.letter.issue_id)
        if writer is None:
            writer = self._writers[one.letter.issue_id] = Writer(Issue.objects.get(pk=one.letter.issue_id))
        try:
            written = writer.letter(one.letter)
        except ValueError as error:
            logger.warning("letter %s cannot be written: %s", one.letter.pk, error)
            outbox.drop(one, now=self._clock(), by=self._by, why=f"It cannot be written: {error}")
            return True
        if written is None:
            outbox.drop(one, now=self._clock(), by=self._by, why=outbox.NOTHING_ASKED_FOR)
            return True
        carrier = self._connected()
        if carrier is None:
            return False
        if self._handed_over(one):
            answer = carrier.carry(*written)
            self._open = (one, answer)
            self._judge(one, answer)
        return True

    def _handed_over(self, one: Claimed) -> bool:
        """One commit a letter: what became of the last one, and that this one is about to be handed over."""
        if self._open is None or self._open[1].fate is not Fate.ACCEPTED or self._open[0].slowed:
            self._write_down()
            return outbox.hand_over(one, now=self._clock(), by=self._by)
        last, answer = self._open
        ours = outbox.hand_over(one, now=self._clock(), by=self._by, after=last, receipt=answer.said)
        self._open = None
        return ours

    def _connected(self) -> Carrier | None:
        try:
            if self._carrier is None:
                self._carrier = transport.carrier()
            self._carrier.open()
        except ServerShutError as error:
            self._stop(f"The mail server does not let us in: {error}")
            return None
        return self._carrier

    def _surely_write_down(self) -> None:
        for wait in MINDED:
            try:
                self._write_down()
            except (OperationalError, InterfaceError) as error:
                logger.warning("an answer is not written down yet: %s", error)
                connection.close_if_unusable_or_obsolete()
                time.sleep(wait)
            else:
                return
        self._write_down()

    def _write_down(self) -> None:
        if self._open is None:
            return
        (one, answer), now, by = self._open, self._clock(), self._by
        with transaction.atomic():
            if answer.fate is Fate.ACCEPTED:
                outbox.accepted(one, now=now, by=by, receipt=answer.said)
            elif answer.fate is Fate.UNKNOWN:
                outbox.unknown(one, by=by, error=answer.said)
            elif answer.fate is Fate.NOBODY:
                outbox.give_up(one, now=now, by=by, error=answer.said)
                _report(one, answer, now=now)
            elif answer.fate in (Fate.LATER, Fate.REFUSED) and one.letter.attempts >= MOST_ATTEMPTS:
                outbox.give_up(one, now=now, by=by, error=f"After {MOST_ATTEMPTS} attempts: {answer.said}")
            else:
                wait = None if answer.fate is Fate.SHUT else outbox.backoff(one.letter.attempts, chance=random.random)
                outbox.put_back(one, by=by, error=answer.said, not_before=now + wait if wait else None)
            if answer.fate is Fate.LATER:
                outbox.slow_down(one.letter.domain, now=now)
        self._open = None

    def _judge(self, one: Claimed, answer: Answer) -> None:
        """Count, and stop where the trouble is the server's or ours and not the reader's."""
        self._told()
        fate = answer.fate
        self._in_a_row = 0 if fate is Fate.ACCEPTED else self._in_a_row + (fate is not Fate.NOBODY)
        self._nobody = self._nobody + 1 if fate is Fate.NOBODY else 0
        if fate is Fate.ACCEPTED:
            self.sent += 1
            return
        logger.info("letter %s: %s (%s)", one.letter.pk, fate.name.lower(), answer.said)
        if fate is Fate.LATER:
            self._resting.add(one.letter.domain)
        if fate is Fate.SHUT:
            self._stop(f"The mail server does not let us send: {answer.said}")
        elif self._in_a_row >= IN_A_ROW or self._nobody >= NOBODY_IN_A_ROW:
            self._stop(f"{max(self._in_a_row, self._nobody)} letters in a row were not taken, the last: {answer.said}")

    def _stop(self, why: str) -> None:
        logger.warning("no more letters for now: %s", why)
        self.stopped = why

    def close(self) -> None:
        if self._carrier is not None:
            self._carrier.close()
