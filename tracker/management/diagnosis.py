"""What an operator can check on this machine, and what to do about each part that is not in order."""

import os
import socket
import ssl
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from tracker.evals import isolation
from tracker.evals.troubles import NoIsolation
from tracker.queries import health

PATIENCE = 5.0
# Signed links, leases and TLS stand a few seconds; an hour that is wrong is seen everywhere.
LARGEST_SKEW = 5.0
DO = {
    "database": "start it, or correct DATABASE_URL; `manage.py up` starts the embedded one, whose log is "
    "STATE_DIR/postgres/server.log",
    "migrations": "run `manage.py migrate`",
    "broker": "start it, or correct BROKER_URL; nothing is lost meanwhile, work waits in the database",
    "beat": "start `celery -A landscape beat` on one machine only; its log says why it ended",
    "disk": "free space in STATE_DIR, or move it to a larger disk; PostgreSQL stops where it cannot write",
    "data": "wait for the first index run, or run `manage.py recompute`",
}
WORKER = "start `celery -A landscape worker --queues {queue}`; its log says why it ended"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: `state` is ok, look (pages are right without it) or broken; `do` is what to do about it."""

    name: str
    state: str
    detail: str
    do: str = ""


def findings() -> list[Finding]:
    """Every part as it is now, asked while one waits. What only a database could tell is left out while that is
    away."""
    return [*_parts(), *_clock(), _mail(), _folder(), _pages(), _isolation()]


def _parts() -> Iterator[Finding]:
    for check in health.checks():
        what, _, queue = check.name.partition(" ")
        do = WORKER.format(queue=queue) if what == "worker" else DO.get(check.name, "")
        yield Finding(check.name, "ok" if check.ok else "broken" if check.needed else "look", check.detail, do)


def _clock() -> Iterator[Finding]:
    """Against the database's, by which other machines go too; nothing where that is away."""
    try:
        began = time.time()
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
            theirs = float(cursor.fetchone()[0])
    except DatabaseError:
        return
    skew = theirs - (began + time.time()) / 2
    state = "ok" if abs(skew) < LARGEST_SKEW else "broken"
    yield Finding("clock", state, f"{skew:+.1f} s beside the database's", "let NTP set the clocks of all machines")


def _mail() -> Finding:
    server = settings.MAIL_SERVER
    if settings.MAIL_PROVIDER:
        return Finding("mail", "ok", f"letters go through {settings.MAIL_PROVIDER}, which is not asked here")
    if server is None:
        do = "set EMAIL_URL and OPERATOR_EMAIL to have letters sent"
        return Finding("mail", "look", f"no server: letters are kept as files in {settings.MAIL_FOLDER}", do)
    do = "correct EMAIL_URL, or start the server; letters wait in the outbox meanwhile"
    try:
        with socket.create_connection((server.host, server.port), timeout=PATIENCE) as door:
            if server.tls:
                with ssl.create_default_context().wrap_socket(door, server_hostname=server.host) as inside:
                    greeting = inside.recv(200)
            else:
                greeting = door.recv(200)
    except OSError as error:  # a certificate that is not theirs is one too
        return Finding("mail", "broken", f"{server.host}:{server.port}: {error}", do)
    if not greeting.startswith(b"220"):
        told = greeting.decode(errors="replace").strip() or "it hung up"
        return Finding("mail", "broken", f"{server.host}:{server.port}: {told}", do)
    return Finding("mail", "ok", f"{server.host}:{server.port} takes letters")


def _folder() -> Finding:
    """The key that signs every link must be nobody else's to read, and every folder ours to write in."""
    folder = Path(settings.STATE_DIR)
    wrong, do = [], f"see to it that {folder} belongs to the user that runs the site, and `chmod 600` its secret-key"
    key = folder / "secret-key"
    if key.exists() and key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        wrong.append(f"others may read {key.name}")
    if folder.stat().st_mode & stat.S_IWOTH:
        wrong.append("others may write in it")
    for name in ("", "beat", "counts", "mail", "pages", "static"):
        place = folder / name
        if place.exists() and not os.access(place, os.W_OK | os.X_OK):
            wrong.append(f"{name or 'it'} cannot be written in")
    return Finding("state folder", "broken" if wrong else "ok", "; ".join([str(folder), *wrong]), do)


def _pages() -> Finding:
    do = "run `manage.py collectstatic --no-input`; `manage.py up` does it by itself"
    if settings.STATIC_HASHED and not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        # Which of the parts run on this machine nobody has said: only where pages are served it is a fault.
        where = f"not there in {settings.STATIC_ROOT}; a machine that serves no pages needs none"
        return Finding("static files", "look", where, do)
    return Finding("static files", "ok", "there")


def _isolation() -> Finding:
    if not settings.EVALUATIONS:
        return Finding("isolation", "ok", "no models are run on this machine")
    do = "install bubblewrap and allow user namespaces, or set EVALUATION_ISOLATION=warn and trust the models"
    wall = isolation.Wall(mode=settings.EVALUATION_ISOLATION)
    try:
        argv, words = isolation.command(
            [isolation.python(), "-c", ""],
            wall=wall,
            readable=(),
            memory=None,
            processes=16,
            seconds=10,
            environment={},
        )
    except NoIsolation as error:
        return Finding("isolation", "broken", str(error), do)
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode:
        return Finding(
            "isolation", "broken", f"a sandbox ended with {done.returncode}: {done.stderr.strip()[:300]}", do
        )
    return Finding("isolation", "ok" if wall.mode == "require" else "look", words, do)
