"""Limits that hold over processes: fixed windows, counted once each, told apart by a hash only."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from tracker.digest import limits
from tracker.digest.limits import Limit, attempt, network, sweep
from tracker.models import Attempts

NOW = datetime(2026, 11, 23, 7, 20, 30, tzinfo=UTC)
THREE = Limit("three", 3, timedelta(hours=1))


@pytest.mark.django_db
def test_so_many_are_allowed_and_the_next_is_told_when_to_come_back():
    assert [attempt(THREE, "ann", now=NOW) for _ in range(4)] == [0, 0, 0, 39 * 60 + 31]
    assert attempt(THREE, "bob", now=NOW) == 0
    assert attempt(Limit("other", 3, timedelta(hours=1)), "ann", now=NOW) == 0


@pytest.mark.django_db
def test_the_next_window_begins_afresh():
    for _ in range(9):
        attempt(THREE, "ann", now=NOW)
    wait = attempt(THREE, "ann", now=NOW)
    assert attempt(THREE, "ann", now=NOW + timedelta(seconds=wait)) == 0
    assert Attempts.objects.count() == 2


@pytest.mark.django_db
def test_what_is_stored_tells_nobody_who_it_was(settings):
    attempt(THREE, "Ann@example.org", now=NOW)
    (row,) = Attempts.objects.all()
    assert row.key.startswith("three:")
    assert "ann" not in row.key.casefold()
    settings.SECRET_KEY = "another key, which is long enough for anybody"
    attempt(THREE, "ann@example.org", now=NOW)
    assert Attempts.objects.count() == 2
    attempt(THREE, "ANN@example.org", now=NOW)
    assert Attempts.objects.count() == 2


@pytest.mark.django_db
def test_old_windows_are_swept_and_present_ones_are_not():
    attempt(THREE, "ann", now=NOW - timedelta(days=3))
    attempt(limits.ASK_FOR_ADDRESS, "ann", now=NOW)
    assert sweep(now=NOW) == 1
    assert Attempts.objects.get().window == NOW.replace(hour=0, minute=0, second=0)


@pytest.mark.parametrize(
    ("address", "stands_for"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("[2001:db8:1:3::9]", "2001:db8:1:3::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("unix:", "unknown"),
        ("192.0.2.7, 10.0.0.1", "unknown"),
    ],
)
def test_a_client_stands_for_its_network(address, stands_for):
    assert network(address) == stands_for


@pytest.mark.django_db(transaction=True)
def test_everybody_who_comes_at_once_is_counted():
    answers = []

    def come():
        try:
            answers.append(attempt(THREE, "ann", now=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=come) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Attempts.objects.get().count == 12
    assert sum(answer == 0 for answer in answers) == 3
