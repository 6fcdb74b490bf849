import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.eval_meter import counted, powers, thinned

WATTS = st.floats(0, 2000, allow_nan=False)


@given(top=st.integers(1, 2**63), data=st.data())
def test_what_was_counted_is_found_again_over_a_wrap(top, data):
    before = data.draw(st.integers(0, top - 1))
    spent = data.draw(st.integers(0, top - 1))
    assert counted(before, (before + spent) % top, top) == spent


@pytest.mark.parametrize(("before", "after"), [(0, 11), (11, 0), (-1, 3)])
def test_a_counter_beyond_its_own_top_is_refused(before, after):
    with pytest.raises(ValueError, match="up to 10"):
        counted(before, after, 10)


@given(st.lists(st.tuples(st.floats(0.01, 10), WATTS), max_size=30))
def test_powers_times_their_seconds_are_the_joules(steps):
    times, joules = [100.0], [5e6]
    for seconds, watts in steps:
        times.append(times[-1] + seconds)
        joules.append(joules[-1] + watts * seconds)
    found = powers(times, joules)
    assert len(found) == len(steps)
    back = math.fsum(watts * seconds for watts, (seconds, _) in zip(found, steps, strict=True))
    assert back == pytest.approx(joules[-1] - joules[0], abs=1e-6)


def test_two_readings_at_one_moment_are_no_infinite_power():
    assert powers([1.0, 1.0, 3.0], [10.0, 14.0, 20.0]) == [5.0]


def test_no_readings_are_no_power():
    assert powers([], []) == []
    assert powers([1.0], [1.0]) == []


@given(st.lists(WATTS, max_size=200), st.integers(1, 50))
def test_a_thinned_trace_keeps_its_span_but_for_odd_ends(watts, most):
    kept, every = thinned(watts, 0.1, most=most)
    assert len(kept) <= most
    assert not watts or min(watts) - 1e-9 <= min(kept)
    assert not watts or max(kept) <= max(watts) + 1e-9
    folded = round(every / 0.1)
    assert len(watts) - len(kept) * folded < max(folded, 1)


def test_a_thinned_trace_has_the_means_of_its_pairs():
    assert thinned([1.0, 3.0, 10.0, 30.0, 99.0], 0.5, most=2) == ([2.0, 20.0], 1.0)
