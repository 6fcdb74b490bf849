"""Every kind of fault: how often it comes, what it does, and within which time all must be as if nothing had been."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from tests.faults.installation import Installation
from tests.faults.points import POINTS, Point, strike
from tests.faults.proxy import MODES
from tests.faults.world import URLS, World
from tests.pipeline.vintages import PANEL

Act = Point  # returns how many processes it has killed with -9
MAIL_LEASES = "SELECT lease_by FROM tracker_letter WHERE lease_until IS NOT NULL"
READ_LEASES = "SELECT lease_by FROM tracker_snapshot WHERE lease_until IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Kind:
    """`within` is the stated time: from the end of the fault until a page answers and every one of beat's questions
    has reached a worker again, and a publisher was asked; on an idle machine with two cores. What a dead worker held is
    free a lease later, and all of it is settled after two."""

    act: Act
    within: float
    weight: int = 4
    awaited: bool = False  # the next fault comes only after it
    needs: str = ""  # of the surroundings


def _struck(role: str, *, whole: bool) -> Act:
    def act(site: Installation, world: World, chance: random.Random) -> int:
        time.sleep(chance.uniform(0, 1.5))
        victim = site.one(chance, site.found(role) if whole else site.pool(role))
        return int(victim is not None and site.kill(victim))

    return act


def _holder(question: str) -> Act:
    """Whoever has work of that kind in its hands this very moment."""

    def act(site: Installation, world: World, chance: random.Random) -> int:
        if question is MAIL_LEASES:
            site.letters(20, unless=5)
        else:
            site.press.fresh(world, PANEL)
        end = time.monotonic() + 8
        while time.monotonic() < end:
            rows = site.ask(question)
            working = {*site.pool("collector"), *site.pool("computer")}
            for pid in working & {int(by.rpartition(":")[2] or 0) for (by,) in rows}:
                return int(site.kill(pid))
            time.sleep(0.03)
        return 0

    return act


def _all_of(role: str) -> Act:
    def act(site: Installation, world: World, chance: random.Random) -> int:
        return sum(site.kill(pid) for pid in site.found(role))

    return act


def _broker_killed(site: Installation, world: World, chance: random.Random) -> int:
    site.broker.kill()
    return 1


def _broker_paused(site: Installation, world: World, chance: random.Random) -> int:
    with site.broker.paused():
        time.sleep(chance.uniform(3, 8))
    return 0


def _broker_emptied(site: Installation, world: World, chance: random.Random) -> int:
    site.broker.empty()
    return 1


def _database(how: signal.Signals) -> Act:
    def act(site: Installation, world: World, chance: random.Random) -> int:
        for pid in site.found("postgres"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
        return int(how == signal.SIGKILL)

    return act


def _backend_killed(site: Installation, world: World, chance: random.Random) -> int:
    rows = site.ask(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    victim = site.one(chance, [pid for (pid,) in rows])
    return int(victim is not None and site.kill(victim))


def _connections_ended(site: Installation, world: World, chance: random.Random) -> int:
    site.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    return 0


def _statements_time_out(site: Installation, world: World, chance: random.Random) -> int:
    with contextlib.suppress(psycopg.OperationalError), site.database() as connection:
        connection.execute("ALTER DATABASE landscape SET statement_timeout = '5ms'")
    _connections_ended(site, world, chance)
    time.sleep(4)
    with site.database() as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("ALTER DATABASE landscape RESET statement_timeout")
    return _connections_ended(site, world, chance)


def _line(mode: str) -> Act:
    def act(site: Installation, world: World, chance: random.Random) -> int:
        site.proxy.mode = mode
        try:
            time.sleep(chance.uniform(2, 5))
        finally:
            site.proxy.mode = ""
        return 0

    return act


def _publisher(fault: str) -> Act:
    def act(site: Installation, world: World, chance: random.Random) -> int:
        for url in URLS:
            site.press.fresh(world, url)
            site.press.fail(url, fault)
        try:
            time.sleep(chance.uniform(2, 5))
        finally:
            site.press.faults.clear()
        return 0

    return act


def _mail_refused(site: Installation, world: World, chance: random.Random) -> int:
    site.postbox.refuse.set()
    try:
        time.sleep(chance.uniform(1, 4))
    finally:
        site.postbox.refuse.clear()
    return 0


def _clock(offset: int) -> Act:
    """Set wrong for a while, and then right: there and back it jumps both ways."""

    def act(site: Installation, world: World, chance: random.Random) -> int:
        site.clock.set(offset)
        try:
            time.sleep(chance.uniform(4, 8))
            return strike(site, chance.choice(("collector", "computer")), chance) if chance.random() < 0.5 else 0
        finally:
            site.clock.set(0)

    return act


def _disk_full(site: Installation, world: World, chance: random.Random) -> int:
    site.disk.fill()
    try:
        time.sleep(chance.uniform(3, 8))
    finally:
        site.disk.free()
    return 0


def _names(seconds: float) -> Act:
    def act(site: Installation, world: World, chance: random.Random) -> int:
        site.names.slow(seconds)
        try:
            time.sleep(chance.uniform(3, 6))
        finally:
            site.names.known()
        return 0

    return act


def _everything(site: Installation, world: World, chance: random.Random) -> int:
    """As if the power had gone, and come back."""
    return site.power_cut()


PUBLISHERS = "500 503 429 404html html200 empty badtype bomb redirect-private redirect-loop drop truncated slow".split()
KINDS: dict[str, Kind] = {
    "pool child of the collector": Kind(_struck("collector", whole=False), 20, weight=6),
    "pool child of the computer": Kind(_struck("computer", whole=False), 20, weight=6),
    "collector": Kind(_struck("collector", whole=True), 30, weight=6),
    "computer": Kind(_struck("computer", whole=True), 30, weight=6),
    "whoever reads a document": Kind(_holder(READ_LEASES), 20, weight=6),
    "whoever sends letters": Kind(_holder(MAIL_LEASES), 20, weight=6),
    "all collectors": Kind(_all_of("collector"), 30),
    "all computers": Kind(_all_of("computer"), 30),
    "beat": Kind(_struck("beat", whole=True), 20),
    "every beat": Kind(_all_of("beat"), 30, weight=2),
    "web server": Kind(_struck("web", whole=True), 20),
    "web worker": Kind(_struck("web", whole=False), 20),
    **{f"worker at: {name}": Kind(point, 30, weight=5) for name, point in POINTS.items()},
    "broker killed": Kind(_broker_killed, 30, weight=3, awaited=True),
    "broker stopped for a while": Kind(_broker_paused, 30, weight=2, awaited=True),
    "broker restarted empty": Kind(_broker_emptied, 30, weight=3, awaited=True),
    "PostgreSQL restarted at once": Kind(_database(signal.SIGQUIT), 40, weight=2, awaited=True),
    "PostgreSQL killed": Kind(_database(signal.SIGKILL), 40, weight=2, awaited=True),
    "PostgreSQL backend killed": Kind(_backend_killed, 40, weight=2, awaited=True),
    "connections ended": Kind(_connections_ended, 20, weight=2),
    "statements time out": Kind(_statements_time_out, 30, weight=1, awaited=True),
    **{f"line to the publisher: {mode}": Kind(_line(mode), 30, weight=1) for mode in MODES},
    **{
        f"publisher: {fault}": Kind(_publisher(fault), 30, weight=1)
        for fault in PUBLISHERS
    },
    "mail server says later": Kind(_mail_refused, 30, weight=2),
    "clock an hour ahead for a while": Kind(_clock(3600), 30, weight=2, awaited=True, needs="clock"),
    "clock an hour behind for a while": Kind(_clock(-3600), 30, weight=2, awaited=True, needs="clock"),
    "disk full": Kind(_disk_full, 60, weight=2, awaited=True, needs="disk"),
    "names are slow": Kind(_names(1.5), 30, weight=1, needs="names"),
    "names are not told": Kind(_names(float("inf")), 30, weight=1, needs="names"),
    "power cut": Kind(_everything, 90, weight=1, awaited=True),
}  # fmt: skip
Chooser = Callable[[random.Random], str]


def chooser(names: list[str]) -> Chooser:
    weights = [KINDS[name].weight for name in names]
    return lambda chance: chance.choices(names, weights)[0]
