"""Which licence a text is: the same in any dress, and never one whose words were changed."""

import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.licences_of_ours import COMMUNITY, PLAIN, POLICY
from tracker.domain.licence_fingerprint import fingerprint, merged, read, written
from tracker.domain.licence_markup import _RULES
from tracker.domain.licence_recognition import Difference, State, recognise
from tracker.domain.licence_text import clauses, normalise

KNOWN = tuple(
    fingerprint(slug, "of ours", text)
    for slug, text in {"harbour": PLAIN, "lantern-2": COMMUNITY, "lantern-2-use-policy": POLICY}.items()
)
NAMES = {"harbour license": "harbour", "lantern 2": "lantern-2", "harbour": "harbour", "example org harbour": "harbour"}
FOLDER = Path(__file__).parents[2] / "tracker" / "catalog" / "fingerprints"
SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples" / "licence-texts"


def rewrapped(text: str, width: int) -> str:
    return "\n\n".join(
        textwrap.fill(" ".join(part.split()), width, break_long_words=False, break_on_hyphens=False)
        for part in re.split(r"\n\s*\n", text)
    )


DRESS: dict[str, Callable[[str], str]] = {
    "rewrapped": lambda text: rewrapped(text, 50),
    "in one line a paragraph": lambda text: rewrapped(text, 100_000),
    "under a heading of Markdown": lambda text: f"# License\n\n{text}",
    "with a notice": lambda text: f"Copyright (c) 2026 Somebody Else, Inc. and contributors\n\n{text}",
    "quoted": lambda text: "".join(f"> {line}\n" for line in text.splitlines()),
    "with other quotes": lambda text: text.replace('"', "“").replace("'", "’"),
    "with escapes": lambda text: re.sub(r"^(\s*\d+)\.", r"\1\\.", text, flags=re.M),
    "as a page": lambda text: f"<html><body>{''.join(f'<p>{p}</p>' for p in text.split(chr(10) * 2))}</body></html>",
}


@pytest.mark.parametrize("dress", DRESS)
@pytest.mark.parametrize(("slug", "text"), [("harbour", PLAIN), ("lantern-2", COMMUNITY)])
def test_a_licence_in_another_dress_is_the_same(slug: str, text: str, dress: str) -> None:
    found = recognise(DRESS[dress](text), KNOWN)
    assert (found.state, found.licence, found.differing) == (State.EXACT, slug, ())


# A holder called by a word of a rule is left out: such a notice is kept, as the clause that it may be.
HOLDER = st.text(st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0x24F), min_size=1, max_size=12).filter(
    lambda name: not _RULES.search(name)
)


@given(HOLDER, st.integers(1990, 2030), st.integers(40, 200))
@settings(max_examples=60, deadline=None)
def test_whoever_holds_it_since_whenever_it_is_the_same(holder: str, year: int, width: int) -> None:
    text = rewrapped(PLAIN.replace("2025 Harbour Authors", f"{year} {holder}"), width)
    assert recognise(text, KNOWN).licence == "harbour"


@given(st.sampled_from([c for c in clauses(COMMUNITY) if not c.is_heading]))
@settings(max_examples=40, deadline=None)
def test_a_text_without_one_of_its_clauses_is_never_exact(clause: object) -> None:
    paragraph = " ".join(COMMUNITY.split())
    original = clause.original  # type: ignore[attr-defined]
    assert original in paragraph
    found = recognise(paragraph.replace(original, "", 1), KNOWN)
    assert (found.state, found.nearest) == (State.UNKNOWN, "lantern-2")
    assert any(row.kind is not Difference.ADDED for row in found.differing)


@given(st.sampled_from(["700", "1 percent", "(30)", "Section 2 stays", "May 4, 2026"]), st.integers(7, 9))
@settings(max_examples=30, deadline=None)
def test_a_changed_number_is_never_exact_and_is_shown(figure: str, digit: int) -> None:
    changed = re.sub(r"\d+", lambda old: f"{digit}{old[0]}", figure)
    found = recognise(COMMUNITY.replace(figure, changed), KNOWN)
    assert (found.exact, found.nearest) == (False, "lantern-2")
    assert any(re.findall(r"\d+", changed)[0] in row.words for row in found.differing)


