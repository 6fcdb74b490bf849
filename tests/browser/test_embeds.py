"""Figures in frames on a page of another site, and the buttons by which a figure is taken along."""

from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture
def blog(browser):
    """A page of another origin with the given words in it. It is on this machine too: a page that seems to come from
    the net would not be let through to it."""
    said = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = said[-1].encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    context = browser.new_context(viewport={"width": 900, "height": 900})
    page = context.new_page()

    def publish(body):
        said.append(f"<!doctype html><title>A post</title>{body}")
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        return page

    yield publish
    context.close()
    server.shutdown()
    thread.join()
    server.server_close()


def frame_of(visit, nth):
    """The live or the frozen element as the chart's page offers it."""
    page = visit().open("/charts/lag/?scope=coding")
    return unescape(page.locator("figure#lag .take code[data-text]").nth(nth).inner_html())


@pytest.mark.parametrize("nth", [0, 1])
def test_another_site_shows_the_frame_that_is_offered(visit, blog, nth):
    page = blog(f"<h1>A post</h1>{frame_of(visit, nth)}")
    inside = page.frame_locator("iframe")
    expect(inside.locator("h1")).to_have_text("The lag, day by day")
    # Until its style sheet is there both forms are seen, the wide one and the one for phones.
    expect(inside.locator("svg.draw:visible")).to_have_count(1)
    box, frame = inside.locator("svg.draw:visible").bounding_box(), page.locator("iframe").bounding_box()
    assert box["height"] > 150
    inner = page.frames[1]
    assert inner.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert inner.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert box["y"] + box["height"] <= frame["y"] + frame["height"]


@pytest.mark.parametrize("address", ["/", "/charts/lag/", "/gap/"])
def test_no_other_page_can_be_framed(site, blog, address):
    page = blog(f'<iframe src="{site}{address}"></iframe>')
    expect(page.locator("iframe")).to_have_count(1)
    page.wait_for_timeout(500)
    assert [frame.url for frame in page.frames[1:]] == ["chrome-error://chromewebdata/"]


def test_copying_is_told_aloud_and_gives_what_is_shown(visit):
    window = visit()
    window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = window.open("/charts/lag/")
    page.locator("figure#lag .take summary").click()
    page.get_by_role("button", name="Copy the citation").click()
    expect(page.locator("figure#lag [role=status]")).to_have_text("Copied the citation.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("AI Landscape: “The lag, day by day” Data as known on ")
    page.get_by_role("button", name="Copy permalink").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert {"as_of=", "run=", "v="} <= {part.partition("=")[0] + "=" for part in copied.partition("?")[2].split("&")}
    window.page.goto(copied)
    assert page.locator("h1").inner_text() == "The lag, day by day"
