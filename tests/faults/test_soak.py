"""What a soak says of the figures that it gathered: growth is told from noise, and from a wait that is too long."""

import pytest

from tests.faults.soak import ROLES, Verdict, judged, slope, verdict


def looks(count=40, **grown):
    """Forty looks in twenty minutes, each a little above or below the last, and what grows an hour besides."""
    steady = {**dict.fromkeys((*ROLES, "up"), 200.0), "connections": 7.0, "oldest job, s": 12.0}
    found = []
    for turn in range(count):
        hours = turn / 120
        noise = 0.1 if turn % 2 else -0.1
        told = {name: value + grown.get(name, 0) * hours for name, value in steady.items()}
        found.append({**told, **{name: told[name] + noise for name in ROLES}, "hours": hours})
    return found


def test_a_line_is_found_with_its_error():
    steep, error = slope([(0, 1), (1, 3), (2, 5), (3, 7)])
    assert (steep, error) == (pytest.approx(2), pytest.approx(0, abs=1e-9))
    assert slope([(0, 0), (1, 1), (2, 0), (3, 1)])[1] == pytest.approx(0.2828, abs=1e-4)


def test_an_installation_that_stays_as_it_is_holds():
    assert {judgement for _, judgement in verdict(looks())} == {Verdict.HOLDS}


def test_what_was_not_measured_well_enough_is_not_called_well():
    assert judged(25.0, 13.0, 1.0) is Verdict.UNDECIDED
    assert judged(0.0, 0.6, 1.0) is Verdict.UNDECIDED
    assert judged(0.0, 0.4, 1.0) is Verdict.HOLDS
    assert judged(3.0, 0.9, 1.0) is Verdict.GROWS


@pytest.mark.parametrize(("what", "grown"), [("collector", 12.0), ("up", 2.0), ("connections", 30.0)])
def test_what_grows_is_named_and_nothing_else(what, grown):
    found = verdict(looks(**{what: grown}))
    assert [words.partition(":")[0] for words, judgement in found if judgement is Verdict.GROWS] == [what]


def test_a_pool_process_that_was_replaced_is_no_growth_of_the_others():
    found = looks(400)
    for turn in (205, 206, 230, 245):
        found[turn]["computer"] = 70.0
    assert {judgement for _, judgement in verdict(found)} == {Verdict.HOLDS}


def test_work_that_waits_for_longer_than_a_minute_is_named():
    found = looks()
    found[30]["oldest job, s"] = 61.0
    wrong = [words for words, judgement in verdict(found) if judgement is not Verdict.HOLDS]
    assert wrong == ["oldest ready job: 61.0 s at most"]
