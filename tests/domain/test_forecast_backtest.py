"""The backtest: what the months before would have said, and how each method stands beside persistence."""

import math
import statistics

import pytest

from tests.domain.test_forecasts import standings
from tracker.domain.forecast_backtest import AHEAD, LEAST_HISTORY, coverage, hindcasts, records
from tracker.domain.forecasts import Asks, Method, observed, predictions


def test_a_hindcast_is_what_the_months_before_would_have_said():
    past = standings([5 + math.sin(n) for n in range(40)])
    found = hindcasts(past)
    assert found
    for one in found[:: max(1, len(found) // 50)]:
        end = next(n for n, then in enumerate(past) if then.on == one.made_on)
        assert end >= LEAST_HISTORY
        assert one.months in AHEAD
        assert one.said.due == past[end + one.months].on
        assert one.said in predictions(past[: end + 1], one.said.due)
        assert one.came == observed(one.said.asks, past[end + one.months], past[end].closed_best)


def test_a_changed_future_changes_no_hindcast_that_was_made_before():
    one = standings([5 + math.sin(n) for n in range(40)])
    two = [*one[:30], *standings([50.0] * 40)[30:]]

    def cut(found):
        return [each.said for each in found if each.made_on <= one[29].on]

    assert cut(hindcasts(one)) == cut(hindcasts(two))
    assert hindcasts(one) != hindcasts(two)


def test_each_record_stands_beside_persistence_on_the_same_forecasts():
    past = standings([8 - 0.1 * n + 0.3 * math.sin(5 * n) for n in range(44)])
    found = hindcasts(past)
    rows = records(found)
    assert {(row.asks, row.months, row.method) for row in rows} == {
        (one.said.asks, one.months, one.said.method) for one in found
    }
    for row in rows:
        if row.method is Method.PERSISTENCE:
            assert row.peer == pytest.approx(row.score)
            assert row.skill in (pytest.approx(0.0), None)
    peers = {
        one.made_on: one.score
        for one in found
        if (one.said.asks, one.months, one.said.method) == (Asks.L8, 3, Method.PERSISTENCE)
    }
    line = [o for o in found if (o.said.asks, o.months, o.said.method) == (Asks.L8, 3, Method.LINEAR)]
    (row,) = [row for row in rows if (row.asks, row.months, row.method) == (Asks.L8, 3, Method.LINEAR)]
    assert row.peer == pytest.approx(statistics.fmean(peers[one.made_on] for one in line if one.made_on in peers))
    assert row.skill == pytest.approx(1 - row.score / row.peer)
    assert row.skill > 0  # a falling line is what the series is


def test_coverage_is_the_share_within_both_ends():
    edges = [(0.0, 1, 2, 3, 4, 5, 6)] * 4
    assert coverage(edges, [0.0, 6.0, 7.0, -1.0]) == 0.5
    assert coverage(edges, [2.0, 4.0, 1.9, 4.1], 0.25, 0.75) == 0.5
