"""The charts of openness: shares of a quarter add up, a lab has one line, a day of the frontier is held once."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from tests.charts.samples import ladder_rows, share_rows, spell_rows
from tracker.charts import ladder_over_time, open_frontier_licences, openness_share
from tracker.queries.openness_history import CLASS_NAMES, LICENCE_CLASSES, ShareRow


def bands(figure):
    return [trace for trace in figure["data"] if trace["meta"]["role"] == "band"]


def test_the_bands_of_a_quarter_are_stacked_from_nothing_to_the_whole():
    drawn = bands(openness_share.figure(share_rows()))
    assert [band["name"] for band in drawn] == list(CLASS_NAMES.values())
    for lower, upper in pairwise(drawn):
        half = len(lower["y"]) // 2
        assert upper["y"][half:] == pytest.approx(lower["y"][:half][::-1])
    half = len(drawn[0]["y"]) // 2
    assert set(drawn[0]["y"][half:]) == {0}
    assert drawn[-1]["y"][:half] == pytest.approx([100] * half)


def test_a_quarter_with_few_releases_is_in_the_table_only():
    early = [ShareRow(date(2022, 10, 1), key, int(key == "open"), 1, float(key == "open")) for key in CLASS_NAMES]
    figure = openness_share.figure([*early, *share_rows()])
    assert figure["layout"]["xaxis"]["range"][0] == "2023-01-01"
    assert figure["data"] == openness_share.figure(share_rows())["data"]


def test_a_quarter_without_releases_cuts_the_drawing_instead_of_being_bridged():
    rows = [row for row in share_rows() if row.quarter != date(2024, 4, 1)]
    assert openness_share.figure(rows)["layout"]["xaxis"]["range"][0] == "2024-07-01"


def test_where_all_quarters_have_few_releases_they_are_drawn_all_the_same():
    rows = [replace(row, of=2) for row in share_rows()]
    assert openness_share.figure(rows)["layout"]["xaxis"]["range"][0] == "2023-01-01"


def test_a_wide_band_carries_its_name_and_a_thin_one_does_not():
    names = {note["text"] for note in openness_share.figure(share_rows())["layout"]["annotations"]}
    assert {"No weights", "Permissive"} <= names
    thin = [replace(row, share=0.0 if row.openness == "noncommercial" else row.share) for row in share_rows()]
    assert "Non-commercial" not in {note["text"] for note in openness_share.figure(thin)["layout"]["annotations"]}


def test_the_words_under_the_shares_tell_the_first_and_the_last_quarter_drawn():
    assert "in 2023 Q1" in openness_share.alt(share_rows())
    assert "in 2026 Q2" in openness_share.alt(share_rows())


def test_every_drawn_release_stands_on_its_labs_line():
    figure = ladder_over_time.figure(ladder_rows())
    axis = figure["layout"]["yaxis"]
    assert len(axis["tickvals"]) == len(set(axis["tickvals"])) == len(axis["ticktext"])
    assert {y for trace in figure["data"] for y in trace["y"]} == set(axis["tickvals"])


def test_a_region_shows_the_labs_with_most_releases_and_whoever_released_an_open_model():
    closed = [
        replace(row, openness="closed", region="us", lab=f"Lab {nth % 12:02}") for nth, row in enumerate(ladder_rows())
    ]
    assert ladder_over_time.figure(closed)["layout"]["yaxis"]["ticktext"] == [f"Lab {nth:02}" for nth in range(7)]
    closed[11] = replace(closed[11], openness="open")
    assert ladder_over_time.figure(closed)["layout"]["yaxis"]["ticktext"][-1] == "Lab 11"


def test_each_class_has_a_mark_of_its_own():
    assert len({symbol for _, symbol, _ in ladder_over_time.MARKS.values()}) == len(CLASS_NAMES)
    assert set(ladder_over_time.MARKS) == set(openness_share.FILLS) == set(CLASS_NAMES)


def test_the_days_of_the_frontier_are_shared_out_without_rest():
    rows = spell_rows()
    first, last = rows[0].since, rows[-1].until
    for _, lines in open_frontier_licences._groups(rows):
        assert sum(open_frontier_licences.held(some, first, last) for _, some in lines) == (last - first).days


def test_a_window_counts_only_its_own_days():
    row = spell_rows()[0]
    middle = row.since + timedelta(days=row.days // 2)
    assert open_frontier_licences.held([row], middle, row.until + timedelta(days=99)) == row.days - row.days // 2
    assert open_frontier_licences.held([row], row.until, row.until + timedelta(days=9)) == 0


def test_countries_are_ordered_by_the_days_they_held_and_classes_by_their_openness():
    (_, classes), (_, countries) = open_frontier_licences._groups(spell_rows())
    assert [name for name, _ in classes] == list(LICENCE_CLASSES.values())
    days = [sum(row.days for row in some) for _, some in countries]
    assert days == sorted(days, reverse=True)


def test_a_frontier_of_less_than_a_year_has_no_share_of_the_last_year():
    assert "in the last year" not in open_frontier_licences.alt(spell_rows()[:2])
    assert "in the last year" in open_frontier_licences.alt(spell_rows())
