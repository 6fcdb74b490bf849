"""What an editor decides about an issue of the digest: its words and order, that it goes out, that it does not."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from tracker.curation.ledger import Done, Ledger, Refused
from tracker.models import Decision, Issue

EDITABLE = (Issue.State.DRAFT, Issue.State.BUILT)


@transaction.atomic
def edit_digest(
    issue: Issue,
    *,
    note: str,
    dropped: Iterable[str],
    order: Iterable[str],
    by: User,
    reason: str,
    now: datetime,
) -> Done:
    """The editor's note, the items left out and those that come first. What an item says is not edited: it is what the
    data say. Raises Refused once the issue is approved, or where nothing would change."""
    ledger, issue = Ledger(by=by, reason=reason, now=now), _locked(issue)
    if issue.state not in EDITABLE:
        raise Refused(f"The {issue} is not edited any more: {issue.get_state_display()}.")
    values: dict[str, Any] = {"note": note.strip(), "dropped": sorted(set(dropped)), "order": [*dict.fromkeys(order)]}
    changed = {name: value for name, value in values.items() if getattr(issue, name) != value}
    if not changed:
        raise Refused("Nothing would change.")
    # With its state, so that this cannot be undone once the issue has gone on.
    ledger.update(issue, **changed, state=issue.state)
    return Done((ledger.sign(Decision.Kind.EDIT_DIGEST, issue, f"The {issue} was edited"),))


@transaction.atomic
def approve_digest(issue: Issue, *, by: User, reason: str, now: datetime) -> Done:
    """It goes out as it stands. Raises Refused where it has not been built, or is not waiting for this."""
    ledger, issue = Ledger(by=by, reason=reason, now=now), _locked(issue)
    if issue.state == Issue.State.DRAFT:
        raise Refused(f"The {issue} has not been built yet: there is nothing to approve.")
    if issue.state != Issue.State.BUILT:
        raise Refused(f"The {issue} cannot be approved: {issue.get_state_display()}.")
    # `addressed_at` with it: from when readers have letters on, approving is not undone.
    ledger.update(
        issue, state=Issue.State.APPROVED, approved_at=now, approved_by_id=by.pk, addressed_at=issue.addressed_at
    )
    return Done((ledger.sign(Decision.Kind.APPROVE_DIGEST, issue, f"The {issue} goes out"),))


@transaction.atomic
def withhold_digest(issue: Issue, *, by: User, reason: str, now: datetime) -> Done:
    """It is not to be sent, unless this is undone. Raises Refused once readers have letters of it."""
    ledger, issue = Ledger(by=by, reason=reason, now=now), _locked(issue)
    addressed = issue.addressed_at is not None or issue.letters.exists()
    if issue.state == Issue.State.APPROVED and addressed:
        raise Refused(f"Letters of the {issue} are under way already.")
    if issue.state not in (*EDITABLE, Issue.State.APPROVED):
        raise Refused(f"The {issue} cannot be withheld: {issue.get_state_display()}.")
    ledger.update(issue, state=Issue.State.WITHHELD)
    return Done((ledger.sign(Decision.Kind.WITHHOLD_DIGEST, issue, f"The {issue} is withheld"),))


def _locked(issue: Issue) -> Issue:
    return Issue.objects.select_for_update(of=("self",)).get(pk=issue.pk)
