"""Readings of licence texts: each curator's own, two that disagree both kept, withdrawn instead of edited."""

import pytest

from tests.pipeline.steps import at, take_in
from tests.pipeline.vintages import records
from tracker import curation
from tracker.curation import Refused
from tracker.curation.licences import disputed, nearest, standing
from tracker.domain.records import LicenceRecord
from tracker.models import DataVersion, Decision, Licence, LicenceReading, LicenceText
from tracker.sources import record_file
from tracker.sources.licence_texts import SOURCE

pytestmark = pytest.mark.usefixtures("installed")

URL = SOURCE.urls[0]
KNOWN = """Example Community License

1. Grant. You may use, copy and change the Works for any purpose.
2. Attribution. You must keep this notice in every copy of the Works.
3. Users. If you have more than 700 million monthly users, you must ask us for a license.
4. Warranty. The Works come without any warranty at all.
"""
CHANGED = KNOWN.replace("700 million", "10 million").replace(
    "4. Warranty.", "4. Army. You must not arm yourself.\n5. Warranty."
)
OTHER = "The seas are wide.\n\nWhoever sails them pays a toll at every harbour.\n\nThe toll is a fish.\n"
TERMS = {"commercial": "threshold", "mau_threshold": 10_000_000, "threshold_effect": "need-licence"}
WHY = "Read clause by clause"


@pytest.fixture(autouse=True)
def texts(installed):
    said = [LicenceRecord("k", "example-community", text=KNOWN), LicenceRecord("n", "Example 2", text=CHANGED),
            LicenceRecord("again", "Example 2 again", text=f"# {CHANGED}"), LicenceRecord("o", "Sea", text=OTHER),
            LicenceRecord("f", "Flags", osi_approved=True)]  # fmt: skip
    take_in(URL, records(*said, url=URL), at(1), record_file.MEDIA_TYPE)


def text(key: str = "n") -> LicenceText:
    return LicenceText.objects.get(key=key)


def read(by, key: str = "n", *, day: int = 2, terms=TERMS, **about) -> Decision:
    done = curation.read_licence(text(key), terms=terms, by=by, reason=WHY, now=at(day), **about)
    return done.decisions[0]


def test_a_reading_says_who_when_why_and_what(ann):
    version = DataVersion.objects.get().value
    quote = {"fact": "commercial", "quote": "more than 10 million monthly users", "where": "3", "document": "licence"}
    decision = read(ann, clauses=[quote], licence=Licence.objects.get(slug="example-community"), note="A copy")
    reading = LicenceReading.objects.get()
    assert (reading.terms, reading.clauses, reading.note, reading.by, reading.at) == (
        TERMS,
        [quote],
        "A copy",
        ann,
        at(2),
    )
    assert (decision.kind, decision.by, decision.at, decision.reason) == ("read-licence", ann, at(2), WHY)
    assert decision.words == "3 terms of “Example 2”, read as Example Community License"
    assert f"licencetext:{text().pk}" in decision.concerns
    assert DataVersion.objects.get().value == version + 1


def test_two_curators_may_disagree_and_both_are_kept(ann, bob):
    read(ann)
    read(bob, terms={**TERMS, "mau_threshold": 700_000_000, "military": "banned"})
    both = standing(text())
    assert [reading.by for reading in both] == [ann, bob]
    assert disputed(both) == ["mau_threshold"]


def test_a_reading_is_of_the_words_wherever_they_stand(ann):
    read(ann)
    assert [reading.by for reading in standing(text("again"))] == [ann]
    assert standing(text("o")) == []


def test_a_second_reading_takes_the_place_of_the_first_which_is_kept_withdrawn(ann):
    read(ann)
    read(ann, day=3, terms={"commercial": "no"})
    assert [reading.terms for reading in standing(text())] == [{"commercial": "no"}]
    assert LicenceReading.objects.get(at=at(2)).withdrawn_at == at(3)


