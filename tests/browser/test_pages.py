"""Pages as a reader sees them: on a desk and on a phone, light and dark, by keyboard, without scripts, on paper."""

import re

import pytest
from playwright.sync_api import expect

from tracker.views.page import NAVIGATION

# The mark makes pytest-django create its database, which the one behind the site is a copy of.
pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PAGES = (
    "/",
    "/gap/",
    "/gap/?scope=public&open=osi&as_of=2026-04-15",
    "/models/",
    "/models/acme-two/",
    "/benchmarks/",
    "/benchmarks/sums/",
    "/pipeline/",
    "/pipeline/epoch_panel/",
    "/methods/",
    "/charts/frontier/",
    "/snapshots/1/",
)
WIDE, NARROW = 1280, 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_no_page_is_wider_than_its_window_or_breaks_in_it(visit, width, scheme):
    window = visit(width, scheme)
    for address in PAGES:
        page = window.open(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert page.locator("h1").is_visible()
        assert window.faults() == [], address


@pytest.mark.parametrize(("width", "shown"), [(WIDE, 0), (NARROW, 1)])
def test_each_window_gets_the_drawing_made_for_it(visit, width, shown):
    page = visit(width).open("/gap/")
    for figure in page.locator("figure.chart").all():
        drawings = figure.locator("svg.draw")
        assert [drawing.is_visible() for drawing in drawings.all()] == [nth == shown for nth in range(2)]
        box = drawings.nth(shown).bounding_box()
        assert box["width"] <= width
        assert box["height"] > 150


def test_dark_and_light_are_different_and_both_legible(visit):
    def colours(scheme):
        page = visit(WIDE, scheme).open("/")
        return page.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")

    def brightness(colour):
        return sum(float(part) for part in re.findall(r"[\d.]+", colour)[:3])

    (light, dark_ink), (dark, light_ink) = colours("light"), colours("dark")
    assert brightness(light) > brightness(dark_ink) + 300
    assert brightness(light_ink) > brightness(dark) + 300


def test_a_chosen_theme_stays_over_pages_and_reloads(visit):
    window = visit(WIDE, "light")
    page = window.open("/")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Use the dark theme").click()
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert after != before
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after
    window.open("/models/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.get_by_role("button", name="Use the light theme").click()
    window.open("/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == before


def focused(page):
    return page.evaluate("document.activeElement.textContent.trim()")


def test_the_content_and_every_page_can_be_reached_by_keyboard(visit):
    page = visit().open("/")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    assert page.locator(".skip").is_visible()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.reload()
    reached = []
    names = [name for name, _ in NAVIGATION]
    for _ in range(3 + len(names)):
        page.keyboard.press("Tab")
        reached.append(focused(page))
    assert reached[2 : 2 + len(names)] == names
    page.locator("nav.nav-wide a", has_text="Models").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/models/$"))


def test_what_has_the_focus_is_outlined(visit):
    page = visit().open("/gap/")
    for _ in range(12):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(s => [s.outlineStyle, s.outlineWidth, s.boxShadow])(getComputedStyle(document.activeElement))"
        )
        assert (style[0] != "none" and style[1] != "0px") or style[2] != "none", focused(page)


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(visit):
    page = visit(NARROW).open("/")
    menu = page.locator("details.nav-narrow")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    assert menu.locator("a", has_text="Methods").is_visible()
    page.keyboard.press("Escape")
    assert not menu.locator("a", has_text="Methods").is_visible()
    assert focused(page) == "Menu"


def test_what_a_finger_aims_at_is_large_enough(visit):
    page = visit(NARROW).open("/gap/")
    for target in page.locator("button:visible, select:visible, summary:visible, input:visible").all():
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 24, target.evaluate("e => e.outerHTML.slice(0, 80)")


def test_a_table_is_sorted_by_its_headings(visit):
    page = visit().open("/benchmarks/")
    table = page.locator("table[data-sortable]").first

    def column(nth):
        return [cell.inner_text() for cell in table.locator(f"tbody tr > :nth-child({nth})").all()]

    heading = table.get_by_role("button", name="Benchmark", exact=True)
    heading.click()
    assert column(1) == sorted(column(1), key=str.lower)
    expect(table.locator("th").first).to_have_attribute("aria-sort", "ascending")
    heading.click()
    assert column(1) == sorted(column(1), key=str.lower, reverse=True)
    headings = [text.split()[0] for text in table.locator("thead th").all_inner_texts()]
    table.get_by_role("button", name="Difficulty").click()
    found = column(headings.index("Difficulty") + 1)
    told = [float(text) for text in found if text != "–"]
    assert told == sorted(told, reverse=True)
    assert found[len(told) :] == ["–"] * (len(found) - len(told))


def test_a_long_table_can_be_narrowed_by_keyboard_without_anything_moving(visit):
    window = visit()
    window.page.add_init_script(
        "window.moved = 0; new PerformanceObserver((list) => {"
        "for (const one of list.getEntries()) window.moved += one.hadRecentInput ? 0 : one.value;"
        "}).observe({ type: 'layout-shift', buffered: true });"
    )
    page = window.open("/charts/lag/")
    box = page.get_by_role("group", name="All rows")
    rows = box.locator("tbody tr")
    every, first = rows.count(), rows.first.locator("th").inner_text()
    box.get_by_role("searchbox").focus()
    page.keyboard.type(first)
    expect(box.get_by_role("status")).to_have_text(f"1 of {every} rows")
    assert box.locator("tbody tr:visible").count() == 1
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    assert box.locator("tbody tr:visible").count() == every
    assert page.evaluate("window.moved") < 0.01


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_tables_caption_is_read_whole_wherever_the_table_is_scrolled_to(visit, width):
    page = visit(width).open("/benchmarks/health/")
    inside = """() => [...document.querySelectorAll(".table-box")].filter((box) => box.offsetWidth).map((box) => {
        const caption = box.querySelector("caption").getBoundingClientRect(), seen = box.getBoundingClientRect();
        return [caption.left - seen.left, seen.right - caption.right];
    })"""
    for scrolled in (0, 150):
        page.evaluate(
            "(by) => document.querySelectorAll('.table-box').forEach((box) => { box.scrollLeft = by; })", scrolled
        )
        found = page.evaluate(inside)
        assert found
        assert all(left > -2 and right > -2 for left, right in found)


def test_a_name_made_of_markup_is_read_as_it_is_written(visit):
    page = visit().open("/models/acme-two/")
    assert page.locator("h1").inner_text() == 'Acme "Two" & <i>Co</i>'
    assert "Acme <b>Labs</b>" in page.locator(".lede").first.inner_text()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_without_scripts_everything_is_there_but_the_live_charts(visit, width):
    window = visit(width, scripts=False)
    page = window.open("/gap/")
    assert re.search(r"\d\.\d months", page.locator("#answer").inner_text())
    figure = page.locator("figure.chart").first
    assert figure.locator("svg:visible").count() == 1
    figure.locator("summary", has_text="Show as table").click()
    assert figure.locator("tbody tr").first.is_visible()
    assert not page.get_by_role("button", name="Explore").first.is_visible()
    assert not page.locator("[data-theme-switch]").is_visible()
    page.locator("#scope").select_option("public")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("scope=public"))
    assert "Public benchmarks" in page.locator("main").inner_text()
    if width == NARROW:
        page.locator("details.nav-narrow summary").click()
    page.locator("nav:visible a", has_text="Models").first.click()
    expect(page.locator("tbody tr")).to_have_count(26)


def test_on_paper_every_chart_has_its_table_and_navigation_is_gone(visit):
    page = visit().open("/gap/")
    assert not page.locator("figure.chart tbody tr").first.is_visible()
    assert page.pdf().startswith(b"%PDF")
    page.emulate_media(media="print")
    for figure in page.locator("figure.chart").all():
        assert figure.locator("tbody tr").first.is_visible()
        assert figure.locator("svg:visible").count() == 1
    assert not page.locator("header nav").first.is_visible()
    assert not page.get_by_role("button", name="Explore").first.is_visible()
