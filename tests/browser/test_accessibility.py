"""Every page against WCAG 2.2 AA as far as a program can judge it: on a desk and a phone, light and dark, unfolded."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.drawings import ALL, DRAWINGS, todays
from tests.pages.addresses import PAGES, QUERY

# The mark makes pytest-django create its database, which the one behind the site is a copy of.
pytestmark = [pytest.mark.browser, pytest.mark.django_db]

STATES = tuple((width, scheme) for width in (1280, 390) for scheme in ("light", "dark"))
# Each page in one of the states: neighbours in the list, which share most of their templates, in different ones.
# AXE_ALL=1 takes all of them.
FRAMES = tuple(f"/embed/{slug}/{QUERY.get(slug, '')}" for slug in ("frontier", "model-scores", "waterfall"))
OTHERS = (
    *FRAMES,
    "/snapshots/1/",
    "/facts/release/1/",
    "/facts/score/1/",
    "/?as_of=2026-04-15",
    "/?as_of=2019-01-01",
)
# Without AXE_ALL a page stands for its filtered forms, and the charts that are also opened for the pages of all.
LOOKED_AT = [
    address
    for address in (*PAGES, *OTHERS)
    if ALL or address in OTHERS or ("?" not in address and not address.startswith("/charts/"))
] + ([] if ALL else [f"/charts/{slug}/{QUERY.get(slug, '')}" for slug in DRAWINGS])
# What a reader can open is opened: axe looks at nothing that is folded away.
OPEN_ALL = "for (const one of document.querySelectorAll('main details')) one.open = true"


def judged(page, turn):
    """What axe says in the state whose turn it is, or in all, each fault with the state it was found in."""
    found = []
    for width, scheme in STATES if ALL else [STATES[turn % len(STATES)]]:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{width} {scheme} {fault}" for fault in axe.faults(page)]
    return found


@pytest.mark.parametrize(("turn", "address"), todays(LOOKED_AT))
def test_axe_finds_nothing_wrong_with_a_page(visit, turn, address):
    page = visit().open(address)
    page.evaluate(OPEN_ALL)
    assert judged(page, turn) == []
    # A phone of the narrowest kind, and a desk's window whose words are shown at twice their size.
    for width in (320, 640):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("turn", "slug"), todays(DRAWINGS))
def test_axe_finds_nothing_wrong_with_a_chart_that_was_opened(visit, turn, slug):
    page = visit().open(f"/charts/{slug}/{QUERY.get(slug, '')}")
    figure = page.locator(f"figure#{slug}")
    figure.get_by_role("button", name="Explore").click()
    expect(figure.locator(".plot .main-svg").first).to_be_visible(timeout=60_000)
    page.keyboard.press("ArrowRight")
    assert judged(page, turn) == []


def test_axe_finds_nothing_wrong_with_the_open_menu_of_a_phone(visit):
    page = visit(390).open("/")
    page.locator("details.nav-narrow summary").click()
    assert axe.faults(page) == []
