"""How often anybody may do something, counted in the database for all processes: fixed windows, a keyed hash of who."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from tracker.digest.addresses import keyed
from tracker.models import Attempts

# One statement, so that two who come at once are counted twice; a count that nobody needs any more stops growing.
COUNT = """
INSERT INTO tracker_attempts AS known ("key", "window", "count") VALUES (%s, %s, 1)
ON CONFLICT ("key", "window") DO UPDATE SET "count" = least(known."count" + 1, 1000000)
RETURNING "count"
"""
SWEPT = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` times in a window of so long, which begins on the same clock for everybody."""

    name: str
    most: int
    window: timedelta

    def began(self, now: datetime) -> datetime:
        seconds = int(self.window.total_seconds())
        return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


# An office or a school may stand behind one address.
ASK_BY_CLIENT = Limit("ask-by-client", 20, timedelta(hours=1))
ASK_FOR_ADDRESS = Limit("ask-for-address", 5, timedelta(days=1))
CHANGE_BY_READER = Limit("change-by-reader", 60, timedelta(hours=1))


def network(client: str) -> str:
    """Whom an internet address stands for: a single one of IPv4, but whoever has one of IPv6 has its whole /64."""
    try:
        address = ipaddress.ip_address(client.strip().strip("[]"))
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), 64), strict=False).network_address)
    return str(address)


def attempt(limit: Limit, who: str, *, now: datetime) -> int:
    """Count one more; returns 0 while that is allowed, else the seconds until the next window begins."""
    began = limit.began(now)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [f"{limit.name}:{keyed(limit.name, who)[0][:40]}", began])
        (count,) = cursor.fetchone()
    if count <= limit.most:
        return 0
    return max(1, int((began + limit.window - now).total_seconds()) + 1)


def sweep(*, now: datetime) -> int:
    """Delete the counts of windows that have ended; the longest is a day."""
    old = Attempts.objects.filter(window__lt=now - timedelta(days=2)).values_list("pk", flat=True)[:SWEPT]
    gone, _ = Attempts.objects.filter(pk__in=list(old)).delete()
    return gone