def test_undoing_a_reading_withdraws_it_and_the_one_before_stands_again(ann):
    read(ann)
    second = read(ann, day=3, terms={"commercial": "no"})
    curation.undo(second, by=ann, reason="Misread", now=at(4))
    assert [reading.terms for reading in standing(text())] == [TERMS]
    assert LicenceReading.objects.get(at=at(3)).withdrawn_at == at(4)


def test_undoing_the_only_reading_keeps_it_withdrawn(ann, bob):
    curation.undo(read(ann), by=bob, reason="Misread", now=at(4))
    assert standing(text()) == []
    assert LicenceReading.objects.get().withdrawn_at == at(4)


def test_a_reading_is_withdrawn_by_whoever_read_and_that_is_undone(ann, bob):
    read(ann)
    reading = LicenceReading.objects.get()
    with pytest.raises(Refused, match="ann's reading: record your own"):
        curation.withdraw_reading(reading, by=bob, reason="No", now=at(3))
    (decision,) = curation.withdraw_reading(reading, by=ann, reason="Misread", now=at(3)).decisions
    assert (decision.kind, decision.words) == ("read-licence", "The reading of “Example 2” is withdrawn")
    assert standing(text()) == []
    with pytest.raises(Refused, match="already"):
        curation.withdraw_reading(reading, by=ann, reason="Again", now=at(3))
    curation.undo(decision, by=ann, reason="It was right", now=at(4))
    assert standing(text()) == [reading]


@pytest.mark.parametrize(
    ("terms", "clauses", "complaint"),
    [
        ({}, [], "at least one term"),
        ({"commercial": "perhaps"}, [], "commercial is 'perhaps'"),
        ({"colour": "red"}, [], "unknown field colour"),
        ({"commercial": "yes", "mau_threshold": 5}, [], "threshold"),
        (
            {"commercial": "yes"},
            [{"fact": "commercial", "quote": "word" + " word" * 24, "where": "1"}],
            "not under 25 words",
        ),
        ({"commercial": "yes"}, [{"fact": "military", "quote": "arms", "where": "1"}], "which is unread"),
    ],
)
def test_what_a_licences_file_could_not_say_is_refused(ann, terms, clauses, complaint):
    with pytest.raises(Refused, match=complaint):
        read(ann, terms=terms, clauses=clauses)
    assert not LicenceReading.objects.exists()


def test_where_a_source_says_flags_only_there_is_nothing_to_read(ann):
    with pytest.raises(Refused, match="no text to read"):
        read(ann, "f")


def test_the_nearest_known_text_stands_beside_clause_by_clause():
    found = nearest(text())
    assert found.known.licence.slug == "example-community"
    states = [row.state for row in found.rows]
    assert states.count("changed") == 1
    assert states.count("missing") == 0
    assert states.count("added") >= 1
    (changed,) = (row for row in found.rows if row.state == "changed")
    assert [words for words, differs in changed.ours.pieces if differs] == ["10"]
    assert [words for words, differs in changed.known.pieces if differs] == ["700"]
    added = " ".join(row.ours.pieces[0][0] for row in found.rows if row.state == "added")
    assert "arm yourself" in added
    assert 0.5 < found.share < 1


def test_the_same_words_under_another_name_are_nearest_whole():
    LicenceText.objects.filter(key="o").update(text=KNOWN)
    found = nearest(text("o"))
    assert (found.share, found.differing) == (1.0, 0)


def test_to_a_text_of_its_own_nothing_is_near():
    assert nearest(text("o")) is None


def test_a_clause_that_was_left_out_is_told_missing():
    LicenceText.objects.filter(key="n").update(text=KNOWN.replace(
        "2. Attribution. You must keep this notice in every copy of the Works.\n", ""))  # fmt: skip
    missing = [row for row in nearest(text()).rows if row.state == "missing"]
    assert "keep this notice" in " ".join(row.known.pieces[0][0] for row in missing)
