"""What nobody has said never counts in favour, and is told apart from a no."""

from dataclasses import fields, replace

import pytest

from tests.domain.rubrics import made
from tracker.domain.records import Access
from tracker.domain.release_facts import Component, LicenceTerms, Part, ReleaseFacts
from tracker.domain.rubrics import RUBRICS, verdicts

UNTOLD = LicenceTerms("new", "New License")
EU = {"fail": 0, "unknown": 0, "unclear": 1, "likely": 2, "pass": 3}


def rank(slug: str, value: object) -> float:
    """A verdict's value as a number that rises with openness."""
    if slug.startswith("mof"):
        return {0: 0.0, 3: 1.0, 2: 2.0, 1: 3.0}[int(str(value))]
    if slug == "eu-53-2":
        return EU[str(value)]
    if slug == "osaid":
        return float(value == "pass")
    return float(str(value))


def without(facts: ReleaseFacts, part: Part) -> ReleaseFacts:
    return replace(facts, parts={**facts.parts, part: Component()})


@pytest.mark.parametrize("part", list(Part))
@pytest.mark.parametrize("slug", list(RUBRICS))
def test_a_part_that_nobody_speaks_of_never_raises_a_verdict(slug: str, part: Part) -> None:
    whole = made.release(made.ALL)
    before, after = RUBRICS[slug].judge(whole), RUBRICS[slug].judge(without(whole, part))
    assert rank(slug, after.value) <= rank(slug, before.value)


@pytest.mark.parametrize("term", [field.name for field in fields(LicenceTerms) if field.default is None])
@pytest.mark.parametrize("best", [made.PERMISSIVE, made.UNAPPROVED], ids=["approved", "unapproved"])
def test_a_term_that_nobody_has_read_never_raises_a_verdict(best: LicenceTerms, term: str) -> None:
    untold = replace(best, **{term: None})
    for slug, rubric in RUBRICS.items():
        before, after = rubric.judge(made.release(made.ALL, best)), rubric.judge(made.release(made.ALL, untold))
        assert rank(slug, after.value) <= rank(slug, before.value)


def test_a_release_of_which_nothing_is_known_is_uncertain_under_every_rubric() -> None:
    for found in verdicts(ReleaseFacts(made.DAY)).values():
        assert not found.certain
        assert found.decided_by is not None
        assert found.decided_by.unknown
        assert "nobody has said" in found.decided_by.words
        assert found.next_step.startswith("Find out")


def test_a_no_is_told_apart_from_silence() -> None:
    denied = verdicts(made.release(made.CLASS_II))["mof-strict"]
    silent = verdicts(without(made.release(made.ALL), Part.CHECKPOINTS))["mof-strict"]
    assert denied.decided_by.words == "the training datasets were not released"
    assert denied.certain
    assert silent.decided_by.words == "nobody has said whether the intermediate weights were released"
    assert not silent.certain


def test_a_no_decides_before_silence_does() -> None:
    facts = without(made.release(made.CLASS_II), Part.DATASETS)
    found = verdicts(facts)["mof-strict"]
    assert found.decided_by.words == "the data preprocessing code was not released"
    assert [need.unknown for need in found.missing[:2]] == [True, False]
    assert found.next_step.endswith("find out whether the training datasets were released.")


def test_weights_under_a_licence_that_nobody_has_read_stay_on_the_lowest_rung_of_weights() -> None:
    found = verdicts(made.release(made.CLASS_III, UNTOLD))["ladder"]
    assert (found.value, found.certain) == (2, False)
    assert found.decided_by.words == "nobody has read in New License whether commercial use is allowed"
    part_read = verdicts(made.release(made.CLASS_III, replace(UNTOLD, commercial="yes")))["ladder"]
    assert (part_read.value, part_read.certain) == (3, False)


def test_weights_whose_licence_nobody_names_are_placed_as_their_source_classes_them() -> None:
    rungs = {access: verdicts(made.release(made.WEIGHTS, None, access))["ladder"].value for access in Access}
    assert rungs == {
        Access.UNRELEASED: 0,
        Access.HOSTED: 0,
        Access.API: 1,
        Access.WEIGHTS: 2,
        Access.WEIGHTS_NONCOMMERCIAL: 2,
        Access.WEIGHTS_RESTRICTED: 3,
        Access.WEIGHTS_PERMISSIVE: 4,
    }


def test_a_component_without_a_licence_is_not_one_whose_licence_nobody_named() -> None:
    whole = made.release(made.ALL)
    bare = replace(whole, parts={**whole.parts, Part.MODEL_CARD: made.released("")})
    unnamed = replace(whole, parts={**whole.parts, Part.MODEL_CARD: made.released(None)})
    assert verdicts(bare)["mof-strict"].decided_by.words == "the model card was released without a licence"
    assert not verdicts(bare)["mof-strict"].decided_by.unknown
    assert verdicts(unnamed)["mof-strict"].decided_by.unknown
