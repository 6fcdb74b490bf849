"""Named moments of the work at which a worker can be caught from outside, without a line of the product knowing of it.

A lock in PostgreSQL holds whoever comes to a table, a publisher keeps its answer back, a mail server its 250, a broker
is stopped: then the worker is killed, and only then the lock is taken away.
"""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg

from tests.faults.installation import Installation
from tests.faults.world import World
from tests.pipeline.vintages import PANEL

PATIENCE = 9.0  # seconds for somebody to come by; nobody does where nothing is to do
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE %s
"""
UNREAD = "SELECT id FROM tracker_snapshot WHERE state = 'stored'"
Point = Callable[[Installation, World, random.Random], int]


@contextlib.contextmanager
def locked(site: Installation, table: str, mode: str) -> Iterator[psycopg.Connection]:
    """The table, in that mode, until the block ends. The modes used here let everybody read."""
    with site.database() as connection:
        connection.execute("SET lock_timeout = '5s'")
        with connection.transaction(force_rollback=True):
            connection.execute(f"LOCK TABLE {table} IN {mode} MODE")
            yield connection


def waits(site: Installation, words: str, *, seconds: float = PATIENCE) -> bool:
    """Whether somebody stands before the lock with such a statement."""
    with site.database() as connection:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if connection.execute(WAITING, [words]).fetchone() != (0,):
                return True
            time.sleep(0.02)
    return False


def strike(site: Installation, role: str, chance: random.Random) -> int:
    """Everybody who does tasks in that role is killed, by chance with the worker that started them."""
    pids = site.found(role) if chance.random() < 0.4 else []
    return sum(site.kill(pid) for pid in (*site.pool(role), *pids))


@dataclass(frozen=True, slots=True)
class AtTable:
    """Whoever stands before `table` with a statement like `words` dies there, its transaction open."""

    role: str
    table: str
    words: str
    mode: str = "SHARE ROW EXCLUSIVE"

    def __call__(self, site: Installation, world: World, chance: random.Random) -> int:
        with locked(site, self.table, self.mode):
            site.press.fresh(world, PANEL)
            return strike(site, self.role, chance) if waits(site, self.words) else 0


# The first row that is copied waits for a lock that we hold.
TRAP = """
CREATE OR REPLACE FUNCTION faults_trap() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_advisory_xact_lock_shared(471147); RETURN NEW; END $$;
CREATE OR REPLACE TRIGGER faults_trap BEFORE INSERT ON tracker_score FOR EACH ROW EXECUTE FUNCTION faults_trap()
"""


def in_the_middle_of_a_copy(site: Installation, world: World, chance: random.Random) -> int:
    """Some rows have been sent, and neither the rest nor the end of it."""
    with site.database() as connection:
        connection.execute("SET lock_timeout = '5s'")
        connection.execute("SELECT pg_advisory_lock(471147)")
        try:
            connection.execute(TRAP)
            site.press.fresh(world, PANEL)
            return strike(site, "computer", chance) if waits(site, "COPY tracker_score%") else 0
        finally:
            connection.execute("SELECT pg_advisory_unlock_all()")
            connection.execute("SET lock_timeout = '20s'")
            connection.execute("DROP TRIGGER IF EXISTS faults_trap ON tracker_score")


def while_asking(site: Installation, world: World, chance: random.Random) -> int:
    """The publisher has been asked and has not answered."""
    site.press.hold.set()
    try:
        return strike(site, "collector", chance) if site.press.asked(seconds=PATIENCE) else 0
    finally:
        site.press.hold.clear()


def before_the_message_is_acknowledged(site: Installation, world: World, chance: random.Random) -> int:
    """The snapshot is committed, and the broker does not take what follows from it."""
    last = "SELECT coalesce(max(id), 0) FROM tracker_snapshot"
    site.press.hold.set()
    try:
        site.press.fresh(world, PANEL)
        if not site.press.asked(seconds=PATIENCE):
            return 0
        before = site.ask(last)
        with site.broker.paused():
            site.press.hold.clear()
            end = time.monotonic() + 6
            while site.ask(last) == before and time.monotonic() < end:
                time.sleep(0.05)
            return strike(site, "collector", chance)
    finally:
        site.press.hold.clear()


def at_the_claim_of_a_snapshot(site: Installation, world: World, chance: random.Random) -> int:
    """Two want the row, and neither has it yet."""
    pids = site.pool("computer")
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        site.press.fresh(world, PANEL)
        with site.database() as connection, connection.transaction(force_rollback=True):
            mine, end = None, time.monotonic() + PATIENCE
            while not mine and time.monotonic() < end:
                mine = connection.execute(f"{UNREAD} FOR UPDATE SKIP LOCKED").fetchall()
                time.sleep(0.05)
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            comes = bool(mine) and waits(site, 'SELECT%"tracker_snapshot"%')
            return strike(site, "computer", chance) if comes else 0
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def before_250_is_said(site: Installation, world: World, chance: random.Random) -> int:
    """The mail server has the letter and keeps its answer to itself."""
    site.letters(20, unless=5)
    site.postbox.hold.set()
    try:
        return strike(site, "collector", chance) if site.postbox.took(seconds=PATIENCE) else 0
    finally:
        site.postbox.hold.clear()


def after_250_was_heard(site: Installation, world: World, chance: random.Random) -> int:
    """The server said yes, and the row does not say so yet."""
    site.letters(20, unless=5)
    site.postbox.hold.set()
    try:
        if not site.postbox.took(seconds=PATIENCE):
            return 0
        with locked(site, "tracker_letter", "SHARE ROW EXCLUSIVE"):
            site.postbox.hold.clear()
            return strike(site, "collector", chance) if waits(site, "%tracker_letter%", seconds=5) else 0
    finally:
        site.postbox.hold.clear()


POINTS: dict[str, Point] = {
    "claim of a document": AtTable(
        "collector", "tracker_endpoint", 'SELECT%"tracker_endpoint"%"tracker_source"%', "EXCLUSIVE"
    ),
    "fetch": while_asking,
    "after the raw write": AtTable("collector", "tracker_snapshot", 'INSERT INTO "tracker_snapshot"%'),
    "before the commit of a fetch": AtTable("collector", "tracker_fetch", 'INSERT INTO "tracker_fetch"%'),
    "after the commit, before the ack": before_the_message_is_acknowledged,
    "claim of a snapshot": at_the_claim_of_a_snapshot,
    "mid-COPY": in_the_middle_of_a_copy,
    "at the commit of facts": AtTable("computer", "tracker_aimodel", "COMMIT%", "EXCLUSIVE"),
    "before the commit of facts": AtTable(
        "computer", "tracker_documentshape", 'INSERT INTO "tracker_documentshape"%'
    ),
    "mid-run": AtTable("computer", "tracker_gapresult", 'INSERT INTO "tracker_gapresult"%'),
    "before SMTP 250": before_250_is_said,
    "after SMTP 250": after_250_was_heard,
}  # fmt: skip
