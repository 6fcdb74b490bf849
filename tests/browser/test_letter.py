"""The letter and its archive in a real browser: narrow and wide, light and dark, with its pictures and without."""

import io
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.mail import get_connection
from django.test import override_settings
from PIL import Image

from tests.browser import axe
from tests.digest.letters import NOTE, PICTURES, WEEK, content
from tests.entering import Entered
from tracker.digest import letter, mailbox, render
from tracker.digest.pictures import height

# The mark makes pytest-django create its database, which the one behind the site is a copy of.
pytestmark = [pytest.mark.browser, pytest.mark.django_db]

STATES = tuple((width, scheme) for width in (320, 600) for scheme in ("light", "dark"))
# A mail program shows a letter inside a page of its own, which has the landmarks.
INSIDE = """
() => {
  const main = document.createElement("main");
  main.append(...document.body.childNodes);
  document.body.append(main);
}
"""
LINKS = render.Links("https://x.example", "https://x.example/u/", "https://x.example/p/", "https://x.example/a/")


def png(name):
    found = io.BytesIO()
    Image.new("RGB", (1104, 2 * height(name)), "white").save(found, "PNG")
    return found.getvalue()


@pytest.fixture
def shown(browser):
    """The letter in a window: shown(320, "dark", pictures=False)."""
    opened = []

    def show(width, scheme, *, pictures=True):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        opened.append(context)
        page = context.new_page()
        asked = []

        def answer(route):
            asked.append(route.request.url)
            name = route.request.url.rpartition("/")[2].removesuffix(".png")
            route.fulfill(body=png(name), content_type="image/png") if pictures else route.abort()

        page.route("**/*", answer)
        page.set_content(render.issue(content(), note=NOTE, links=LINKS).html, wait_until="load")
        page.evaluate(INSIDE)
        return page, asked

    yield show
    for context in opened:
        context.close()


@pytest.mark.parametrize(("width", "scheme"), STATES)
def test_axe_finds_nothing_wrong_with_the_letter_and_nothing_is_cut_off(shown, width, scheme):
    page, asked = shown(width, scheme)
    assert axe.faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert asked == [f"https://x.example/digest/{WEEK}/{picture.name}.png" for picture in PICTURES]


def test_the_dark_letter_is_dark(shown):
    page, _ = shown(600, "dark")
    tokens = {name: page.evaluate(COLOUR, name) for name in (".paper", ".sunk", ".page", "body")}
    rgb = {name: "rgb({}, {}, {})".format(*bytes.fromhex(value[1:])) for name, value in render.tokens()["dark"].items()}
    assert tokens == {".paper": rgb["paper"], ".sunk": rgb["sunk"], ".page": rgb["page"], "body": rgb["page"]}


COLOUR = "name => getComputedStyle(document.querySelector(name)).backgroundColor"


@pytest.mark.parametrize("width", [320, 600])
def test_without_its_pictures_a_letter_reads_and_nothing_moves(shown, width):
    heights = []
    for pictures in (True, False):
        page, _ = shown(width, "light", pictures=pictures)
        heights.append(page.evaluate("document.documentElement.scrollHeight"))
    assert axe.faults(page) == []
    assert abs(heights[0] - heights[1]) <= 2
    for image, picture in zip(page.get_by_role("img").all(), PICTURES, strict=True):
        assert image.get_attribute("alt") == picture.alt
        assert image.bounding_box()["width"] == width - 48


@pytest.fixture(scope="module")
def archived(site, django_db_blocker):
    """An issue and a superuser's session in the database that the server reads; both go again."""
    from django.contrib.auth.models import User

    from tracker.models import Issue, IssueImage

    since, until = datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)
    told = {"content": content().plain(), "built_at": until, "approved_at": until, "state": Issue.State.SENT}
    with django_db_blocker.unblock():
        issue = Issue.objects.create(week=WEEK, since=since, until=until, note=NOTE, **told)
        for picture in PICTURES:
            shape = {"width": 552, "height": height(picture.name), "alt": picture.alt}
            IssueImage.objects.create(issue=issue, name=picture.name, png=png(picture.name), **shape)
        user = User.objects.create_superuser("postmaster", password="a long enough secret")
        client = Entered()
        client.force_login(user)
        yield client.cookies[settings.SESSION_COOKIE_NAME].value
        client.logout()
        user.delete()
        issue.delete()


def judged(page):
    found = []
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{width} {scheme} {fault}" for fault in axe.faults(page)]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    return found


@pytest.mark.parametrize("address", ["/digest/", f"/digest/{WEEK}/"])
def test_axe_finds_nothing_wrong_with_the_archive(visit, archived, address):
    page = visit().open(address)
    assert judged(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_letters_of_this_machine_can_be_looked_at_and_shut_in_html_shows_its_pictures(visit, site, archived, tmp_path):
    with override_settings(EMAIL_BACKEND=mailbox.BACKEND, EMAIL_FILE_PATH=str(tmp_path), SITE_URL=site):
        links = render.Links(site, f"{site}/u/", f"{site}/p/", f"{site}/digest/{WEEK}/")
        rendered = render.issue(content(), note=NOTE, links=links)
        told = {"message_id": "a@b.example", "leave_url": links.leave, "issue_week": WEEK}
        get_connection().send_messages([letter.message(rendered, to="c@d.example", **told)])
        window = visit()
        window.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": archived, "url": site}])
        page = window.open("/mail/")
        assert judged(page) == []
        page.get_by_role("link", name="Open models trail").click()
        assert judged(page) == []
        page.get_by_role("link", name="The HTML part").click()
        page.wait_for_load_state("networkidle")
        widths = page.evaluate("[...document.images].map(one => one.naturalWidth)")
        assert widths == [1104, 1104]
        # The site's icon is not for who is shut in, and the browser asks for it all the same.
        window.wrong[:] = [fault for fault in window.wrong if "NotSameOrigin" not in fault]
