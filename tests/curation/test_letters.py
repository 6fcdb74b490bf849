"""What a person says of a letter in doubt, and taking that back."""

import pytest

from tests.digest import sending
from tracker import curation
from tracker.models import Decision, Letter

pytestmark = pytest.mark.django_db
NOW = sending.MONDAY + sending.MINUTE


@pytest.fixture
def letter():
    sending.addressed(1)
    Letter.objects.update(state="ambiguous", handed_at=sending.MONDAY)
    return Letter.objects.get()


def settle(letter, by, *, resend):
    return curation.settle_letters([letter], resend=resend, by=by, reason="The server's log", now=NOW)


@pytest.mark.parametrize(("resend", "state"), [(True, "waiting"), (False, "sent")])
def test_settling_is_taken_back_as_long_as_nothing_came_of_it(letter, ann, resend, state):
    settle(letter, ann, resend=resend)
    letter.refresh_from_db()
    assert (letter.state, letter.settled_at) == (state, None if resend else NOW)
    curation.undo(Decision.objects.get(), by=ann, reason="The wrong letter", now=NOW)
    letter.refresh_from_db()
    assert (letter.state, letter.settled_at) == ("ambiguous", None)


def test_sending_again_is_not_taken_back_once_it_was_sent(letter, ann):
    settle(letter, ann, resend=True)
    Letter.objects.update(state="sent", settled_at=NOW)
    with pytest.raises(curation.Refused):
        curation.undo(Decision.objects.get(), by=ann, reason="Too late", now=NOW)
    assert Letter.objects.get().state == "sent"


def test_what_is_not_in_doubt_is_not_settled(letter, ann):
    Letter.objects.update(state="sent", settled_at=NOW)
    with pytest.raises(curation.Refused, match="nothing to settle"):
        settle(letter, ann, resend=False)
    assert Decision.objects.count() == 0
