"""How often an account and an address may be tried, counted in the database for all web processes together."""

from datetime import datetime, timedelta

from django.conf import settings

from tracker.digest.addresses import keyed
from tracker.digest.limits import Limit, attempt
from tracker.models import Attempts

QUARTER = timedelta(minutes=15)
PASSWORD = Limit("password-of-account", 10, QUARTER)
FACTOR = Limit("factor-of-account", 6, QUARTER)


def by_client() -> Limit:
    """An office may stand behind one address."""
    return Limit("login-by-client", settings.LIMIT_LOGIN, QUARTER)


def wait(limit: Limit, who: str, *, now: datetime) -> int:
    """Count a try before it is judged, so that many at once are not judged together; returns the seconds to wait."""
    return attempt(limit, who, now=now)


def just_locked(limit: Limit, who: str, *, now: datetime) -> bool:
    """Whether the last try was the first one too many: the trail tells of a lock once."""
    key = f"{limit.name}:{keyed(limit.name, who)[0][:40]}"
    return Attempts.objects.filter(key=key, window=limit.began(now), count=limit.most + 1).exists()


def forgive(limit: Limit, who: str) -> None:
    """Who has got in, or whom an operator lets in again, starts from nothing."""
    Attempts.objects.filter(key=f"{limit.name}:{keyed(limit.name, who)[0][:40]}").delete()
