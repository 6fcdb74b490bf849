"""Two workers freeze one issue. By itself: what it commits is emptied out, and a world in its file would be too."""

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections

from tracker.digest import build
from tracker.models import Issue

MONDAY = datetime(2026, 9, 7, 7, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_a_time_freeze_one_issue_once():
    row = build.draft("2026-W36", zone=ZoneInfo("UTC"), now=MONDAY)
    gate, built = threading.Barrier(2), []

    def work(hour):
        try:
            gate.wait(10)
            built.append(build.freeze(row, now=MONDAY + timedelta(hours=hour)).built_at)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(hour,)) for hour in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(built) == 2
    assert built[0] == built[1] == Issue.objects.get().built_at
