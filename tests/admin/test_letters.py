"""Letters at the desk: what waits for a person stands first, and settling it is a decision that can be undone."""

import pytest
from django.urls import reverse

from tests.admin.reading import listed, page
from tests.pipeline.steps import at
from tracker.models import Decision, Letter

LIST = reverse("admin:tracker_letter_changelist")
pytestmark = pytest.mark.usefixtures("world")


def another(state: str, **values) -> Letter:
    one = Letter.objects.get(message_id="<1@here>")
    number = Letter.objects.count() + 1
    settled = at(2) if state in ("sent", "dead", "dropped") else None
    return Letter.objects.create(
        issue=one.issue, message_id=f"<{number}@here>", domain="example.org", state=state, created_at=at(1),
        settled_at=settled, **values,
    )  # fmt: skip


def test_the_list_shows_what_waits_for_a_person_and_the_rest_for_the_asking(desk):
    doubtful = Letter.objects.get().pk
    dead, sent, waiting = (another(state).pk for state in ("dead", "sent", "waiting"))
    assert listed(desk, LIST) == {doubtful, dead}
    assert listed(desk, LIST, state="sent") == {sent}
    assert listed(desk, LIST, state="all") == {doubtful, dead, sent, waiting}
    assert listed(desk, LIST, state="all", issue__week="2026-W36") == {doubtful, dead, sent, waiting}


def test_no_page_about_letters_says_who_reads(desk):
    for address in (LIST, f"{LIST}?state=all", page(Letter.objects.get())):
        assert "ann@example.org" not in desk.get(address).content.decode()


@pytest.mark.parametrize(("verb", "state"), [("arrived", "sent"), ("again", "waiting")])
def test_a_letter_in_doubt_is_settled_on_its_page_and_the_ledger_knows_it(desk, curator, verb, state):
    letter = Letter.objects.get()
    desk.post(page(letter), {"verb": verb, f"{verb}-reason": "The log says so"})
    letter.refresh_from_db()
    decision = Decision.objects.get()
    assert letter.state == state
    assert (letter.settled_at is None) == (state == "waiting")
    assert (decision.kind, decision.by, decision.reason) == ("settle-letter", curator, "The log says so")
    assert "Send it again" not in desk.get(page(letter)).content.decode()
    desk.post(reverse("admin:tracker_decision_undo", args=[decision.pk]))
    letter.refresh_from_db()
    assert (letter.state, letter.settled_at) == ("ambiguous", None)


def test_a_settling_whose_letter_has_gone_out_since_is_not_undone(desk):
    letter = Letter.objects.get()
    desk.post(page(letter), {"verb": "again", "again-reason": "So"})
    Letter.objects.update(state="sent", settled_at=at(3))
    answer = desk.post(reverse("admin:tracker_decision_undo", args=[Decision.objects.get().pk]))
    assert answer.status_code == 409
    assert Letter.objects.get().state == "sent"


def test_many_are_settled_at_once_and_none_when_one_cannot_be(desk):
    first, second, sent = Letter.objects.get(), another("ambiguous"), another("sent")
    told = {"action": "arrived", "reason": "Seen", "_selected_action": [first.pk, second.pk]}
    desk.post(f"{LIST}?state=all", {**told, "_selected_action": [first.pk, sent.pk]})
    assert Letter.objects.get(pk=first.pk).state == "ambiguous"
    desk.post(f"{LIST}?state=all", told)
    assert set(Letter.objects.values_list("state", flat=True)) == {"sent"}
    assert Decision.objects.count() == 2


def test_what_was_given_up_can_be_sent_again_but_not_be_said_to_have_arrived(desk):
    Letter.objects.update(state="dead", settled_at=at(1))
    letter = Letter.objects.get()
    desk.post(page(letter), {"verb": "arrived", "arrived-reason": "So"})
    assert Letter.objects.get().state == "dead"
    desk.post(page(letter), {"verb": "again", "again-reason": "So"})
    assert Letter.objects.get().state == "waiting"


def test_a_reader_who_was_erased_is_sent_nothing(desk):
    Letter.objects.update(subscriber=None)
    desk.post(page(Letter.objects.get()), {"verb": "again", "again-reason": "So"})
    assert Letter.objects.get().state == "ambiguous"


def test_a_reason_is_asked_for(desk):
    desk.post(page(Letter.objects.get()), {"verb": "arrived", "arrived-reason": ""})
    assert not Decision.objects.exists()