ENDS = [match.end() for match in re.finditer(r"\.\n", COMMUNITY)]


@given(st.sampled_from([0, *ENDS]), st.sampled_from(["Ships are left out.", "This holds for research only."]))
@settings(max_examples=40, deadline=None)
def test_an_inserted_sentence_is_never_exact_and_is_shown(place: int, sentence: str) -> None:
    found = recognise(f"{COMMUNITY[:place]}\n{sentence}\n\n{COMMUNITY[place:]}", KNOWN)
    assert found.exact is False
    assert any(sentence[:-1] in row.words for row in found.differing)


@given(st.integers(0, len(normalise(COMMUNITY).split()) - 1))
@settings(max_examples=60, deadline=None)
def test_a_text_without_a_word_of_a_clause_is_never_exact(number: int) -> None:
    words = [(c, w) for c in clauses(COMMUNITY) for w in c.words]
    if not words[number][0].is_heading:
        kept = " ".join(word for at, (_, word) in enumerate(words) if at != number)
        assert recognise(kept, KNOWN).exact is False


def test_a_threshold_that_changed_is_shown_in_the_words_of_the_file() -> None:
    found = recognise(COMMUNITY.replace("700 million", "50 million"), KNOWN)
    (row,) = found.differing
    assert (row.kind, row.clause) == (Difference.CHANGED, "2 Commercial Terms")
    assert "50 million" in row.words
    assert found.share > 0.9


def test_a_modified_licence_is_not_the_licence() -> None:
    found = recognise(f"Modified {PLAIN.removeprefix('The ')}", KNOWN)
    assert (found.state, found.nearest) == (State.WHOLE, "harbour")
    assert recognise(f"{PLAIN}\nOur only change: nobody sells it.", KNOWN).exact is False


def test_a_licence_and_its_policy_in_one_file_are_both_found() -> None:
    found = recognise(f"{COMMUNITY}\n{POLICY}", KNOWN)
    assert (found.state, found.licence, found.others) == (State.EXACT, "lantern-2", ("lantern-2-use-policy",))
    assert found.share == 1.0


def test_texts_in_one_file_are_taken_apart_no_deeper_than_is_asked() -> None:
    tide = "The Tide License\n\nWhoever takes the weights to sea brings them back before the tide has turned.\n"
    known, heap = (*KNOWN, fingerprint("tide", "of ours", tide)), "\n".join([PLAIN, COMMUNITY, POLICY, tide])
    found = recognise(heap, known, depth=2)  # the middle one, then two behind it
    assert (found.state, found.others) == (State.EXACT, ("harbour", "lantern-2-use-policy", "tide"))
    assert recognise(heap, known, depth=1).state is State.WHOLE


def test_a_sentence_within_a_licence_does_not_leave_it_whole() -> None:
    """Before and after it a sentence may be of another text; between its clauses it is a term."""
    found = recognise(COMMUNITY.replace("\n2. ", "\nShips are left out.\n\n2. "), KNOWN)
    assert (found.state, found.nearest) == (State.UNKNOWN, "lantern-2")


STAY = "The notice above must stay in every copy of the weights."


def test_what_stands_alone_in_a_lost_clauses_place_is_that_clause_changed() -> None:
    found = recognise(PLAIN.replace(STAY, "Gulls nest wherever a clerk leaves the door unlocked."), KNOWN)
    assert [row.kind for row in found.differing] == [Difference.CHANGED]
    assert found.share == 0.6667  # two of three clauses, in four places


def test_a_few_words_in_common_make_no_changed_clause_of_two_lost_ones() -> None:
    unlike = "Gulls and clerks nest on the pier with every copy of the table that any master has sold at sea."
    found = recognise(PLAIN.partition(STAY)[0] + unlike, KNOWN)
    assert [row.kind for row in found.differing] == [Difference.MISSING, Difference.MISSING, Difference.ADDED]


