"""The drawing knows every kind of mark a figure may hold, not only those of today's charts."""

import io
import math
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis.strategies import booleans, floats, lists, tuples

from tests.charts.pictures import SVG, outlines, parsed
from tests.charts.samples import SAMPLES
from tracker.charts import CHARTS, measuring, painting, strict
from tracker.charts.drawing import svg
from tracker.charts.marks import Words
from tracker.charts.painting import png
from tracker.charts.sketch import sketch
from tracker.charts.theme import LIGHT, axis, blank, dots, fade, line


def picture(figure, **more):
    return parsed(svg(figure, title="T", description="D", **more))


def paths(root, colour):
    return [p for p in root.iter(f"{SVG}path") if LIGHT[colour] in (p.get("fill"), p.get("stroke"))]


def figure(*traces, x=None, y=None):
    made = blank(x=x or axis("x"), y=y or axis("y"))
    made["data"].extend(traces)
    return made


@pytest.mark.parametrize("across", [True, False])
def test_bars_are_as_long_as_their_values(across):
    names, values = ["one", "two"], [10.0, 20.0]
    bar = {"type": "bar", "name": "B", "orientation": "h" if across else "v", "marker": {"color": LIGHT["open"]}}
    bar |= {"x": values, "y": names} if across else {"x": names, "y": values}
    category, linear = axis("", "category"), axis("Number", rangemode="tozero")
    root = picture(figure(bar, x=linear if across else category, y=category if across else linear))
    (path,) = paths(root, "open")
    lengths = []
    for outline in outlines(path.get("d")):
        at = [spot[0 if across else 1] for spot in outline]
        lengths.append(max(at) - min(at))
    assert lengths[1] == pytest.approx(2 * lengths[0], rel=0.01)


def test_an_area_between_two_lines_is_filled():
    low, high = line("gap", [1, 2], [1.0, 1.0], markers=False), line("open", [1, 2], [2.0, 3.0], markers=False)
    high |= {"fill": "tonexty", "fillcolor": fade("open", 0.2)}
    (area,) = [p for p in paths(picture(figure(low, high)), "open") if p.get("fill") == LIGHT["open"]]
    assert area.get("fill-opacity", area.get("opacity")) == "0.2"


def test_error_bars_reach_to_their_ends():
    trace = dots("gap", [2.0], [1.0], name="N", opacity=1)
    trace["error_x"] = {"array": [3.0], "arrayminus": [1.0], "color": LIGHT["ink"]}
    root = picture(figure(trace, x=axis("x", range=[0, 10]), y=axis("y", range=[0, 2])))
    runs = [run for path in paths(root, "ink") for run in outlines(path.get("d"))]
    left, right = next((run[0][0], run[1][0]) for run in runs if len(run) == 2 and run[0][1] == run[1][1])
    ticks = {t.text: float(t.get("x")) for t in root.iter(f"{SVG}text") if t.text in ("0", "10")}
    unit = (ticks["10"] - ticks["0"]) / 10
    assert right - left == pytest.approx(4 * unit, rel=0.03)


@pytest.mark.parametrize(
    "symbol", ["circle", "square", "diamond", "circle-open", "square-open", "line-ns-open", "line-ew-open"]
)
def test_every_marker_is_drawn(symbol):
    trace = dots("open", [1, 2, 3], [1.0, 2.0, 3.0], name="N")
    trace["marker"]["symbol"] = symbol
    assert paths(picture(figure(trace)), "open")


def test_an_unknown_marker_is_refused():
    trace = dots("open", [1], [1.0], name="N")
    trace["marker"]["symbol"] = "hourglass"
    with pytest.raises(ValueError, match="hourglass"):
        svg(figure(trace), title="T", description="D")


def test_points_off_the_axis_are_not_drawn():
    trace = dots("open", [1, 2, 3], [1.0, 50.0, 2.0], name="N")
    (path,) = paths(picture(figure(trace, y=axis("y", range=[0, 10]))), "open")
    assert len(outlines(path.get("d"))) == 2


