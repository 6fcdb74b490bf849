"""Series can be told apart by colour-blind readers, stand out on both grounds, and are the style sheet's own."""

import itertools
import re
from pathlib import Path

import pytest

from tests.charts.colour import SIGHT, contrast, difference, lab
from tracker.charts.theme import DARK, LIGHT, ROLES

SHEET = (Path(__file__).parents[2] / "static" / "css" / "site.css").read_text()
THEMES = {"light": LIGHT, "dark": DARK}
SERIES = sorted({role.colour for role in ROLES.values()})


def declared(selector):
    """The custom properties of each block under this selector."""
    found = re.findall(re.escape(selector) + r"\s*\{(.*?)\}", SHEET, re.S)
    return [dict(re.findall(r"--([\w-]+):\s*([^;]+);", block)) for block in found]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_differences_are_those_of_the_published_test_data(one, other, expected):
    assert difference(one, other) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHT)
def test_series_differ_by_fifteen_for_every_kind_of_sight(theme, sight):
    colours = THEMES[theme]
    worst = min(
        difference(lab(colours[one], sight), lab(colours[other], sight))
        for one, other in itertools.combinations(SERIES, 2)
    )
    assert worst >= 15


@pytest.mark.parametrize("theme", THEMES)
def test_series_stand_out_from_the_paper_and_carry_text(theme):
    colours = THEMES[theme]
    for token in SERIES:
        assert contrast(colours[token], colours["paper"]) >= 4.5
    assert contrast(colours["muted"], colours["paper"]) >= 4.5
    assert contrast(colours["axis"], colours["paper"]) >= 3


def test_no_two_series_share_a_dash_and_a_marker():
    looks = {(role.dash, role.symbol) for role in ROLES.values()}
    assert len(looks) == len(ROLES)


def test_the_style_sheet_has_the_charts_colours():
    (light, *_) = declared(":root")
    assert {token: light[token] for token in LIGHT} == LIGHT


def test_both_ways_into_the_dark_lead_to_the_same_colours():
    (by_system,) = [b for b in declared(':root:not([data-theme="light"])') if "open" in b]
    (by_choice,) = [b for b in declared(':root[data-theme="dark"]') if "paper" in b and b["paper"] == DARK["paper"]]
    assert by_system == by_choice
    assert {token: by_system[token] for token in DARK} == DARK


@pytest.mark.parametrize("text", ["ink", "muted", "closed", "open", "good", "warn", "bad"])
@pytest.mark.parametrize("ground", ["page", "paper"])
def test_text_is_readable_on_both_grounds_in_both_themes(text, ground):
    (light, *_) = declared(":root")
    (dark,) = [b for b in declared(':root:not([data-theme="light"])') if "open" in b]
    for tokens in (light, dark):
        assert contrast(tokens[text], tokens[ground]) >= 4.5


@pytest.mark.parametrize("state", ["good", "warn", "bad"])
def test_a_state_is_readable_on_its_own_tint(state):
    (light, *_) = declared(":root")
    (dark,) = [b for b in declared(':root:not([data-theme="light"])') if "open" in b]
    for tokens in (light, dark):
        assert contrast(tokens[state], tokens[f"{state}-soft"]) >= 4.5


def test_every_colour_class_of_a_drawing_is_in_the_style_sheet():
    for token in LIGHT:
        assert f".f-{token} " in SHEET
        assert f".s-{token}" in SHEET


def test_the_style_sheet_stays_small():
    assert len(SHEET.encode()) <= 30_000
