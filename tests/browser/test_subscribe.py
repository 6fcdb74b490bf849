"""A reader's way in a browser, from the form to being forgotten: without scripts, and every page judged by axe."""

import re
import threading

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser import axe
from tracker.digest import readers, tokens

# The mark makes pytest-django create its database, which the one behind the site is a copy of.
pytestmark = [pytest.mark.browser, pytest.mark.django_db]
ANN = "ann@example.org"


def elsewhere(deed):
    """Do it as another process would: what a test writes is not committed, and the server would wait for it."""
    done = []

    def work():
        try:
            done.append(deed())
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    return done[0]


@pytest.fixture(autouse=True)
def addressed(site, settings):
    """Links lead to the server that is up, and its database keeps nobody."""
    from tracker.models import Attempts, Subscriber

    settings.SITE_URL = site
    yield
    elsewhere(Subscriber.objects.all().delete)
    elsewhere(Attempts.objects.all().delete)


def judge(page):
    """What axe finds in both widths and both themes, and whether the narrowest phone must scroll sideways."""
    found = []
    for width, scheme in ((1280, "light"), (390, "dark"), (390, "light"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{page.url} {width} {scheme} {fault}" for fault in axe.faults(page)]
    for width in (320, 640):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 900})
    assert found == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reader_subscribes_confirms_chooses_and_leaves(visit, site, scripts):
    from tracker.models import Subscriber

    window = visit(scripts=scripts)
    check = judge if scripts else lambda page: None
    page = window.open("/subscribe/")
    check(page)
    page.get_by_label("Your e-mail address").fill(ANN)
    page.get_by_label("Find labs by name").fill("birch")
    page.get_by_label("Find labs by name").press("Enter")
    expect(page.get_by_label("Your e-mail address")).to_have_value(ANN)
    page.get_by_label("Birch", exact=True).check()
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
    check(page)
    assert elsewhere(lambda: readers.send_confirmations(now=timezone.now(), by="worker")) == 1
    (link,) = re.findall(r"http://\S+/confirm/\S+/", mail.outbox[-1].body)
    page.goto(link)
    check(page)
    page.get_by_role("button", name="Send me the weekly digest").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are subscribed")
    check(page)
    ann = Subscriber.objects.get()
    assert (ann.state, ann.labs) == ("active", ["birch"])
    page.get_by_role("link", name="Choose topics, labs and pace").click()
    expect(page.get_by_label("Birch", exact=True)).to_be_checked()
    check(page)
    page.get_by_label("Plain text only").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    check(page)
    with page.expect_download() as loaded:
        page.get_by_role("button", name="Download all that we know of you").click()
    assert loaded.value.suggested_filename == "ai-landscape-my-data.json"
    page.get_by_role("link", name="Unsubscribe", exact=True).click()
    check(page)
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are unsubscribed")
    check(page)
    ann.refresh_from_db()
    assert (ann.state, ann.text_only) == ("left", True)
    page.goto(tokens.preferences_url(ann))
    check(page)
    page.get_by_label("I want my address and my choices erased now").check()
    page.get_by_role("button", name="Erase").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are forgotten")
    check(page)
    assert not Subscriber.objects.exists()


def test_a_form_that_was_filled_in_wrongly_says_so_to_every_reader(visit):
    window = visit()
    page = window.open("/subscribe/")
    page.get_by_label("Your e-mail address").fill("ann@host")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("alert")).to_contain_text("no e-mail address")
    judge(page)
    # The answer is meant to be a refusal, and is reported as one.
    assert all("400" in fault for fault in window.wrong)
    window.wrong.clear()
