"""Reads every stored document again, oldest first, and compares: the facts must be those that are stored.

It happens in one transaction, which is never committed; the workers wait for the seconds that it takes.
"""

import os
import sys
from typing import Any

Content = dict[str, list[tuple[Any, ...]]]


def told(content: Content, unknown: str) -> Content:
    """Without the rows under names that a curator explained later: read again, they are known from the beginning."""
    return {kind: [row for row in rows if unknown not in row[2]] for kind, rows in content.items()}


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "landscape.settings"
    import django

    django.setup()
    from django.db import connection, transaction

    from tests.faults.world import UNKNOWN, URLS
    from tests.pipeline.steps import FACTS, content
    from tracker.models import Endpoint, Snapshot
    from tracker.pipeline import ingest

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE tracker_endpoint, tracker_snapshot IN EXCLUSIVE MODE")
        before = told(content(), UNKNOWN)
        with connection.cursor() as cursor:
            # Foreign keys are looked at when a transaction is committed, and this one is not.
            for kind in FACTS:
                cursor.execute(f"DELETE FROM {kind._meta.db_table}")  # noqa: S608  our tables' names
            cursor.execute("DELETE FROM tracker_documentshape")
        Endpoint.objects.filter(url__in=URLS).update(current=None)
        snapshots = Snapshot.objects.filter(endpoint__url__in=URLS)
        snapshots.update(state=Snapshot.State.STORED, ingested_at=None, message="", lease_until=None, attempts=0)
        rows = list(snapshots.order_by("fetched_at", "pk"))
        for row in rows:
            ingest.ingest(row.pk, now=row.fetched_at, by="replay")
        after = told(content(), UNKNOWN)
        transaction.set_rollback(True)
    wrong = 0
    for kind, facts in before.items():
        missing, more = set(map(repr, facts)) - set(map(repr, after[kind])), len(after[kind]) - len(facts)
        if missing or more:
            wrong += 1
            print(f"BROKEN  replay: {len(missing)} {kind} facts differ, {more:+} rows, such as {sorted(missing)[:1]}")
    print(f"replay: {len(rows)} documents gave {sum(map(len, after.values()))} facts again")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
