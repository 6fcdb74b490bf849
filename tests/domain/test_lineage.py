"""A derivative that claims to be freer than what it was made from is flagged, with the clause it left behind."""

from dataclasses import replace

import pytest

from tests.domain.rubrics import made
from tracker.domain.lineage import flags
from tracker.domain.release_facts import LicenceTerms

MIT = replace(made.PERMISSIVE, slug="mit", name="MIT License")
UNTOLD = LicenceTerms("new", "New License")


@pytest.mark.parametrize(
    ("base", "fact"),
    [
        (made.NONCOMMERCIAL, "commercial"),
        (replace(made.UNAPPROVED, commercial="permission"), "commercial"),
        (made.ASKS, "mau_threshold"),
        (made.LABELS, "mau_threshold"),
        (made.POLICY, "pass_through_restrictions"),
        (replace(made.UNAPPROVED, pass_through="yes"), "pass_through_restrictions"),
        (replace(made.UNAPPROVED, naming_duty="display"), "naming_duty"),
        (made.PLACES, "geo_exclusions"),
        (made.OUTPUTS, "output_training"),
        (replace(made.UNAPPROVED, share_alike="yes"), "share_alike"),
    ],
)
def test_a_term_that_was_dropped_on_the_way_is_flagged(base: LicenceTerms, fact: str) -> None:
    found = flags(base, MIT)
    assert [flag.fact for flag in found] == [fact]
    assert found[0].words.startswith("Example License ")
    assert found[0].words.endswith("; MIT License does not")


def test_the_clause_is_quoted() -> None:
    (flag,) = flags(made.ASKS, MIT)
    assert flag.to_dict()["quote"] == "greater than 700 million monthly active users"
    assert flag.to_dict()["where"] == "section 2"


@pytest.mark.parametrize(
    ("base", "own"),
    [
        (made.ASKS, made.ASKS),
        (MIT, made.NONCOMMERCIAL),  # stricter than its base is allowed
        (MIT, made.PERMISSIVE),
        (made.NONCOMMERCIAL, replace(made.NONCOMMERCIAL, slug="other", name="Other License")),
        (None, MIT),
        (made.ASKS, None),
        (UNTOLD, MIT),  # nobody has read what the base binds
        (made.ASKS, UNTOLD),  # nor what the derivative claims
        (None, None),
    ],
)
def test_what_keeps_its_bases_terms_or_is_not_read_raises_no_flag(
    base: LicenceTerms | None, own: LicenceTerms | None
) -> None:
    assert flags(base, own) == []


def test_every_dropped_term_is_flagged_by_itself() -> None:
    base = replace(made.ASKS, aup="incorporated", naming_duty="display", output_training="banned")
    assert [flag.fact for flag in flags(base, MIT)] == [
        "mau_threshold",
        "pass_through_restrictions",
        "naming_duty",
        "output_training",
    ]
