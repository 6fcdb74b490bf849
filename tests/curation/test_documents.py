"""Documents in quarantine: a curator accepts what really shrank, rejects what is wrong, and can take either back."""

from dataclasses import replace

import pytest

from tests.curation.steps import everything, worker
from tests.pipeline.steps import at, endpoint, take_in
from tests.pipeline.vintages import LINES, OFFERS, PANEL, PRICES, Line, panel, prices
from tracker import curation
from tracker.curation import Refused
from tracker.models import Comparison, Price, Score, Snapshot
from tracker.pipeline import collect, ingest

pytestmark = pytest.mark.usefixtures("installed")

MANY = (*LINES, *(Line("gpt-example", exam, 0.1) for exam in ("frontiermath", "chess_puzzles", "math_level_5")),
        *(Line("claude-example-3", exam, 0.2)
          for exam in ("frontiermath", "chess_puzzles", "gpqa_diamond")))  # fmt: skip
WHY = "Compared with the publisher's page"


@pytest.fixture(autouse=True)
def good(installed):
    return take_in(PANEL, panel(*MANY), at(1))


@pytest.fixture
def shrunk(good) -> Snapshot:
    found = take_in(PANEL, panel(*LINES), at(2))
    assert found.state == "quarantined"
    return found


@pytest.fixture
def broken(good) -> Snapshot:
    found = take_in(PANEL, b"<html>Moved</html>", at(2))
    assert found.state == "quarantined"
    return found


@pytest.fixture
def drifted(good) -> Snapshot:
    """Prices by the token where they were by the million."""
    take_in(PRICES, prices(*OFFERS), at(1))
    found = take_in(PRICES, prices(*(replace(offer, price=(offer.price or 0) / 1e6) for offer in OFFERS)), at(2))
    assert (found.state, found.counts["refused_by"]) == ("quarantined", "shrinkage")
    return found


def values(known_at=None) -> int:
    return Score.objects.known(known_at).count()


def read(snapshot: Snapshot, day: int, hour: int = 6) -> Snapshot:
    return ingest.ingest(snapshot.pk, now=at(day, hour), by="worker")


def test_what_differs_is_worked_out_when_the_document_is_refused(good, shrunk):
    compared = Comparison.objects.get(snapshot=shrunk)
    assert compared.before == good
    report = compared.report
    assert report["counts"]["score"] == [len(MANY), len(LINES)]
    assert report["gone"]["count"] == report["counts"]["score"][0] - len(LINES) + (
        report["counts"]["release"][0] - report["counts"]["release"][1]
    )
    assert any("claude-example-3" in line for line in report["gone"]["first"])
    assert report["new"] == {"count": 0, "first": []}
    assert report["size"][0] > report["size"][1]


def test_a_changed_row_is_told_with_both_values(good):
    lines = [Line("claude-example-4_high", "gpqa_diamond", 0.99), *LINES[1:]]
    shrunk = take_in(PANEL, panel(*lines), at(2))
    changed = Comparison.objects.get(snapshot=shrunk).report["changed"]["first"]
    assert [line for line in changed if "claude-example-4_high" in line and "value 0.75 → 0.99" in line]


def test_no_more_rows_are_listed_than_a_person_reads(good):
    lots = [Line("gpt-example", f"exam_{number}", 0.5) for number in range(120)]
    take_in(PANEL, panel(*MANY, *lots), at(2))
    shrunk = take_in(PANEL, panel(*LINES), at(3))
    gone = Comparison.objects.get(snapshot=shrunk).report["gone"]
    assert gone["count"] > 100
    assert len(gone["first"]) == 50


def test_a_document_that_cannot_be_read_is_shown_by_its_beginning(broken):
    report = Comparison.objects.get(snapshot=broken).report
    assert report["start"][1] == "<html>Moved</html>"
    assert report["start"][0].startswith("model_id,")
    assert "counts" not in report


def test_an_accepted_document_is_read_and_what_it_lost_ends_with_the_decision(shrunk, ann):
    before = values()
    done = curation.accept_quarantined(shrunk, by=ann, reason=WHY, now=at(4))
    assert done.snapshots == (shrunk.pk,)
    assert ingest.waiting(now=at(4)) == [shrunk.pk]
    assert read(shrunk, 4, 7).state == "ingested"
    assert values() < before
    assert endpoint(PANEL).current == shrunk
    # It came on the second day, but nobody knew then that it was true.
    assert values(at(3)) == values(at(1, 12)) == before
    assert values(at(4, 12)) == values()
    (decision,) = done.decisions
    assert (decision.kind, decision.by, decision.at, decision.reason) == ("accept-document", ann, at(4), WHY)


def test_a_drifted_document_is_told_with_every_value_that_moved(drifted):
    report = Comparison.objects.get(snapshot=drifted).report
    assert report["counts"]["price"] == [len(OFFERS), len(OFFERS)]
    assert (report["gone"]["count"], report["new"]["count"]) == (0, 0)
    assert report["changed"]["count"] == len(OFFERS)
    assert any("input 3.0 → 3e-06" in line for line in report["changed"]["first"])
    assert "times" in drifted.shape.findings[0]["message"]