def test_text_is_escaped_and_stays_text():
    trace = line("open", [1, 2, 3], [1.0, 3.0, 5.0], text=["", "a < b & $c$", ""])
    written = svg(figure(trace), title="<T> & co", description="D")
    assert {"a < b & $c$", "<T> & co"} <= {element.text for element in parsed(written).iter()}


def test_a_logarithmic_axis_spaces_powers_evenly():
    root = picture(figure(dots("open", [1, 10, 100], [1, 2, 3], name="N"), x=axis("x", "log")))
    (path,) = paths(root, "open")
    one, two, three = (run[0][0] for run in outlines(path.get("d")))
    assert two - one == pytest.approx(three - two, abs=0.2)


@given(lists(lists(tuples(*[floats(0, 960)] * 2), min_size=2, max_size=40), min_size=1, max_size=5), booleans())
def test_points_told_from_one_another_stand_where_they_were_put(runs, closed):
    for run, drawn in zip(runs, outlines(strict._compact(runs, closed=closed)), strict=True):
        # A piece that is shorter than the precision may be left out.
        for x, y in run:
            assert any(abs(x - u) <= 0.0501 and abs(y - v) <= 0.0501 for u, v in drawn)
        assert len(drawn) <= len(run) + 1


def test_drawings_made_at_once_are_those_made_one_by_one():
    figures = [figure(line("open", [1, 2, 3], [float(nth), 2.0, 3.0])) for nth in range(4)]

    def draw(one):
        return svg(one, title="T", description="D"), png(one)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(draw, figures)) == [draw(one) for one in figures]


@pytest.mark.parametrize("slug", sorted(CHARTS))
@pytest.mark.parametrize("variant", ["wide", "narrow"])
def test_the_svg_has_every_line_and_word_that_matplotlib_paints(slug, variant):
    made = CHARTS[slug].figure(SAMPLES[slug])
    sheet = sketch(made, measure=measuring.measure, variant=variant, width=None, height=None, heading=None)
    # A halo is painted as outlines of letters.
    sheet.items = [replace(item, halo=False) if isinstance(item, Words) else item for item in sheet.items]
    with mpl.rc_context({"svg.fonttype": "none", "path.simplify": False, "text.parse_math": False}):
        painted = io.StringIO()
        painting._painted(sheet, dpi=72).savefig(painted, format="svg")
    theirs, ours = parsed(painted.getvalue()), parsed(svg(made, title="T", description="D", variant=variant))
    groups = [group for group in theirs.iter(f"{SVG}g") if group.get("id") not in ("figure_1", "patch_1")]
    spots = {
        (round(float(x)), round(float(y)))
        for group in groups
        for path in group.findall(f"{SVG}path")
        for x, y in re.findall(r"[ML] ?(-?[\d.]+(?:e-?\d+)?) (-?[\d.]+(?:e-?\d+)?)", path.get("d"))
    }
    drawn = {
        (math.floor(x + dx), math.floor(y + dy))
        for path in ours.iter(f"{SVG}path")
        for run in outlines(path.get("d"))
        for x, y in run
        for dx in (0.3, 0.7)
        for dy in (0.3, 0.7)
    }
    assert len(spots) > 5
    assert spots - drawn == set()
    said = [text.text for group in groups for text in group.findall(f"{SVG}text")]
    assert sorted(said) == sorted(text.text for text in ours.iter(f"{SVG}text"))


@pytest.mark.parametrize("slug", sorted(CHARTS))
def test_no_word_has_a_halo_of_its_own_colour(slug):
    """It would fill the letters."""
    words = parsed(svg(CHARTS[slug].figure(SAMPLES[slug]), title="T", description="D")).iter(f"{SVG}text")
    assert [word.text for word in words if word.get("fill") == word.get("stroke")] == []
