"""The way to the desk in a real browser with a real passkey: the first login, the second, and the pages by axe."""

import base64
import re

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser import axe
from tracker.accounts import codes
from tracker.models import Passkey

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long enough secret"


@pytest.fixture
def site(live_server):
    """Under a name, because browsers keep no passkeys for numbers; the world is not needed."""
    assert live_server.url.startswith("http://localhost:")
    return live_server.url


@pytest.fixture
def ann(transactional_db):
    return User.objects.create_superuser("ann", password=PASSWORD)


def judged(page, where):
    found = []
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{where} {width} {scheme} {fault}" for fault in axe.faults(page)]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{where} {width}: {wide} px too wide"] if wide > 0 else []
    return found


def key_in(context, page):
    """A device with a passkey store, as the browser's own developer tools offer it."""
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": {**kind, "isUserVerified": True}})


def log_in(page):
    page.get_by_label("Username").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def test_a_passkey_is_made_at_the_first_login_and_opens_the_second(visit, site, ann):
    window = visit()
    page = window.page
    key_in(page.context, page)
    page.goto(f"{site}/admin/")
    found = judged(page, "password")
    log_in(page)
    expect(page.get_by_role("heading", name="Add a second factor")).to_be_visible()
    found += judged(page, "enrol")
    page.get_by_label("What to call it").fill("This machine")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert page.locator(".recovery code").count() == codes.RECOVERY_CODES
    found += judged(page, "codes")
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url(f"{site}/admin/")
    page.get_by_role("link", name="Second factors").click()
    expect(page.get_by_text("Passkey “This machine”")).to_be_visible()
    found += judged(page, "mine")
    with page.expect_navigation():
        page.get_by_role("button", name="Log out").click()
    page.goto(f"{site}/admin/")
    log_in(page)
    expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()
    found += judged(page, "show")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{site}/admin/")
    assert Passkey.objects.get().sign_count > 0
    assert found == []


def test_without_scripts_an_apps_codes_open_the_desk(visit, site, ann):
    page = visit(width=390, scripts=False).open("/admin/")
    log_in(page)
    assert page.get_by_role("button", name="Make a passkey").count() == 0
    secret = re.sub(r"\W", "", page.locator("code.secret").inner_text())
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    page.get_by_label("The six digits").fill(codes.code(key, codes.step_of(timezone.now())))
    page.keyboard.press("Enter")
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url(f"{site}/admin/")
