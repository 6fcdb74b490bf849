"""Events and regions as pictures: each thing where its date puts it, in the colour of what it does."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.charts.landscape_samples import event_rows, region_rows
from tracker.charts import events, lanes, region_lags
from tracker.charts.theme import LIGHT
from tracker.queries.events import KINDS, EventKind


def names(figure):
    return [note["text"] for note in figure["layout"]["annotations"]]


def test_every_event_is_a_dot_and_every_kind_a_row_that_says_how_many():
    rows = event_rows(60)
    figure = events.figure(rows)
    assert sum(len(trace["x"]) for trace in figure["data"]) == 60
    assert len(names(figure)) == len(KINDS)
    assert sum(int(name.rpartition(" · ")[2]) for name in names(figure)) == 60


@pytest.mark.parametrize(
    ("kind", "colour"),
    [
        (EventKind.RESTRICTED_RELEASE, "open"),
        (EventKind.TRACK_CLOSED, "closed"),
        (EventKind.PROMISE_BROKEN, "closed"),
        (EventKind.LICENCE_CHANGE, "ink"),
        (EventKind.FUNDING, "ink"),
    ],
)
def test_only_what_opens_or_closes_something_has_a_sides_colour(kind, colour):
    (trace,) = events.figure([replace(event_rows(1)[0], kind=kind)])["data"]
    assert trace["marker"]["color"] == LIGHT[colour]


@pytest.mark.parametrize(
    ("written", "stands"),
    [("2024-03-05", date(2024, 3, 5)), ("2024-03", date(2024, 3, 15)), ("2024", date(2024, 6, 30))],
)
def test_what_has_no_day_stands_in_the_middle_of_its_month_or_year(written, stands):
    on = date.fromisoformat(f"{written}-01-01"[:10] if len(written) == 4 else f"{written}-01"[:10])
    assert lanes.placed(on, written) == stands


def test_dots_of_a_row_that_would_lie_over_each_other_stand_in_lanes():
    days = [date(2024, 1, 1) + timedelta(days=nth) for nth in range(lanes.LANES)]
    _, dots = lanes.board([("Row", [(on, on) for on in days])], x="Day", empty="None")
    assert len({dot.y for dot in dots}) == lanes.LANES
    _, apart = lanes.board(
        [("Row", [(on + 60 * nth * timedelta(days=1), on) for nth, on in enumerate(days)])], x="Day", empty=""
    )
    assert {dot.y for dot in apart} == {0}


def test_one_lab_is_named_and_several_are_counted():
    assert events.alt(event_rows(1)).startswith("1 event of Lab 0 <b>of</b> a & b from 2022-11-30 to 2022-11-30.")
    assert events.alt(event_rows(9)).startswith("9 events of 9 labs from ")


def test_a_region_of_which_nothing_can_be_told_has_no_dot_and_is_named_in_words():
    rows = region_rows()
    (trace,) = region_lags.figure(rows)["data"]
    assert trace["x"] == [-0.5, 3.4, 9.5]
    assert not any("Elsewhere" in name for name in names(region_lags.figure(rows)))
    assert region_lags.alt(rows).endswith("Not told: Elsewhere.")
    cells = [cell.text for cell in region_lags.CHART.cells(rows[-1])]
    assert cells[0] == "Elsewhere"
    assert cells[-1] == "Too few open models were measured."


def test_regions_of_which_none_can_be_told_are_a_sentence():
    untold = [row for row in region_rows() if row.lag is None]
    assert region_lags.alt(untold) == region_lags.EMPTY
    assert names(region_lags.figure(untold)) == [region_lags.EMPTY]
