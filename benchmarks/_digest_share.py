"""One worker of `benchmark digest`, or the plain loop beside it: a line in is an issue, a line out what it took."""

import json
import os
import resource
import sys
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landscape.settings")
django.setup()

from django.conf import settings  # noqa: E402  the settings are read first
from django.core.mail import get_connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from tracker.digest import letter, outbox, render, send, tokens  # noqa: E402
from tracker.models import Issue, Letter  # noqa: E402


def ours(issue: Issue, name: str) -> int:
    return send.work(now=timezone.now(), by=name, seconds=3600, issue=issue.pk).sent


def plain(issue: Issue, name: str) -> int:
    """The same letters in a loop that writes nothing down: rendered once, one connection, one message a reader."""
    said, sent = outbox.said(issue), 0
    found = render.issue(said, note=issue.note, links=render.for_anybody(issue.week))
    rows = Letter.objects.filter(issue=issue).select_related("subscriber").order_by("pk")
    with get_connection() as connection:
        for row in rows.iterator(chunk_size=1000):
            reader: Any = row.subscriber
            leave = tokens.leave_url(reader)
            mine = found.addressed(leave=leave, preferences=tokens.preferences_url(reader))
            told = {"to": reader.email, "message_id": row.message_id, "leave_url": leave, "issue_week": issue.week}
            sent += connection.send_messages([letter.message(mine, **told)])
    return sent


if __name__ == "__main__":
    kind, port, by = sys.argv[1:]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(port)
    settings.DIGEST_PACE = 1_000_000
    print("ready", flush=True)
    for line in sys.stdin:
        began, worked = time.perf_counter(), time.process_time()
        count = {"ours": ours, "plain": plain}[kind](Issue.objects.get(week=line.strip()), by)
        took = {"sent": count, "seconds": time.perf_counter() - began, "worked": time.process_time() - worked}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({**took, "peak": peak}), flush=True)
