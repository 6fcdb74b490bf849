"""Models side by side: a shape each, a mark only where somebody measured, a bar only where the error is known."""

from dataclasses import replace

import pytest

from tests.charts.compare_samples import MODELS, beside_rows
from tracker.charts import compared
from tracker.charts.marks import Fill, Stroke, markers


def traces(rows):
    return {trace["name"]: trace for trace in compared.figure(rows)["data"]}


def test_a_score_that_nobody_measured_is_named_and_has_no_mark():
    rows = beside_rows(models=3, benchmarks=1)
    rows[1] = replace(rows[1], value=None, low=None, high=None)
    figure = compared.figure(rows)
    assert "Closed two" not in traces(rows)
    assert all(0 not in trace["x"] for trace in figure["data"])
    (said,) = [note["text"] for note in figure["layout"]["annotations"]]
    assert said.endswith("no score: Closed two")
    assert "Closed two not measured" in compared.alt(rows)
    assert "not measured" in [cell.text for cell in compared.CHART.cells(rows[1])]


def test_a_score_of_nothing_is_a_mark_at_nothing():
    rows = [replace(row, value=0.0, low=None, high=None) for row in beside_rows(models=2, benchmarks=1)]
    assert [trace["x"] for trace in traces(rows).values()] == [[0.0], [0.0]]


def test_no_two_models_share_a_shape_and_a_side_has_one_colour():
    found = traces(beside_rows())
    shapes = [trace["marker"]["symbol"] for trace in found.values()]
    assert len(set(shapes)) == len(shapes) == 6
    colours = {}
    for (_, side), trace in zip(MODELS, found.values(), strict=True):
        colours.setdefault(side, set()).add(trace["marker"]["color"])
    assert [len(some) for some in colours.values()] == [1, 1, 1]
    assert len(set.union(*colours.values())) == 3


def test_the_first_of_each_side_keeps_the_mark_that_its_side_has_elsewhere():
    assert compared.shapes(beside_rows(benchmarks=1))[:2] == ["circle", "square"]


@pytest.mark.parametrize("sides", [["open"] * 6, ["closed"] * 6, [""] * 6, ["", "open", "closed"] * 2])
def test_six_models_of_any_sides_have_six_shapes_that_the_drawing_knows(sides):
    models = [replace(row, side=side) for row, side in zip(beside_rows(benchmarks=1), sides, strict=True)]
    shapes = compared.shapes(models)
    assert len(set(shapes)) == 6
    for shape in shapes:
        (item,) = markers([(10.0, 10.0)], {"color": "#000000", "size": 10, "symbol": shape})
        assert isinstance(item, Fill | Stroke)


def test_a_bar_spans_the_interval_and_is_missing_where_no_error_is_known():
    sure, unsure = (replace(row, value=0.5) for row in beside_rows(models=2, benchmarks=1))
    rows = [replace(sure, low=0.44, high=0.58), replace(unsure, low=None, high=None)]
    first, second = traces(rows).values()
    assert (first["error_x"]["arrayminus"], first["error_x"]["array"]) == ([6.0], [8.0])
    assert (second["error_x"]["arrayminus"], second["error_x"]["array"]) == ([0.0], [0.0])


def test_models_of_one_benchmark_stand_apart_so_that_like_scores_can_be_told():
    rows = [replace(row, value=0.5) for row in beside_rows(benchmarks=1)]
    heights = [trace["y"][0] for trace in traces(rows).values()]
    assert heights == sorted(set(heights))
    assert len(heights) == 6


def test_only_scores_in_per_cent_share_the_axis_and_the_table_has_all():
    rows = beside_rows(benchmarks=7)
    drawn = {note["text"].partition(" · ")[0] for note in compared.figure(rows)["layout"]["annotations"]}
    assert len(drawn) == 6
    assert len({row.benchmark for row in rows}) == 7


def test_models_that_share_nothing_in_per_cent_are_told_so():
    rows = [row for row in beside_rows(benchmarks=7) if row.unit == "elo"]
    figure = compared.figure(rows)
    assert figure["data"] == []
    assert figure["layout"]["annotations"][0]["text"] == compared.EMPTY == compared.alt(rows)
