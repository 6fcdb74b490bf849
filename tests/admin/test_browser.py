"""The desk in a real Chromium: fifty names by keyboard, keys that keep out of the way, and no word from the policy."""

import logging
import time
from collections import Counter

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from tests import kept
from tests.admin.test_pages import LISTS, OURS
from tests.admin.world import build
from tests.entering import Entered
from tests.pipeline.steps import at, take_in
from tests.pipeline.vintages import LINES, PANEL, Line, panel
from tracker.models import AIModel, Decision, NamedSetting, Unresolved

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUEUE = reverse("admin:tracker_unresolved_changelist")
STATUS = "#keyboard [data-status]"
# The list has the focus again, or is empty.
READY = "#result_list tbody tr:focus, #changelist-form:not(:has(#result_list))"
# A listener in the page itself: a violation that the browser swallows leaves no word on the console.
WATCH = """
window.refusedByPolicy = [];
addEventListener("securitypolicyviolation", (found) =>
    refusedByPolicy.push(`${found.violatedDirective} ${found.sourceFile}:${found.lineNumber} ${found.sample}`));
"""


@pytest.fixture
def world(transactional_db, installed):
    kept.put("desk", build)


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
    entered = Entered()
    entered.force_login(curator)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": entered.cookies[name].value, "url": live_server.url}])
    page.goto(f"{live_server.url}/admin/")
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


@pytest.fixture
def mixed(transactional_db, installed):
    """Fifty names as they come: most are what they look like, some are nothing, some are new, some hold a setting."""
    names = [f"gpt-example-mini-{n}b" for n in range(34)] + [f"gpt-example-junk-{n}" for n in range(6)]
    names += [f"gpt-example-new-{n}" for n in range(5)] + [f"claude-example-4 with tool {n}" for n in range(5)]
    take_in(PANEL, panel(*LINES, *(Line(name, "gpqa_diamond", 0.3) for name in names)), at(1))
    assert Unresolved.objects.filter(state="waiting", suggestion__isnull=False).count() == 50


def test_fifty_names_are_cleared_by_keyboard(mixed, at_desk):
    page, started, keys = at_desk, time.monotonic(), 0

    def press(key: str) -> None:
        nonlocal keys
        page.keyboard.press(key)
        keys += 1

    begin(page)
    for _ in range(50):
        name = focused(page)
        assert Unresolved.objects.filter(name=name).exists(), "a row has the focus after every decision"
        if "-new-" in name or " with " in name:
            verb = "create" if "-new-" in name else "split"
            press(verb[0])
            page.wait_for_url(f"**/change/**#{verb}")
            expect(page.locator(f"#{verb} button[type=submit]")).to_be_focused()
            press("Enter")
            page.wait_for_url(f"**{QUEUE}**")
            expect(page.locator(READY)).to_be_attached()
        else:
            press("i" if "-junk-" in name else "a")
    assert page.locator("tr.refused").count() == 0
    deadline = time.monotonic() + 30
    while Unresolved.objects.filter(state="waiting").exists() and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    seconds = time.monotonic() - started
    assert not Unresolved.objects.filter(state="waiting").exists()
    kinds = Counter(Decision.objects.values_list("kind", flat=True))
    assert kinds == {"accept-suggestion": 34, "ignore-name": 6, "create-model": 5, "split-setting": 5}
    assert set(Decision.objects.values_list("by__username", flat=True)) == {"ann"}
    assert NamedSetting.objects.count() == 5
    assert keys == 60
    # Ten minutes are for reading: of fifty times twelve seconds the desk itself may take a tenth.
    assert seconds < 60
    logging.getLogger(__name__).info("fifty names: %d keystrokes, %.1f seconds", keys, seconds)
    assert page.faults() == []


def test_a_reason_is_written_once_and_found_again(fifty, at_desk):
    page = at_desk
    page.open(QUEUE)
    page.get_by_label("Reason").fill("Read on the lab's page")
    page.get_by_role("button", name="Go to the list").press("Enter")
    page.keyboard.press("a")
    expect(page.locator(STATUS)).to_contain_text("1 of 50 done")
    page.open(QUEUE)
    assert page.get_by_label("Reason").input_value() == "Read on the lab's page"
    begin(page)
    for _ in range(2):
        page.keyboard.press("c")
        reason = page.locator("#create input[name=create-reason]")
        if _:
            expect(reason).to_have_value("Read on its card")
        reason.fill("Read on its card")
        page.locator("#create button[type=submit]").press("Enter")
        page.wait_for_url(f"**{QUEUE}**")
    assert list(Decision.objects.order_by("pk").values_list("reason", flat=True)) == [
        "Read on the lab's page", "Read on its card", "Read on its card",
    ]  # fmt: skip


def test_a_form_that_needs_more_takes_the_keyboard_to_what_is_missing(fifty, at_desk):
    page = at_desk
    begin(page)
    page.keyboard.press("e")
    page.wait_for_url("**/change/**#explain")
    expect(page.locator("#explain .select2-selection")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("claude example 4")
    page.get_by_role("option", name="Claude Example 4").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.faults() == []


def test_coming_back_undecided_the_list_goes_on_at_the_row_that_was_left(fifty, at_desk):
    page = at_desk
    begin(page)
    page.keyboard.press("j")
    name = focused(page)
    page.keyboard.press("s")
    page.wait_for_url("**/change/**#split")
    page.open(QUEUE)
    expect(page.locator("#result_list tbody tr:focus")).to_contain_text(name)
    assert not Decision.objects.exists()


def test_the_keys_are_told_on_the_page_and_by_a_key(fifty, at_desk):
    page = at_desk
    begin(page)
    told = page.locator("[data-help] kbd").all_text_contents()
    assert set(told) >= {"j", "k", "a", "i", "c", "s", "e", "x", "u", "?"}
    page.keyboard.press("?")
    expect(page.locator(STATUS)).to_contain_text("accept the suggestion")


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
            # A history looks the same of everything.
            shown = ("change", "history") if model is AIModel else ("change",)
            addresses += [reverse(f"admin:tracker_{name}_{what}", args=[row.pk]) for what in shown]
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
