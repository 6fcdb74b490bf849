"""The outbox as pages and commands tell it."""

import pytest

from tests.digest.sending import MONDAY, WEEK, addressed, issue
from tracker.models import Letter
from tracker.queries import letters

pytestmark = pytest.mark.django_db


def test_every_state_is_counted_and_what_waits_for_a_person_is_told_apart(django_assert_num_queries):
    addressed(7)
    rows = list(Letter.objects.values_list("pk", flat=True))
    for pk, state in zip(rows, ("sent", "sent", "dead", "dropped", "ambiguous", "sending"), strict=False):
        settled = MONDAY if state in ("sent", "dead", "dropped") else None
        Letter.objects.filter(pk=pk).update(state=state, settled_at=settled, last_error="" if settled else "lost")
    issue(week="2026-W45")
    with django_assert_num_queries(1):
        first, second = letters.outbox()
    assert (first.week, second.week) == (WEEK, "2026-W45")
    assert first.counts == {"waiting": 1, "sending": 1, "sent": 2, "ambiguous": 1, "dead": 1, "dropped": 1}
    assert (first.total, first.to_settle, first.waiting_since, first.error) == (7, 2, MONDAY, "lost")
    assert (second.total, second.addressed_at, second.error) == (0, None, "")


def test_a_week_without_an_issue_has_no_letters():
    assert letters.letters_of("2026-W01") is None
