"""Findings at the desk: what a curator wrote stands, is the history's, and can be taken back."""

import pytest

from tests.pipeline.steps import at
from tracker import curation
from tracker.curation import Refused
from tracker.models import Insight

pytestmark = pytest.mark.usefixtures("installed")

WORDS = {
    "title": "Weights come late", "summary": "Two labs waited.", "impact": "", "horizon": "months",
    "tags": ["openness"],
    "evidence": [{"text": "The timeline", "url": "/timeline/"}], "listed": True,
}  # fmt: skip


def test_a_finding_is_written_with_its_author_and_taken_back_by_undoing(ann):
    (decision,) = curation.write_insight(**WORDS, by=ann, reason="Seen by hand", now=at(2)).decisions
    row = Insight.objects.get()
    assert (row.author, row.slug, row.found_on) == (ann, "weights-come-late", at(2).date())
    assert (decision.kind, decision.by, decision.reason) == ("write-insight", ann, "Seen by hand")
    curation.undo(decision, by=ann, reason="It was wrong", now=at(3))
    assert not Insight.objects.exists()


def test_an_edit_is_taken_back_by_undoing(ann, bob):
    curation.write_insight(**WORDS, by=ann, reason="Seen by hand", now=at(2))
    (decision,) = curation.edit_insight(
        Insight.objects.get(), title="Better", by=bob, reason="Clearer", now=at(3)
    ).decisions
    assert (Insight.objects.get().title, Insight.objects.get().edited) == ("Better", ["title"])
    curation.undo(decision, by=ann, reason="It was clear", now=at(4))
    assert (Insight.objects.get().title, Insight.objects.get().edited) == ("Weights come late", [])


def test_an_edit_that_changes_nothing_is_refused(ann):
    curation.write_insight(**WORDS, by=ann, reason="Seen by hand", now=at(2))
    with pytest.raises(Refused, match="Nothing would change"):
        curation.edit_insight(Insight.objects.get(), title="Weights come late", by=ann, reason="Sure", now=at(3))