def test_a_short_text_that_names_a_licence_and_holds_one_clause_of_it_is_named() -> None:
    found = recognise(f"Harbour License.\n\n{STAY}", KNOWN, NAMES)
    assert (found.state, found.named) == (State.NAMED, ("harbour",))
    longer = recognise(f"Harbour License.\n\n{STAY}\n\n{'The gulls know the tide. ' * 10}", KNOWN, NAMES)
    assert (longer.state, longer.nearest) == (State.UNKNOWN, "harbour")


def test_one_strange_character_in_fifty_is_still_a_text() -> None:
    assert recognise("\x01" + "gull " * 9 + "gull", KNOWN).state is State.UNKNOWN
    assert recognise("\x01" + "gull " * 9 + "gul", KNOWN).state is State.UNREADABLE


def test_a_licence_followed_by_notices_nobody_has_read_is_whole_and_not_exact() -> None:
    found = recognise(f"{PLAIN}\nThird-party notices\n\nThis box holds parts whose makers set other terms.", KNOWN)
    assert (found.state, found.licence, found.nearest) == (State.WHOLE, "", "harbour")


@pytest.mark.parametrize(
    "text",
    ["SPDX-License-Identifier: Harbour", "Harbour License", "https://example.org/harbour", "Weights: Harbour License."],
)
def test_a_name_alone_is_named_and_not_read(text: str) -> None:
    found = recognise(text, KNOWN, NAMES)
    assert (found.state, found.licence, found.named) == (State.NAMED, "", ("harbour",))


@pytest.mark.parametrize(
    ("text", "state"), [("", State.EMPTY), (" \n\t", State.EMPTY), ("\x7fELF\0\0", State.UNREADABLE)]
)
def test_what_is_no_licence_is_said_to_be_none(text: str, state: State) -> None:
    assert recognise(text, KNOWN, NAMES).state is state


def test_a_text_like_none_has_no_nearest() -> None:
    found = recognise("The tide comes in twice a day, and the gulls know it better than the clerks do.", KNOWN, NAMES)
    assert (found.state, found.nearest, found.share) == (State.UNKNOWN, "", 0.0)


def test_a_fingerprint_read_again_is_the_same_and_holds_no_sentence() -> None:
    both = merged(KNOWN[0], fingerprint("harbour", "without a title", PLAIN.partition("\n")[2]))
    text = written(both)
    assert read(text) == both
    assert len(both.forms) == 2
    assert "free of charge" not in text


@pytest.mark.parametrize("text", ["", "licence x\n", "licence x\nclause 12\n", "something else\n"])
def test_a_broken_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"fingerprint"):
        read(text)


def test_every_committed_fingerprint_can_be_read_and_bears_its_name() -> None:
    files = sorted(FOLDER.glob("*.txt"))
    assert len(files) > 50
    assert [read(file.read_text("utf-8")).slug for file in files] == [file.stem for file in files]


def samples() -> list[Path]:
    return sorted((SAMPLES / "scancode").glob("*.LICENSE")) if SAMPLES.exists() else []


@pytest.mark.skipif(not samples(), reason="the sample texts of licences are not here")
def test_every_sample_text_is_known_stays_known_in_another_dress_and_not_when_a_sentence_is_added() -> None:
    known = [read(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.txt"))]
    for place, file in enumerate(samples()):
        text = file.read_text("utf-8").split("---\n", 2)[2]
        found = recognise(f"# License\n\n{text}", known)
        assert found.exact, file.name
        if place % 4:  # the slower question, of every fourth
            continue
        added = recognise(f"{text}\n\nThis holds on weekdays only, and never at sea.", known)
        assert (added.exact, added.nearest) == (False, found.licence), file.name


def test_a_longer_licence_with_a_changed_clause_is_nearer_than_the_short_one_that_it_was_made_from() -> None:
    label = (
        "Whoever has more than 100 million monthly users shall show the word Harbour in the interface of the service."
    )
    known = (*KNOWN, fingerprint("harbour-modified", "of ours", f"{PLAIN}\n{label}"))
    assert recognise(f"{PLAIN}\n{label}", known).licence == "harbour-modified"
    assert recognise(f"{PLAIN}\n{label.replace('100', '50')}", known).nearest == "harbour-modified"
    assert recognise(f"{PLAIN}\nNobody sells it at sea.", known).nearest == "harbour"
