"""Every chart draws with rows and without, in Plotly's own terms and as a picture that a strict policy lets through."""

import re
import time
from dataclasses import fields, replace
from datetime import date
from functools import cache

import plotly.graph_objects as go
import pytest

from tests.charts.pictures import SVG, parsed, words
from tests.charts.samples import SAMPLES, estimate_rows, frontier_rows, score_rows, series_rows, survival_rows
from tracker.charts import CHARTS, estimators, frontier, lag, model_scores, survival
from tracker.charts.base import number
from tracker.charts.drawing import svg
from tracker.charts.painting import png
from tracker.charts.second_index import MOST
from tracker.charts.sheet import Heading
from tracker.charts.steps import leading, reached
from tracker.charts.theme import LIGHT
from tracker.queries import second_index
from tracker.queries.gap import NEAREST

VARIANTS = ("wide", "narrow")
every_chart = pytest.mark.parametrize("slug", sorted(CHARTS))


def drawn(slug, rows, variant="wide"):
    chart = CHARTS[slug]
    return svg(chart.figure(rows), title=chart.title, description=chart.describe(rows), variant=variant)


@cache
def sample(slug, variant="wide", *, filled=True):
    """The drawing of a chart's sample rows: looked at by many, drawn once."""
    return drawn(slug, SAMPLES[slug] if filled else [], variant)


def said(picture):
    return [text for text, _ in words(picture)]


def test_every_chart_has_sample_rows():
    assert set(SAMPLES) == set(CHARTS)


@every_chart
@pytest.mark.parametrize("filled", [True, False])
def test_a_figure_is_one_that_plotly_knows(slug, filled):
    go.Figure(CHARTS[slug].figure(SAMPLES[slug] if filled else []), skip_invalid=False)


@every_chart
def test_without_rows_a_sentence_stands_in_for_the_data(slug):
    chart = CHARTS[slug]
    assert chart.empty in " ".join(said(sample(slug, filled=False)))
    assert chart.describe([]) == chart.empty


@every_chart
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("filled", [True, False])
def test_a_drawing_holds_nothing_that_a_strict_policy_refuses(slug, variant, filled):
    for element in parsed(sample(slug, variant, filled=filled)).iter():
        assert element.tag.removeprefix(SVG) in {"svg", "title", "desc", "rect", "path", "text"}
        assert not {name for name in element.attrib if name == "style" or name.startswith(("on", "href", "{"))}


@every_chart
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_drawing_is_named_described_and_without_a_fixed_size(slug, variant):
    root = parsed(sample(slug, variant))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("viewBox")
    assert root.get("width") is None
    assert (root.get("aria-labelledby"), root.get("aria-describedby")) == (title.get("id"), description.get("id"))
    assert title.text == CHARTS[slug].title
    assert description.text


def test_no_two_drawings_of_a_page_share_an_id():
    pages = "".join(sample(slug, variant) for slug in CHARTS for variant in VARIANTS)
    ids = re.findall(r'\bid="([^"]+)"', pages)
    assert len(ids) == 2 * 2 * len(CHARTS) == len(set(ids))


@every_chart
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_rows_give_the_same_bytes(slug, variant):
    assert drawn(slug, SAMPLES[slug], variant) == sample(slug, variant)


@every_chart
def test_the_same_rows_give_the_same_picture(slug):
    figure = CHARTS[slug].figure(SAMPLES[slug])
    assert png(figure, variant="wide") == png(figure, variant="wide")


@every_chart
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_colour_of_a_drawing_is_named_so_that_the_style_sheet_can_change_it(slug, variant):
    for element in parsed(sample(slug, variant)).iter():
        classes = element.get("class", "").split()
        for name in ("fill", "stroke"):
            colour = element.get(name)
            if colour in (None, "none"):
                continue
            assert colour in LIGHT.values()
            token = next(token for token, value in LIGHT.items() if value == colour)
            assert {f"{name[0]}-{token}", "halo", "paper"} & set(classes)


@every_chart
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_drawing_is_small(slug, variant):
    assert len(sample(slug, variant).encode()) < 60_000


