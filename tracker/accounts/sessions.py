"""A session at the desk: begun by two proofs, over after twelve hours or after half an hour of silence."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import SESSION_KEY, get_user, login
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=30)
# Being there is written down once a minute, not with every request.
NOTED = timedelta(minutes=1)
FRESH = timedelta(minutes=15)  # for how long a proof allows changing the proofs
PENDING = timedelta(minutes=10)  # between the password and the second factor
BEGAN, SEEN, PROVED, WAITS = "account-began", "account-seen", "account-proved", "account-pending"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def begin(request: HttpRequest, user: User, *, now: datetime) -> None:
    """The only way in: whoever calls this has seen both proofs. The session gets another name."""
    request.session.pop(WAITS, None)
    login(request, user, backend=BACKEND)
    mark(request.session, now=now)
    request.session.clear_expired()


def mark(session: SessionBase, *, now: datetime) -> None:
    """Write into the session that it begins now, was seen now and proved now: without this it does not stand."""
    session[BEGAN] = session[SEEN] = session[PROVED] = now.timestamp()


def stands(session: SessionBase, *, now: datetime) -> bool:
    """Whether the session was begun here and is not over."""
    began, seen = session.get(BEGAN), session.get(SEEN)
    if began is None or seen is None:
        return False
    time = now.timestamp()
    if not (began <= time + 60 and time < began + LONGEST.total_seconds() and time < seen + IDLE.total_seconds()):
        return False
    if time >= seen + NOTED.total_seconds():
        session[SEEN] = time
    return True


def is_fresh(session: SessionBase, *, now: datetime) -> bool:
    """Whether a proof was shown in the last quarter of an hour: only then may the proofs themselves be changed."""
    return now.timestamp() < session.get(PROVED, 0) + FRESH.total_seconds()


def prove_again(session: SessionBase, *, now: datetime) -> None:
    """A second factor was shown within the session: that counts from now, and the session gets another name."""
    session.cycle_key()
    session[PROVED] = now.timestamp()


def end(user: User, *, but: str | None = None) -> int:
    """End every session in which the person is, or has shown the password; returns how many there were."""
    theirs = [one.pk for one in Session.objects.exclude(pk=but or "").iterator() if str(user.pk) in _users_of(one)]
    ended, _ = Session.objects.filter(pk__in=theirs).delete()
    return ended


def _users_of(session: Session) -> tuple[str, ...]:
    told = session.get_decoded()
    return str(told.get(SESSION_KEY, "")), str((told.get(WAITS) or {}).get("user", ""))


def wait_for_factor(request: HttpRequest, user: User, *, now: datetime) -> None:
    """The password was right; nothing opens yet. The session gets another name already here."""
    request.session.flush()
    request.session[WAITS] = {"user": user.pk, "at": now.timestamp(), "hash": user.get_session_auth_hash()}


def waiting(request: HttpRequest, *, now: datetime) -> User | None:
    """Who has shown the password in this session and nothing else yet."""
    told = request.session.get(WAITS)
    if not told or now.timestamp() >= told["at"] + PENDING.total_seconds():
        return None
    user = User.objects.filter(pk=told["user"], is_active=True, is_staff=True).first()
    return user if user and constant_time_compare(told["hash"], user.get_session_auth_hash()) else None


def person(request: HttpRequest) -> Any:
    """The user of a session that stands; anybody else is nobody."""
    user = get_user(request)
    if user.is_authenticated and not stands(request.session, now=timezone.now()):
        request.session.flush()
        return AnonymousUser()
    return user


class Authentication(AuthenticationMiddleware):
    """Django's own, which looks at the session only when somebody asks who is there: public pages never do."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(partial(person, request))  # type: ignore[assignment]
        request.auser = sync_to_async(partial(person, request))
