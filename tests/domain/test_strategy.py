"""Phases of a lab's strategy by the stated rule, on releases whose phases can be told by hand."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.strategy import Launch, Stance, phases, promise_state, quarter_ends, quarters, stance

OPEN, WEIGHTS, CLOSED = (True, True), (True, False), (False, False)


def launch(year: int, month: int, how: tuple[bool, bool], day: int = 15) -> Launch:
    return Launch(date(year, month, day), *how)


@pytest.mark.parametrize(
    ("releases", "downloadable", "osi", "found"),
    [
        (0, 0, 0, Stance.QUIET),
        (3, 2, 2, Stance.OPEN),
        (3, 2, 1, Stance.WEIGHTS),
        (3, 1, 1, Stance.MIXED),
        (4, 1, 1, Stance.CLOSED),
        (1, 0, 0, Stance.CLOSED),
    ],
)
def test_the_thresholds_are_two_thirds_and_one_third(releases, downloadable, osi, found):
    assert stance(releases, downloadable, osi) is found


def test_quarters_end_on_their_last_day_and_the_newest_on_the_day_of_the_data():
    assert quarter_ends(date(2025, 2, 1), date(2025, 8, 9)) == [date(2025, 3, 31), date(2025, 6, 30), date(2025, 8, 9)]


def test_a_release_counts_for_a_year_and_no_longer():
    found = quarters([launch(2024, 3, OPEN, day=31)], until=date(2025, 6, 30))
    assert [(one.end.isoformat(), one.releases) for one in found] == [
        ("2024-03-31", 1), ("2024-06-30", 1), ("2024-09-30", 1), ("2024-12-31", 1),
        ("2025-03-31", 0), ("2025-06-30", 0),
    ]  # fmt: skip


def test_a_lab_that_closes_is_closed_from_the_first_quarter_in_which_the_rule_says_so():
    launches = [launch(2023, month, OPEN) for month in (2, 5, 8, 11)]
    launches += [launch(2024, month, CLOSED) for month in (2, 5, 8, 11)]
    found = phases(launches, until=date(2025, 3, 31))
    # At the end of June 2024 two of the year's four releases could be downloaded, from September on one and fewer: the
    # quarter between is no phase of its own.
    assert [(one.stance, one.since, one.until) for one in found] == [
        (Stance.OPEN, date(2023, 2, 15), date(2024, 6, 30)),
        (Stance.CLOSED, date(2024, 7, 1), None),
    ]


def test_one_quarter_out_of_line_changes_nothing():
    launches = [launch(2023, 1, OPEN), launch(2023, 4, CLOSED), launch(2023, 7, OPEN), launch(2023, 8, OPEN)]
    launches += [launch(2024, 1, OPEN), launch(2024, 7, OPEN)]
    assert [one.stance for one in quarters(launches, until=date(2023, 9, 30))] == [
        Stance.OPEN, Stance.MIXED, Stance.OPEN,
    ]  # fmt: skip
    assert [one.stance for one in phases(launches, until=date(2024, 9, 30))] == [Stance.OPEN]


def test_a_change_in_the_newest_quarter_is_provisional():
    launches = [launch(2024, 2, OPEN), launch(2025, 2, CLOSED), launch(2025, 3, CLOSED)]
    found = phases(launches, until=date(2025, 3, 31))
    assert (found[-1].stance, found[-1].provisional, found[-1].until) == (Stance.CLOSED, True, None)
    assert not phases(launches, until=date(2025, 6, 30))[-1].provisional


def test_a_lab_without_a_dated_release_has_no_phase():
    assert phases([], until=date(2025, 1, 1)) == ()
    assert phases([launch(2026, 1, OPEN)], until=date(2025, 1, 1)) == ()


LAUNCHES = st.lists(st.builds(Launch, st.dates(date(2022, 1, 1), date(2026, 11, 1)), st.booleans(), st.just(False)))


@given(LAUNCHES.filter(bool))
def test_phases_leave_no_day_out_and_count_every_release_once(launches):
    until = date(2026, 11, 22)
    found = phases(launches, until=until)
    assert found[0].since == min(one.on for one in launches)
    assert found[-1].until is None
    for one, two in pairwise(found):
        assert one.until is not None
        assert (two.since - one.until).days == 1
        assert one.stance != two.stance
    assert sum(one.releases for one in found) == len(launches)


@pytest.mark.parametrize(
    ("later", "state"),
    [
        ([], "waiting"),
        (["promise-kept"], "kept"),
        (["promise-broken", "promise-kept"], "kept"),
        (["promise-broken"], "broken"),
        (["people"], "waiting"),
    ],
)
def test_the_last_word_on_a_promise_stands(later, state):
    assert promise_state(later) == state