@every_chart
@pytest.mark.parametrize("variant", VARIANTS)
def test_no_words_leave_the_sheet(slug, variant):
    picture = sample(slug, variant)
    _, _, width, height = map(float, parsed(picture).get("viewBox").split())
    outside = [text for text, box in words(picture) if box.left < -1 or box.right > width + 1 or box.bottom > height]
    assert outside == []


@every_chart
@pytest.mark.parametrize("variant", VARIANTS)
def test_no_words_lie_over_other_words(slug, variant):
    boxes = list(words(sample(slug, variant)))
    clashes = [(a, b) for n, (a, one) in enumerate(boxes) for b, two in boxes[n + 1 :] if one.overlap(two) > 1]
    assert clashes == []


@every_chart
def test_a_drawing_takes_less_than_two_seconds(slug, record_property):
    sample(slug)
    started = time.perf_counter()
    drawn(slug, SAMPLES[slug])
    seconds = time.perf_counter() - started
    record_property("seconds", round(seconds, 3))
    assert seconds < 2


@every_chart
def test_a_table_shows_a_cell_for_every_column(slug):
    chart = CHARTS[slug]
    names = {field.name for field in fields(SAMPLES[slug][0])}
    assert {column.field for column in chart.columns} <= names
    for row in SAMPLES[slug]:
        cells = chart.cells(row)
        assert len(cells) == len(chart.columns)
        assert not any(cell.text in ("None", "nan") for cell in cells)


