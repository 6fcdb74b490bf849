"""What editors decide about an issue: edited until it is approved, withheld until readers have letters."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from tracker import curation
from tracker.digest import build
from tracker.models import Decision, Issue, Letter, Subscriber

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def issue():
    return build.draft("2026-W47", zone=ZoneInfo("UTC"), now=NOW)


@pytest.fixture
def built(issue):
    return build.freeze(issue, now=NOW)


def edit(issue, by, **told):
    values = {"note": "", "dropped": [], "order": [], "reason": "Why", **told}
    return curation.edit_digest(issue, by=by, now=NOW, **values)


def test_an_edit_keeps_the_note_what_is_left_out_and_the_order(issue, ann):
    edit(issue, ann, note=" Hello \n", dropped=["b", "a", "a"], order=["z", "y", "z"])
    issue.refresh_from_db()
    assert (issue.note, issue.dropped, issue.order) == ("Hello", ["a", "b"], ["z", "y"])
    decision = Decision.objects.get()
    assert (decision.kind, decision.by, decision.reason) == ("edit-digest", ann, "Why")
    assert decision.before[f"issue:{issue.pk}"]["note"] == ""


def test_an_edit_that_changes_nothing_is_refused(issue, ann):
    with pytest.raises(curation.Refused, match="Nothing would change"):
        edit(issue, ann)


def test_an_edit_is_undone_as_long_as_the_issue_has_not_gone_on(issue, ann, bob):
    decision = edit(issue, ann, note="Hello").decisions[0]
    curation.undo(decision, by=bob, reason="No", now=NOW)
    issue.refresh_from_db()
    assert issue.note == ""
    decision = edit(issue, ann, note="Hello again").decisions[0]
    build.freeze(issue, now=NOW)
    with pytest.raises(curation.Refused, match="was decided since"):
        curation.undo(decision, by=bob, reason="No", now=NOW)


def test_a_built_issue_is_still_edited_and_an_approved_one_never(built, ann):
    edit(built, ann, note="Hello")
    curation.approve_digest(built, by=ann, reason="Read", now=NOW)
    with pytest.raises(curation.Refused, match="not edited any more"):
        edit(built, ann, note="Other")
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Issue.objects.filter(pk=built.pk).update(note="Other")


def test_approving_says_who_and_when(built, ann):
    curation.approve_digest(built, by=ann, reason="Read", now=NOW)
    built.refresh_from_db()
    assert (built.state, built.approved_at, built.approved_by) == ("approved", NOW, ann)


def test_what_was_not_built_or_was_approved_already_is_not_approved(issue, ann):
    with pytest.raises(curation.Refused, match="has not been built"):
        curation.approve_digest(issue, by=ann, reason="Read", now=NOW)
    build.freeze(issue, now=NOW)
    curation.approve_digest(issue, by=ann, reason="Read", now=NOW)
    with pytest.raises(curation.Refused, match="cannot be approved"):
        curation.approve_digest(issue, by=ann, reason="Read", now=NOW)


def test_an_approval_is_undone_only_before_readers_have_letters(built, ann):
    decision = curation.approve_digest(built, by=ann, reason="Read", now=NOW).decisions[0]
    Issue.objects.filter(pk=built.pk).update(addressed_at=NOW)
    with pytest.raises(curation.Refused, match="was decided since"):
        curation.undo(decision, by=ann, reason="Wait", now=NOW)
    Issue.objects.filter(pk=built.pk).update(addressed_at=None)
    curation.undo(decision, by=ann, reason="Wait", now=NOW)
    built.refresh_from_db()
    assert (built.state, built.approved_at, built.approved_by) == ("built", None, None)


@pytest.mark.parametrize("state", ["draft", "built", "approved"])
def test_an_issue_is_withheld_and_taken_up_again(issue, ann, state):
    if state != "draft":
        build.freeze(issue, now=NOW)
    if state == "approved":
        curation.approve_digest(issue, by=ann, reason="Read", now=NOW)
    decision = curation.withhold_digest(issue, by=ann, reason="A mistake", now=NOW).decisions[0]
    issue.refresh_from_db()
    assert issue.state == "withheld"
    assert build.freeze(issue, now=NOW).state == "withheld"
    curation.undo(decision, by=ann, reason="It was none", now=NOW)
    issue.refresh_from_db()
    assert issue.state == state


def test_letters_under_way_are_not_called_back(built, ann):
    curation.approve_digest(built, by=ann, reason="Read", now=NOW)
    reader = Subscriber.objects.create(email="r@example.org", asked_at=NOW)
    Letter.objects.create(issue=built, subscriber=reader, message_id="<a@b>", domain="example.org", created_at=NOW)
    with pytest.raises(curation.Refused, match="under way"):
        curation.withhold_digest(built, by=ann, reason="A mistake", now=NOW)


def test_every_decision_needs_a_reason(built, ann):
    for verb in (curation.approve_digest, curation.withhold_digest):
        with pytest.raises(curation.Refused, match="needs a reason"):
            verb(built, by=ann, reason=" ", now=NOW)
