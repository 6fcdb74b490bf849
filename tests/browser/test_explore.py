"""Explore: the live chart in the drawing's place, served by ourselves, read aloud point by point."""

import pytest
from playwright.sync_api import expect

# The mark makes pytest-django create its database, which the one behind the site is a copy of.
pytestmark = [pytest.mark.browser, pytest.mark.django_db]

CHARTS = {
    "/gap/": ("frontier", "estimators", "lag", "survival", "vertical"),
    "/models/acme-two/": ("model-scores",),
    "/benchmarks/sums/": ("benchmark-frontier",),
}


def explored(page, slug):
    """The figure of that name with its live chart open."""
    figure = page.locator(f"figure#{slug}")
    figure.get_by_role("button", name="Explore").click()
    expect(figure.locator(".plot .main-svg").first).to_be_visible(timeout=15_000)
    return figure


@pytest.mark.parametrize(
    ("address", "width", "scheme"),
    [
        ("/gap/", 1280, "light"),
        ("/gap/", 390, "dark"),
        ("/models/acme-two/", 390, "light"),
        ("/benchmarks/sums/", 1280, "dark"),
    ],
)
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
