"""What an answer of a provider's interface means for a letter, where no step of SMTP tells."""

import pytest
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused, AnymailUnsupportedFeature
from django.core import mail

from tests.digest.sending import MINUTE, MONDAY, addressed, states
from tracker.digest import send, transport
from tracker.digest.transport import Fate
from tracker.models import Letter

pytestmark = pytest.mark.django_db


class Backend:
    """A provider that always fails the same way."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def open(self) -> None: ...

    def close(self) -> None: ...

    def send_messages(self, letters: list[mail.EmailMessage]) -> int:
        raise self._error


def wrapped(inner: Exception) -> AnymailAPIError:
    error = AnymailAPIError("could not send")
    error.__cause__ = OSError("of the library between")
    error.__cause__.__context__ = inner
    return error


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (AnymailAPIError(status_code=429), Fate.LATER),
        (AnymailAPIError(status_code=503), Fate.LATER),
        (AnymailAPIError(status_code=401), Fate.SHUT),
        (AnymailAPIError(status_code=400), Fate.REFUSED),
        (AnymailAPIError(status_code=422), Fate.REFUSED),
        (AnymailAPIError(status_code=500), Fate.UNKNOWN),
        (AnymailAPIError(status_code=504), Fate.UNKNOWN),
        (AnymailAPIError("the answer never came"), Fate.UNKNOWN),
        (wrapped(ConnectionRefusedError(111)), Fate.UNHEARD),
        (wrapped(TimeoutError()), Fate.UNKNOWN),
        (AnymailRecipientsRefused(), Fate.NOBODY),
        (AnymailUnsupportedFeature("reply_to"), Fate.REFUSED),
        (OSError(28, "No space left on device"), Fate.UNKNOWN),
    ],
)
def test_every_failure_of_a_provider_has_a_meaning(error, fate):
    if isinstance(error, AnymailAPIError) and error.status_code is not None:
        error.describe_response = lambda: ""  # there was no real response to describe
    letter = mail.EmailMultiAlternatives("Subject", "Body", "we@a.example", ["reader@a.example"])
    assert transport.BackendCarrier(Backend(error)).carry(letter).fate is fate


def test_a_provider_gives_the_receipt_that_its_reports_will_name(settings):
    settings.EMAIL_BACKEND, settings.DIGEST_PACE = "anymail.backends.test.EmailBackend", 0
    settings.MAIL_PROVIDER = "test"
    addressed(3)
    assert send.send_due(now=MONDAY, by="worker") == 3
    assert len({letter.receipt for letter in Letter.objects.exclude(receipt="")}) == 3
    assert {message.alternatives[0][0][:15].lower() for message in mail.outbox} == {"<!doctype html>"}
    assert send.send_due(now=MONDAY + MINUTE, by="worker") == 0
    assert states() == {"sent": 3}
