"""Letters of which nobody knows whether they arrived, or that were given up: a person says what became of them."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from tracker.curation.ledger import Done, Ledger, Refused
from tracker.models import Decision, Letter

State = Letter.State
SETTLED_BY_HAND = "settled by hand"


@transaction.atomic
def settle_letters(letters: Iterable[Letter], *, resend: bool, by: User, reason: str, now: datetime) -> Done:
    """They arrived; or they did not, and wait to be sent again, under the same Message-ID. What was given up can only
    be sent again: that it arrived nobody can know better than the server that refused it."""
    ledger, decisions = Ledger(by=by, reason=reason, now=now), []
    wanted = [letter.pk for letter in letters]
    rows = Letter.objects.select_for_update(of=("self",)).select_related("issue").filter(pk__in=wanted).order_by("pk")
    for letter in rows:
        if letter.state != State.AMBIGUOUS and not (resend and letter.state == State.DEAD):
            raise Refused(f"Letter {letter.pk} is “{letter.get_state_display()}”: there is nothing to settle.")
        if resend and letter.subscriber_id is None:
            raise Refused(f"The reader of letter {letter.pk} was erased: there is nobody to send it to.")
        # Columns that sending goes on to change stay out of the ledger: that they moved does not stand against undoing.
        Letter.objects.filter(pk=letter.pk).update(attempts=0, not_before=None, lease_until=None, lease_by="")
        if resend:
            ledger.update(letter, state=State.WAITING, settled_at=None)
        else:
            ledger.update(letter, state=State.SENT, settled_at=now, receipt=SETTLED_BY_HAND)
        words = f"Letter {letter.pk} of {letter.issue.week} {'is sent again' if resend else 'arrived'}"
        decisions.append(ledger.sign(Decision.Kind.SETTLE_LETTER, letter, words))
    if not decisions:
        raise Refused("There is no such letter.")
    return Done(tuple(decisions))
