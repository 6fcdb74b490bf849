"""The readers of the digest in the made-up data of `benchmark scale`, and the letters that they had."""

from datetime import timedelta

import numpy as np
from django.db import connection
from psycopg.types.json import Jsonb

from benchmarks._scale_rows import NOW, Size, copy, zipf
from tracker.domain.notable import NOTHING, Content

ISSUES = 4  # of the digest, each with a letter for every reader


def readers(size: Size) -> None:
    """Readers on mail domains, some large and most small, and a letter to each of every past issue."""
    domains = zipf(500, shift=1, power=1.2)
    at = [f"d{int(np.searchsorted(domains, (n * 0.618034) % 1))}.example" for n in range(size.readers)]
    asked = (NOW - timedelta(days=200)).isoformat()
    copy(
        "tracker_subscriber",
        ("email", "nonce", "state", "pace", "topics", "labs", "text_only", "asked_at", "confirmed_at", "soft_bounces",
         "lease_by", "attempts", "last_error"),
        (
            (f"reader{n}@{at[n]}", f"{n:032x}", "active", "weekly", "{}", "{}", n % 10 == 0, asked, asked, 0, "", 0, "")
            for n in range(size.readers)
        ),
    )  # fmt: skip
    with connection.cursor() as cursor:
        for number in range(ISSUES):
            since = NOW - timedelta(weeks=ISSUES - number + 1)
            year, week, _ = since.isocalendar()
            name, until = f"{year}-W{week:02d}", since + timedelta(days=7)
            quiet = Content(name, until.date().isoformat(), NOTHING, NOTHING, (), (), quiet=True)
            cursor.execute(
                'INSERT INTO tracker_issue (week, state, since, until, content, note, dropped, "order", built_at, '
                "approved_at, addressed_at, sent_at) VALUES (%s, 'sent', %s, %s, %s, '', '{}', '{}', %s, %s, %s, %s)",
                [name, since, until, Jsonb(quiet.plain()), *[until] * 4],
            )
            cursor.execute(
                "INSERT INTO tracker_letter (issue_id, subscriber_id, message_id, domain, state, receipt, created_at, "
                "settled_at, lease_by, attempts, last_error) SELECT i.id, s.id, '<' || i.week || '.' || s.id || '@x>', "
                "split_part(s.email, '@', 2), 'sent', '250 taken', i.until, i.until, '', 1, '' "
                "FROM tracker_subscriber s, tracker_issue i WHERE i.week = %s",
                [name],
            )
