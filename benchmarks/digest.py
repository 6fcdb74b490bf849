"""Letters of the digest a second from the outbox into a local mail server, beside a plain loop of the same letters."""

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.test import override_settings
from django.utils import timezone

from benchmarks._scratch import scratch_database
from benchmarks.collect import _lines, _Worker
from tracker.digest import outbox, render
from tracker.domain.notable import Content, Item, Picture, Topic
from tracker.models import Issue, Letter

READERS: Final = 100_000
ALONE: Final = 10_000  # readers whose letters one worker sends alone
DOMAINS: Final = 500
COMPARED: Final = 1_000  # letters of one round of each arm
ROUNDS: Final = 5
WORKERS: Final = min(4, os.cpu_count() or 1)
PROMISED_RATE, PROMISED_SECONDS = 200, 120
FIRST: Final = datetime(2024, 1, 1, tzinfo=UTC)
SUBSCRIBERS: Final = """
INSERT INTO tracker_subscriber (email, nonce, state, pace, topics, labs, text_only, asked_at, confirmed_at,
    soft_bounces, lease_by, attempts, last_error)
SELECT 'reader' || n || '@d' || n %% %(domains)s || '.example', gen_random_uuid(), 'active', 'weekly', '{}', '{}',
    false, now(), now(), 0, '', 0, ''
FROM generate_series(%(first)s, %(last)s) n
"""

Write = Callable[[str], None]


def run(write: Write, readers: int = READERS) -> None:
    """In a database of its own, dropped at the end; the mail server, our workers and the plain loop are processes
    apart. Nothing is signed: that is the relay's work. About ten minutes on two quiet cores."""
    readers = max(readers, ALONE)
    with override_settings(DEBUG=False), scratch_database() as url, ExitStack() as open_:
        sink = open_.enter_context(_lines(["-m", "benchmarks._sink"], {}))
        port = sink.read().strip()

        def process(kind: str, name: str) -> _Worker:
            environment = {"DATABASE_URL": url, "DATABASE_POOL": "0", "LOG_LEVEL": "WARNING"}
            worker = open_.enter_context(_lines(["-m", "benchmarks._digest_share", kind, port, name], environment))
            worker.read()
            return worker

        workers = [process("ours", f"worker {number}") for number in range(WORKERS)]
        _size(write)
        _subscribe(1, COMPARED)
        _beside_plain(workers[0], process("plain", "plain"), sink, write)
        _subscribe(COMPARED + 1, ALONE)
        _whole(workers[:1], sink, ALONE, write)
        _subscribe(ALONE + 1, readers)
        _addressing(readers, write)
        _whole(workers, sink, readers, write)


def _size(write: Write) -> None:
    said = outbox.said(_issue(0))
    began = time.process_time()
    found = render.issue(said, note="", links=render.for_anybody(said.week))
    write(
        f"the letter: {len(said.items)} items, {len(found.html.encode()):,} bytes of HTML and "
        f"{len(found.text.encode()):,} of text, rendered once for all who asked for the same in "
        f"{1000 * (time.process_time() - began):.0f} ms; domains are paced, at 1,000,000 letters a minute"
    )


_weeks: Iterator[int] = iter(range(1, 500))


def _issue(number: int) -> Issue:
    since = FIRST + timedelta(weeks=number)
    year, week, _ = since.isocalendar()
    name = f"{year}-W{week:02d}"
    items = tuple(
        Item(
            f"item:{at}", topic, f"A sentence that says what changed in the week {name}, number {at}",
            "Two sentences say more of it, with figures. They are as long as those of a real issue, 123.4 and 5.6 USD.",
            f"/models/model-{at}/?as_of={since.date()}", 10.0 - at / 2,
        )
        for at, topic in enumerate((*Topic, Topic.MODELS, Topic.PRICES))
    )  # fmt: skip
    pictures = (Picture("gap", "The gap", "Open models trail by 5.1 months (4.0 to 6.3).", "/gap/"),)
    content = Content(name, str(since.date()), "Open models are 5.1 months behind", "And more.", items, pictures, False)
    values = {"since": since, "until": since + timedelta(days=7), "built_at": since, "approved_at": since}
    told = {"content": content.plain(), "state": Issue.State.APPROVED, **values}
    return Issue.objects.get_or_create(week=name, defaults=told)[0]