def test_an_accepted_drifted_document_is_read_and_undoing_takes_its_values_back(drifted, ann):
    before = everything()
    (decision,) = curation.accept_quarantined(drifted, by=ann, reason=WHY, now=at(4)).decisions
    assert f"is right: {drifted.message[:60]}" in decision.words
    assert read(drifted, 4, 7).state == "ingested"
    assert Price.objects.known().filter(input__lt=0.001).count() == len(OFFERS)
    curation.undo(decision, by=ann, reason="Misjudged", now=at(5))
    worker(at(5, 1))
    assert not Price.objects.known().filter(input__lt=0.001).exists()
    assert everything() == before


def test_undoing_an_acceptance_reads_the_last_good_document_again(good, shrunk, ann, bob):
    before = everything()
    (decision,) = curation.accept_quarantined(shrunk, by=ann, reason=WHY, now=at(4)).decisions
    read(shrunk, 4, 7)
    fewer = values()
    done = curation.undo(decision, by=bob, reason="Misjudged", now=at(5))
    assert done.endpoints == (endpoint(PANEL).pk,)
    worker(at(5, 1))
    assert everything() == before
    assert endpoint(PANEL).current == good
    assert values(at(4, 12)) == fewer


def test_an_acceptance_that_nobody_read_yet_is_undone_without_a_trace_in_the_facts(shrunk, ann):
    before = everything()
    (decision,) = curation.accept_quarantined(shrunk, by=ann, reason=WHY, now=at(4)).decisions
    assert curation.undo(decision, by=ann, reason="Misjudged", now=at(4, 7)).endpoints == ()
    assert ingest.waiting(now=at(5)) == []
    assert everything() == before


def test_a_later_document_makes_an_acceptance_past(shrunk, ann):
    (decision,) = curation.accept_quarantined(shrunk, by=ann, reason=WHY, now=at(4)).decisions
    read(shrunk, 4, 7)
    take_in(PANEL, panel(*MANY), at(5))
    with pytest.raises(Refused, match="newer document"):
        curation.undo(decision, by=ann, reason="Misjudged", now=at(6))


def test_a_document_that_cannot_be_read_cannot_be_accepted(broken, ann):
    with pytest.raises(Refused, match="cannot be read"):
        curation.accept_quarantined(broken, by=ann, reason=WHY, now=at(3))


def test_a_document_older_than_what_was_read_cannot_be_accepted(shrunk, ann):
    take_in(PANEL, panel(*MANY, Line("gpt-example", "simpleqa_verified", 0.4)), at(3))
    with pytest.raises(Refused, match="newer document"):
        curation.accept_quarantined(shrunk, by=ann, reason=WHY, now=at(4))


def test_a_document_that_is_being_read_is_not_taken_from_the_worker(shrunk, ann):
    (decision,) = curation.accept_quarantined(shrunk, by=ann, reason=WHY, now=at(4)).decisions
    Snapshot.objects.filter(pk=shrunk.pk).update(lease_until=at(4, 8), lease_by="worker")
    with pytest.raises(Refused, match="being read"):
        curation.undo(decision, by=ann, reason="Misjudged", now=at(4, 7))


@pytest.mark.parametrize("which", ["shrunk", "drifted", "broken"])
def test_a_rejected_document_is_kept_marked_and_not_read_again(which, ann, request):
    snapshot = request.getfixturevalue(which)
    before, count = everything(), values()
    (decision,) = curation.reject_quarantined(snapshot, by=ann, reason=WHY, now=at(3)).decisions
    snapshot.refresh_from_db()
    assert (snapshot.state, bool(snapshot.message), snapshot.blob.size > 0) == ("rejected", True, True)
    assert ingest.waiting(now=at(4)) == []
    assert values() == count
    again, fresh = collect.keep(
        snapshot.endpoint, ingest.document_of(snapshot).body, fetched_at=at(4), media_type=snapshot.media_type
    )
    assert (again, fresh) == (snapshot, False)
    with pytest.raises(Refused, match="not in quarantine"):
        curation.accept_quarantined(snapshot, by=ann, reason=WHY, now=at(4))
    curation.undo(decision, by=ann, reason="Misjudged", now=at(5))
    assert everything() == before


def test_the_next_document_is_measured_by_the_accepted_one(shrunk, ann):
    curation.accept_quarantined(shrunk, by=ann, reason=WHY, now=at(4))
    read(shrunk, 4, 7)
    assert take_in(PANEL, panel(*LINES, Line("gpt-example", "frontiermath", 0.1)), at(5)).state == "ingested"
    assert take_in(PANEL, panel(*MANY), at(6)).state == "ingested"
    assert take_in(PANEL, panel(*LINES), at(7)).state == "quarantined"