@every_chart
def test_text_for_plotly_holds_no_tags_but_line_breaks(slug):
    def texts(value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for key, part in value.items():
                if key != "hovertemplate":
                    yield from texts(part)
        elif isinstance(value, list):
            for part in value:
                yield from texts(part)

    assert {tag for text in texts(CHARTS[slug].figure(SAMPLES[slug])) for tag in re.findall("<[^>]*>", text)} <= {
        "<br>"
    }


def test_a_heading_and_a_source_travel_with_a_file():
    heading = Heading("A title of its own", "and what is shown", "Source: somebody")
    figure = CHARTS["frontier"].figure(frontier_rows())
    picture = svg(figure, title="T", description="D", heading=heading)
    assert {"A title of its own", "and what is shown", "Source: somebody"} <= set(said(picture))
    assert png(figure, heading=heading).startswith(b"\x89PNG")


def test_a_figure_names_the_newest_model_of_each_side():
    names = " ".join(said(drawn("frontier", frontier_rows())))
    assert "Closed model 36" in names
    assert "Open model 36" in names


def test_the_first_closed_model_at_todays_open_level_is_found():
    steps = frontier._steps(frontier_rows())
    level = reached(steps)
    assert level is not None
    assert level.value == leading(steps, "open")[-1].value
    earlier = [step for step in leading(steps, "closed") if step.on < level.on]
    assert earlier
    assert all(step.value < level.value for step in earlier)


def test_of_very_many_models_the_nearest_to_their_line_are_drawn_and_all_its_steps():
    rows = list(frontier_rows())
    row = next(row for row in rows if row.side == "open" and row.on_frontier)
    worse = [replace(row, model=f"Worse {n}", value=row.value - 1 - 0.01 * n, on_frontier=False) for n in range(900)]
    few, many = (CHARTS["frontier"].figure(found)["data"] for found in (rows, [*rows, *worse]))
    lines = [[part for part in figure if part["mode"] != "markers"] for figure in (few, many)]
    assert lines[0] == lines[1]
    (others,) = [part for part in many if "nearest)" in part.get("name", "")]
    assert len(others["x"]) == NEAREST
    named = str(others)
    assert "Worse 0, " in named
    assert "Worse 899, " not in named


def test_of_very_many_models_on_two_indices_those_apart_are_drawn_and_a_sample_of_the_rest():
    rows = [row for row in SAMPLES["second-index"] if row.side == "open"]
    near = [replace(rows[-1], model=f"Near {n}", first=100 + n / 100, second=100 + n / 100) for n in range(3000)]
    (line, marks) = CHARTS["second-index"].figure([*rows, *near])["data"]
    assert len(rows) < len(marks["x"]) <= second_index.LABELLED + MOST
    assert set(marks["x"][: second_index.LABELLED]) == {round(row.first, 2) for row in rows[: second_index.LABELLED]}
    assert line["x"][0] < min(marks["x"]) < 100.2
    assert line["x"][1] > max(marks["x"]) > 129.8
    assert marks["name"] == f"Open weights ({len(marks['x'])} of {len(rows) + 3000})"


def test_where_open_leads_there_is_no_distance_to_draw():
    ahead = [replace(row, value=row.value + 100) if row.side == "open" else row for row in frontier_rows()]
    assert reached(frontier._steps(ahead)) is None
    assert CHARTS["frontier"].figure(ahead)["layout"]["shapes"] == []


def test_the_distance_is_measured_to_the_day_of_the_data():
    to = date(2026, 11, 22)
    on = reached(frontier._steps(frontier_rows())).on
    (note,) = frontier.figure(frontier_rows(), until=to)["layout"]["annotations"]
    assert note["text"] == f"{(to - on).days / 30.4375:.1f} months"


def test_one_side_alone_is_drawn():
    closed = [row for row in frontier_rows() if row.side == "closed"]
    assert "Closed" in CHARTS["frontier"].alt(closed)
    drawn("frontier", closed)


def test_a_day_without_a_value_breaks_the_line_and_the_band():
    figure = lag.figure(series_rows())
    bands = [trace for trace in figure["data"] if trace.get("fill")]
    (line,) = [trace for trace in figure["data"] if not trace.get("fill")]
    assert len(bands) == 2
    assert line["y"].count(None) == 1


def test_an_estimator_without_an_answer_is_a_sentence_and_not_a_dot_at_nothing():
    figure = estimators.figure(estimate_rows())
    assert len(figure["data"][0]["x"]) == 3
    assert any(note["text"] == "not reached yet" for note in figure["layout"]["annotations"])


def test_points_are_not_drawn_on_an_axis_of_months():
    notes = [note["text"] for note in estimators.figure(estimate_rows())["layout"]["annotations"]]
    assert not any("L8" in text for text in notes)
    assert not any("L8" in part for part in estimators.alt(estimate_rows()).split())


def test_the_median_is_where_half_is_matched_and_nothing_before_that():
    assert survival.median(survival_rows()) == 9.0
    assert survival.median(survival_rows()[:4]) is None
    assert "Fewer than half" in survival.alt(survival_rows()[:4])


def test_scores_that_should_be_low_step_downwards():
    rows = [replace(row, value=2 - row.value) for row in score_rows()]
    figure = CHARTS["benchmark-frontier"].figure(rows, unit="dollars", lower_is_better=True)
    closed = next(trace for trace in figure["data"] if trace["meta"]["role"] == "closed")
    assert closed["y"] == sorted(closed["y"], reverse=True)


def test_where_less_is_better_the_words_name_whoever_is_lowest():
    chart, rows = CHARTS["benchmark-frontier"], [row for row in score_rows() if row.released_on is not None]
    for best, ordered in (max, rows), (min, rows[::-1]):
        leader = best((row for row in rows if row.side == "open"), key=lambda row: row.value)
        assert f"Open weights: {leader.model} (A lab) leads" in chart.alt(ordered)


def test_a_proportion_is_drawn_in_per_cent_and_another_unit_as_it_is():
    rows = score_rows()
    tops = [
        max(CHARTS["benchmark-frontier"].figure(rows, unit=unit)["data"][-1]["y"]) for unit in ("proportion", "elo")
    ]
    assert tops[0] == pytest.approx(100 * tops[1])


def test_only_scores_in_per_cent_share_the_axis_of_a_model():
    mine = model_scores.figure(SAMPLES["model-scores"])["data"][-1]
    assert mine["x"] == [20.0, 30.0, 50.0]


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (-0.04, "0.0"), (-1.25, "−1.2"), (3.0, "3.0")])
def test_numbers_are_written_one_way(value, shown):
    assert number(value) == shown