def _addressed() -> str:
    made = _issue(next(_weeks))
    outbox.address(made, now=made.until)
    return made.week


def _subscribe(first: int, last: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SUBSCRIBERS, {"first": first, "last": last, "domains": DOMAINS})
        cursor.execute("ANALYZE tracker_subscriber")


def _counted(sink: _Worker) -> dict[str, int]:
    sink.tell("count")
    told: dict[str, int] = json.loads(sink.read())
    return told


def _sent(workers: list[_Worker], week: str) -> list[dict[str, Any]]:
    for worker in workers:
        worker.tell(week)
    return [json.loads(worker.read()) for worker in workers]


def _beside_plain(ours: _Worker, plain: _Worker, sink: _Worker, write: Write) -> None:
    rates: dict[str, list[float]] = {"ours": [], "plain": []}
    for turn in range(ROUNDS + 1):
        arms = {"ours": ours, "plain": plain}
        for name in list(arms) if turn % 2 == 0 else reversed(list(arms)):
            (took,) = _sent([arms[name]], _addressed())
            if _counted(sink)["different"] != COMPARED:
                raise RuntimeError(f"{name} did not send every letter")
            if turn:  # the first is for warming up
                rates[name].append(COMPARED / took["seconds"])
    for name, title in (("ours", "this outbox, one worker"), ("plain", "a plain loop of EmailMultiAlternatives")):
        write(f"  {title}: {statistics.median(rates[name]):,.0f} letters/s ({min(rates[name]):,.0f} to "
              f"{max(rates[name]):,.0f})")  # fmt: skip
    ratios = sorted(a / b for a, b in zip(rates["ours"], rates["plain"], strict=True))
    write(
        f"  {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) of the plain loop in {ROUNDS} rounds "
        f"of {COMPARED:,} letters, in turns; it keeps no record: a kill loses or doubles what it was at"
    )


def _whole(workers: list[_Worker], sink: _Worker, readers: int, write: Write) -> None:
    week = _addressed()
    began = time.perf_counter()
    took = _sent(workers, week)
    seconds = time.perf_counter() - began
    came = _counted(sink)
    rows = Letter.objects.filter(issue__week=week)
    sent = rows.filter(state=Letter.State.SENT).count()
    worked = sum(one["worked"] for one in took)
    write(
        f"{readers:,} readers, {len(workers)} worker{'s' * (len(workers) > 1)}: {seconds:.1f} s, "
        f"{readers / seconds:,.0f} letters/s (promised for one: at least {PROMISED_RATE}; 10,000 in at most "
        f"{PROMISED_SECONDS} s); {1000 * worked / readers:.2f} ms of a worker's processor a letter; peak memory "
        f"{max(one['peak'] for one in took) / 1024:.0f} MB a worker; {sent:,} rows are sent, lost "
        f"{readers - came['different']}, doubled {came['letters'] - came['different']}"
    )


def _addressing(readers: int, write: Write) -> None:
    made = _issue(next(_weeks))
    began = time.perf_counter()
    count = outbox.address(made, now=made.until)
    write(f"addressing {count:,} letters of {readers:,} readers: {time.perf_counter() - began:.1f} s, one statement")
    taken = []
    for _ in range(50):
        began = time.perf_counter()
        found = outbox.claim(now=timezone.now(), by="benchmark", issues=[made.pk])
        taken.append((time.perf_counter() - began) / len(found))
    write(
        f"  claiming one of them out of {readers:,}, {outbox.BATCH} at a time: {1000 * statistics.median(taken):.3f} ms"
    )
