"""A licence's words without their dress: what makes no difference makes none, and what makes one is seen."""

import pytest

from tests.domain.licences_of_ours import COMMUNITY, PLAIN
from tracker.domain.licence_text import clauses, normalise, text_sha256


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("You may\nuse   it.", "You may use it."),
        ("“Model” means Meta’s – all", '"Model" means Meta\'s - all'),
        ("1. You may use it.", "You may use it."),
        ("2\\. **Term**. It ends.", "2. Term. It ends."),
        ("(a) You may; and (b) you shall.", "You may; and you shall."),
        ("<p>You may<br/>use <b>it</b>.</p>", "You may use it."),
        ("[the policy](https://example.org/policy)", "the policy"),
        ("Copyright (c) 2024 Harbour Labs, Inc.\n\nYou may use it.", "You may use it."),
        ("© 2023-2025 Harbour Labs. All rights reserved.\n\nYou may use it.", "You may use it."),
        ("Copyright [yyyy] [name of copyright owner]\n\nYou may use it.", "You may use it."),
        ("---\nkey: x\nname: y\n---\nYou may use it.", "You may use it."),
        ("no more than 5%", "no more than 5 percent"),
        ("$1,000,000 a year", "$1000000 a year"),
        ("Neither the name of Harbour Labs nor the names", "Neither the name of the copyright holder nor the names"),
        ("see https://www.example.org/a", "see http://example.org/a"),
        ("> You may use it.\n> And sell it.", "You may use it. And sell it."),
    ],
)
def test_what_is_dress_makes_no_difference(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("more than 700 million users", "more than 100 million users"),
        ("You may use it.", "You may not use it."),
        ("within thirty (30) days", "within thirty (90) days"),
        ("Section 2 stays.", "Section 3 stays."),
        ("as Section 4(a) says", "as Section 4(b) says"),
        ("less than\n5. The rest", "less than\n6. The rest"),
        ("a fee of $20", "a fee of €20"),
        ("Copyright (c) 2025 A\n\nUse it.", "Copyright (c) 2025 A, who must be asked before use\n\nUse it."),
        ("(c) To spread malware", ""),
        ("FLUX [dev] only", "FLUX only"),
        (
            "in no event shall the authors be liable for any claim",
            "in no event shall the authors, except the first, be liable for any claim",
        ),
    ],
)
def test_what_says_something_is_seen(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_a_wrapped_line_that_begins_with_copyright_stays_in_its_clause() -> None:
    clause = "Keep this notice: Lantern is under the Lantern License, Copyright (c) 2026 Lantern Labs, in every copy."
    assert normalise(clause.replace(", Copyright", ",\nCopyright")) == normalise(clause)


def test_a_reference_broken_by_a_line_stays_a_reference() -> None:
    assert normalise("as said in Section\n2. It ends.") == normalise("as said in Section 2. It ends.")
    assert normalise("Sections 15 and\n16. It ends.") == normalise("Sections 15 and 16. It ends.")


def test_the_sha256_is_of_the_words_alone() -> None:
    assert text_sha256(PLAIN) == text_sha256(
        PLAIN.replace("\n", "\r\n").replace("2025 Harbour Authors", "2031 B. C. Doe")
    )
    assert text_sha256(PLAIN) != text_sha256(PLAIN.replace("free of charge", "for a fee"))


def test_clauses_have_their_place_and_hold_every_word() -> None:
    found = clauses(COMMUNITY)
    places = {clause.number: clause for clause in found}
    assert "Lantern Materials to improve" not in places["1.b.i"].original
    assert "improve any other" in places["1.b.ii"].original
    assert places["2"].label == "2 Commercial Terms"
    assert " ".join(word for clause in found for word in clause.words) == normalise(COMMUNITY)


def test_a_text_without_words_has_no_clauses() -> None:
    assert clauses("") == ()
    assert normalise(" \n---\n* * *\n") == ""
