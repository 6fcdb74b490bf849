"""Explore: the live chart in the drawing's place, served by ourselves, read aloud point by point."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.drawings import DRAWINGS, todays
from tests.pages.addresses import QUERY

# The mark makes pytest-django create its database, which the one behind the site is a copy of.
pytestmark = [pytest.mark.browser, pytest.mark.django_db]

CHARTS = {
    "/gap/": ("frontier", "estimators", "lag", "survival", "vertical"),
    "/models/acme-two/": ("model-scores",),
    "/benchmarks/sums/": ("benchmark-frontier",),
    "/compare/?m=gpt-5&m=acme-two&m=birch-1": ("compared",),
    "/timeline/": ("events",),
    "/regions/": ("region-lags",),
}


def explored(page, slug):
    """The figure of that name with its live chart open."""
    figure = page.locator(f"figure#{slug}")
    figure.get_by_role("button", name="Explore").click()
    expect(figure.locator(".plot .main-svg").first).to_be_visible(timeout=60_000)
    return figure


PLACES = (
    ("/gap/", 1280, "light"),
    ("/models/acme-two/", 390, "light"),
    ("/benchmarks/sums/", 1280, "dark"),
    ("/gap/", 390, "dark"),
    ("/compare/?m=gpt-5&m=acme-two&m=birch-1", 390, "dark"),
    ("/timeline/", 390, "light"),
    ("/regions/", 1280, "light"),
)


@pytest.mark.parametrize(("address", "width", "scheme"), [place for _, place in todays(PLACES)])
def test_every_chart_opens_live_in_the_same_place(visit, address, width, scheme):
    window = visit(width, scheme)
    page = window.open(address)
    for slug in CHARTS[address]:
        before = page.locator(f"figure#{slug}").bounding_box()
        figure = explored(page, slug)
        after = figure.bounding_box()
        assert abs(after["height"] - before["height"]) < 4
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        figure.get_by_role("button", name="Close").click()
        assert figure.locator("svg.draw:visible").count() == 1
        assert window.faults() == []


def test_the_library_comes_once_and_only_when_it_is_asked_for(visit):
    window, asked = visit(), []
    window.page.on("request", lambda request: asked.append(request.url))
    page = window.open("/")
    assert not any("plotly" in url for url in asked)
    explored(page, "frontier")
    explored(page, "estimators")
    assert [url for url in asked if "plotly" in url] == [f"{window.site}/static/vendor/plotly.min.js"]


def test_arrow_keys_move_through_the_points_and_each_is_read_aloud(visit):
    page = visit().open("/charts/frontier/")
    figure = explored(page, "frontier")
    spoken = figure.locator("[role=status]")
    count = page.evaluate(
        "async () => (await (await fetch('/charts/frontier.json')).json()).figure.data"
        ".reduce((n, trace) => n + (trace.hovertext || []).length, 0)"
    )
    page.keyboard.press("ArrowRight")
    expect(spoken).to_contain_text(f"Point 1 of {count}.")
    first = spoken.inner_text()
    page.keyboard.press("ArrowRight")
    expect(spoken).to_contain_text(f"Point 2 of {count}.")
    assert spoken.inner_text() != first
    page.keyboard.press("ArrowLeft")
    assert spoken.inner_text() == first
    page.keyboard.press("End")
    expect(spoken).to_contain_text(f"Point {count} of {count}.")
    page.keyboard.press("ArrowRight")
    expect(spoken).to_contain_text(f"Point {count} of {count}.")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    assert f"Point 1 of {count}." not in spoken.inner_text()


def test_escape_closes_the_live_chart_and_gives_the_focus_back(visit):
    page = visit().open("/charts/lag/")
    figure = explored(page, "lag")
    assert page.evaluate("document.activeElement.className").startswith("plot")
    page.keyboard.press("Escape")
    expect(figure.locator(".plot")).to_have_count(0)
    assert page.evaluate("document.activeElement.textContent") == "Explore"
    page.keyboard.press("Enter")
    expect(figure.locator(".plot .main-svg").first).to_be_visible()


def test_a_live_chart_follows_the_theme(visit):
    page = visit(scheme="light").open("/charts/frontier/")
    figure = explored(page, "frontier")

    def ink():
        return figure.locator(".plot .xtick text").first.evaluate("e => getComputedStyle(e).fill")

    light = ink()
    page.get_by_role("button", name="Use the dark theme").click()
    expect(figure.locator(".plot .xtick text").first).not_to_have_css("fill", light)


# Every arrow key that there is a point for, pressed in the page itself.
WALK = """
(figure) => {
  const plot = figure.querySelector(".plot"), line = figure.querySelector(".live"), heard = [];
  const press = (key) => plot.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  for (let before = null; before !== line.textContent && heard.length < 5000;) {
    before = line.textContent;
    press("ArrowRight");
    if (line.textContent !== before) heard.push(line.textContent);
  }
  return heard;
}
"""


@pytest.mark.parametrize("slug", [slug for _, slug in todays(DRAWINGS)])
def test_every_point_of_every_chart_is_reached_and_tells_its_source(visit, slug):
    page = visit().open(f"/charts/{slug}/{QUERY.get(slug, '')}")
    figure = explored(page, slug)
    heard = figure.evaluate(WALK)
    rows = page.locator("#content > div > div > .table-box tbody tr").count()
    assert bool(heard) == bool(rows)
    for nth, words in enumerate(heard, 1):
        assert f"Point {nth} of {len(heard)}." in words
        assert "Source: " in words
        assert re.search(r"\d", words.partition("Point")[0]), words


def test_a_reader_is_told_that_a_chart_loads_and_why_it_does_not(visit):
    window = visit()
    page = window.page
    page.route("**/vendor/plotly.min.js", lambda route: route.abort())
    window.open("/charts/lag/")
    figure = page.locator("figure#lag")
    figure.get_by_role("button", name="Explore").click()
    expect(figure.locator("[role=status]")).to_contain_text("did not load. The drawing and its table show the same")
    assert figure.locator("svg.draw:visible").count() == 1
    assert figure.get_by_role("button", name="Explore").get_attribute("aria-busy") is None
    window.wrong.clear()  # the browser's own word on what was held back
    page.unroute("**/vendor/plotly.min.js")
    page.route("**/charts/lag.json*", lambda route: (page.wait_for_timeout(300), route.continue_()))
    figure.get_by_role("button", name="Explore").click()
    expect(figure.locator("[role=status]")).to_have_text("Loading the live chart…")
    expect(figure.locator(".plot .main-svg").first).to_be_visible(timeout=60_000)
    expect(figure.locator("[role=status]")).to_have_text("")
