"""The world's pages on a server of this machine, in a headless Chromium that is watched for whatever goes wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker

from tests.pages.fixtures import in_world, world_database

__all__ = ["in_world", "world_database"]

# A listener in the page itself: a violation that the browser swallows leaves no word on the console.
WATCH = """
window.refused = [];
addEventListener("securitypolicyviolation", (found) => refused.push(`${found.violatedDirective} ${found.blockedURI}`));
"""


@pytest.fixture(scope="module")
def site(in_world: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The address of a server that answers from the world's database, static files as they lie in the repository."""
    from pytest_django.live_server_helper import LiveServer

    with django_db_blocker.unblock():
        server = LiveServer("127.0.0.1")
        yield server.url
        server.stop()


@dataclass
class Visit:
    """A page in the browser, and all that went wrong in it so far."""

    page: Page
    site: str
    wrong: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        self.page.goto(f"{self.site}{address}")
        return self.page

    def faults(self) -> list[str]:
        refused = self.page.evaluate("window.refused || []")
        return [*self.wrong, *(f"refused by the policy: {what}" for what in refused)]


@pytest.fixture
def visit(site: str, browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open a window: `visit(width=390, scheme="dark")`. At the end no window may have seen anything wrong."""
    opened: list[Visit] = []

    def window(width: int = 1280, scheme: str = "light", *, scripts: bool = True) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
        )
        if scripts:
            context.add_init_script(WATCH)
        page = context.new_page()
        here = Visit(page, site)
        page.on("console", lambda message: message.type in ("error", "warning") and here.wrong.append(message.text))
        page.on("pageerror", lambda error: here.wrong.append(str(error)))
        page.on("dialog", lambda dialog: (here.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("response", lambda answer: answer.status >= 400 and here.wrong.append(f"{answer.status} {answer.url}"))
        page.on("request", lambda asked: _foreign(asked.url, site) and here.wrong.append(f"asked {asked.url}"))
        opened.append(here)
        return here

    yield window
    found = [fault for here in opened for fault in (here.faults() if here.page.url != "about:blank" else here.wrong)]
    for here in opened:
        here.page.context.close()
    assert found == []


def _foreign(url: str, site: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(site).netloc
