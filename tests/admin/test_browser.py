"""The desk in a real Chromium: fifty names by keyboard, keys that keep out of the way, and no word from the policy."""

import time

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.admin.test_pages import LISTS, OURS
from tests.admin.world import build
from tests.pipeline.steps import at, take_in
from tests.pipeline.vintages import LINES, PANEL, Line, panel
from tracker.models import AIModel, Decision, Unresolved

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUEUE = reverse("admin:tracker_unresolved_changelist")
STATUS = "#keyboard [data-status]"
# A listener in the page itself: a violation that the browser swallows leaves no word on the console.
WATCH = """
window.refusedByPolicy = [];
addEventListener("securitypolicyviolation", (found) =>
    refusedByPolicy.push(`${found.violatedDirective} ${found.sourceFile}:${found.lineNumber} ${found.sample}`));
"""


@pytest.fixture
def world(transactional_db, installed):
    build()


@pytest.fixture
def fifty(transactional_db, installed):
    take_in(PANEL, panel(*LINES, *(Line(f"gpt-example-mini-{n}b", "gpqa_diamond", 0.3) for n in range(50))), at(1))
    assert Unresolved.objects.filter(state="waiting", suggestion__isnull=False).count() == 50


@pytest.fixture
def at_desk(page, live_server, curator):
    """A curator has logged in; whatever goes wrong in the page from here on is kept."""
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.add_init_script(WATCH)
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Username").fill("ann")
    page.get_by_label("Password").fill("a long enough secret")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/admin/")
    page.faults = lambda: [*wrong, *page.evaluate("window.refusedByPolicy")]
    page.open = lambda address: page.goto(f"{live_server.url}{address}")
    return page


def begin(page) -> None:
    """Into the list as one comes there by keyboard."""
    page.open(QUEUE)
    page.get_by_role("button", name="Go to the list").focus()
    page.keyboard.press("Enter")


def focused(page) -> str:
    return page.evaluate("document.activeElement.querySelector('th a')?.textContent ?? ''")


def test_fifty_names_are_cleared_by_keyboard(fifty, at_desk):
    page, started = at_desk, time.monotonic()
    begin(page)
    for number in range(50):
        page.keyboard.press("i" if number % 5 == 4 else "a")
    expect(page.locator(STATUS)).to_contain_text("50 of 50 done", timeout=60_000)
    seconds = time.monotonic() - started
    assert not Unresolved.objects.filter(state="waiting").exists()
    kinds = list(Decision.objects.values_list("kind", flat=True))
    assert (kinds.count("accept-suggestion"), kinds.count("ignore-name")) == (40, 10)
    assert set(Decision.objects.values_list("by__username", flat=True)) == {"ann"}
    # Ten minutes are for reading: of fifty times twelve seconds the desk itself may take a tenth.
    assert seconds < 60
    assert page.faults() == []


def test_the_keys_move_mark_and_open(fifty, at_desk):
    page = at_desk
    begin(page)
    names = page.locator("#result_list tbody th a").all_text_contents()
    for key, at_row in (("j", 1), ("j", 2), ("k", 1), ("ArrowDown", 2), ("End", 49), ("j", 49), ("Home", 0), ("k", 0)):
        page.keyboard.press(key)
        assert focused(page) == names[at_row]
    page.keyboard.press("x")
    assert page.locator("#result_list input.action-select:checked").count() == 1
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.wait_for_url("**/change/**")
    assert page.get_by_role("heading", name=names[1], exact=True).is_visible()
    assert not Decision.objects.exists()


def test_the_last_decision_is_undone_by_key(fifty, at_desk):
    page = at_desk
    begin(page)
    first = focused(page)
    page.keyboard.press("a")
    page.keyboard.press("u")
    expect(page.locator(STATUS)).to_contain_text("decision undone")
    assert focused(page) == first
    assert Unresolved.objects.get(name=first).state == "waiting"


def test_a_refused_key_says_why_and_marks_the_row(fifty, at_desk):
    page = at_desk
    page.open(QUEUE)
    page.get_by_label("Reason").fill("")
    page.get_by_role("button", name="Go to the list").press("Enter")
    page.keyboard.press("a")
    page.wait_for_selector("tr.refused")
    assert page.locator(STATUS).text_content() == "A decision needs a reason."
    assert not Decision.objects.exists()


def test_single_keys_work_in_the_list_only_and_not_with_a_modifier(fifty, at_desk):
    page = at_desk
    page.open(QUEUE)
    search = page.locator("#searchbar")
    search.press_sequentially("aij")
    assert search.input_value() == "aij"
    page.locator("#result_list tbody input.action-select").first.focus()
    page.keyboard.press("a")
    begin(page)
    page.keyboard.press("Control+i")
    page.keyboard.press("Shift+a")
    page.keyboard.press("j")  # and the queue of requests is empty by then
    page.wait_for_timeout(300)
    assert not Decision.objects.exists()


def test_single_keys_can_be_switched_off_for_good(fifty, at_desk):
    page = at_desk
    page.open(QUEUE)
    page.get_by_label("Single keys work").uncheck()
    page.open(QUEUE)
    assert not page.get_by_label("Single keys work").is_checked()
    begin(page)
    first = focused(page)
    page.keyboard.press("a")
    page.keyboard.press("j")
    page.wait_for_timeout(300)
    assert focused(page) == first
    assert not Decision.objects.exists()


def test_a_search_field_is_used_by_keyboard_and_breaks_no_policy(world, at_desk):
    page = at_desk
    name = Unresolved.objects.get(name="gpt-example-mini-2")
    page.open(reverse("admin:tracker_unresolved_change", args=[name.pk]))
    page.locator("#explain .select2-selection").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("claude example 4")
    page.get_by_role("option", name="Claude Example 4").wait_for()
    page.keyboard.press("Enter")
    page.locator("#explain button[type=submit]").press("Enter")
    page.wait_for_url(f"**{QUEUE}")
    assert "Claude Example 4" in Decision.objects.get().words
    assert page.faults() == []


def test_no_page_of_the_desk_breaks_the_policy(world, at_desk):
    page = at_desk
    addresses = ["/admin/", *LISTS, "/admin/password_change/"]
    for model in OURS:
        row = model._default_manager.filter(state="quarantined").first() if model.__name__ == "Quarantined" else None
        row = row or model._default_manager.first()
        if row is not None:
            name = model._meta.model_name
            addresses += [reverse(f"admin:tracker_{name}_{what}", args=[row.pk]) for what in ("change", "history")]
    for address in addresses:
        page.open(address)
        assert page.faults() == [], address
    assert AIModel.objects.exists()


def test_the_desk_follows_the_sites_choice_of_dark_or_light(world, at_desk):
    page = at_desk

    def ground() -> str:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.evaluate("localStorage.setItem('theme', 'dark')")
    page.open(QUEUE)
    dark = ground()
    page.evaluate("localStorage.setItem('theme', 'light')")
    page.open(QUEUE)
    assert (dark, ground()) == ("rgb(22, 28, 36)", "rgb(255, 255, 255)")
