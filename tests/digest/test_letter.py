"""A letter's headers, and that every way to send it takes it."""

import re
from email import message_from_bytes, policy
from email.utils import parseaddr

import pytest
from django.core import mail
from django.core.mail import BadHeaderError, get_connection
from django.test import override_settings

from landscape.environment import MAIL_PROVIDERS
from tests.digest.letters import NOTE, WEEK, content
from tracker.digest import letter, mailbox, render

SITE = "https://landscape.example"
LEAVE = f"{SITE}/unsubscribe/1:token_-x/"
SECRETS = ("API_KEY", "API_TOKEN", "SECRET_KEY", "SERVER_TOKEN", "SENDER_DOMAIN")
KEYS = {f"{provider}_{name}": "key.example" for provider in MAIL_PROVIDERS for name in SECRETS}
GOLDEN = """\
MIME-Version: 1.0
Subject: Open models trail by 7.4 months, 0.6 more than a week ago
From: AI Landscape <digest@landscape.example>
To: reader@mail.example
Reply-To: editor@landscape.example
Message-ID: <2026-W47.abc@landscape.example>
List-Id: AI Landscape weekly digest <digest.landscape.example>
List-Unsubscribe: <https://landscape.example/unsubscribe/1:token_-x/>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
List-Archive: <https://landscape.example/digest/>
Precedence: bulk
Auto-Submitted: auto-generated
X-Auto-Response-Suppress: OOF, AutoReply
Feedback-ID: 2026-W47:digest:weekly:ailandscape
"""


@pytest.fixture(autouse=True)
def configured(settings):
    settings.SITE_URL = SITE
    settings.DIGEST_FROM = "digest@landscape.example"
    settings.DIGEST_REPLY_TO = "editor@landscape.example"


def message(**more):
    links = render.Links(SITE, LEAVE, f"{SITE}/preferences/1:token/", f"{SITE}/digest/{WEEK}/")
    rendered = render.issue(content(), note=NOTE, links=links, text_only=more.pop("text_only", False))
    told = {"to": "reader@mail.example", "message_id": "<2026-W47.abc@landscape.example>", "leave_url": LEAVE}
    return letter.message(rendered, **{**told, "issue_week": WEEK, **more})


def parsed(sent):
    return message_from_bytes(sent.message().as_bytes(), policy=policy.default)


def test_the_headers_are_these_and_no_others():
    found = parsed(message())
    told = [f"{name}: {value}\n" for name, value in found.items() if name not in ("Content-Type", "Date")]
    assert "".join(told) == GOLDEN
    assert found["Content-Type"].startswith("multipart/alternative;")


def test_the_text_comes_before_the_html_and_both_are_whole():
    sent = message()
    text, html = parsed(sent).iter_parts()
    assert [text.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    assert text.get_content() == sent.body
    assert html.get_content() == sent.alternatives[0].content
    assert {part["Content-Transfer-Encoding"] for part in (text, html)} <= {"7bit", "8bit"}


def test_who_wants_text_only_gets_one_part():
    found = parsed(message(text_only=True))
    assert found.get_content_type() == "text/plain"


def test_a_message_id_is_the_callers_with_or_without_brackets():
    for given in ("<2026-W47.abc@landscape.example>", "2026-W47.abc@landscape.example"):
        assert parsed(message(message_id=given))["Message-ID"] == "<2026-W47.abc@landscape.example>"


@pytest.mark.parametrize(
    "wrong",
    [
        {"message_id": "a@b>\r\nBcc: x@y"},
        {"message_id": "no sign"},
        {"message_id": "a@b\n"},
        {"leave_url": "https://x.example/>\r\nBcc: x@y"},
        {"leave_url": "https://x.example/ a"},
        {"leave_url": "javascript:alert(1)"},
        {"leave_url": ""},
        {"issue_week": "2026-W47\r\nBcc: x@y"},
    ],
)
def test_what_could_end_a_header_is_refused(wrong):
    with pytest.raises(ValueError, match=r"Message-ID|address|week"):
        message(**wrong)


def test_an_address_with_a_line_break_reaches_no_server():
    with pytest.raises(BadHeaderError):
        message(to="a@b.example\nBcc: c@d.example").message()


def test_the_folder_of_this_machine_keeps_the_letter_as_it_is(settings, tmp_path):
    settings.EMAIL_FILE_PATH = str(tmp_path)
    connection = get_connection(mailbox.BACKEND)
    sent = message()
    assert connection.send_messages([sent]) == 1
    [found] = mailbox.newest()
    opened = mailbox.opened(found.file, found.offset)
    assert (opened.text, opened.html) == (sent.body, sent.alternatives[0].content)


def test_djangos_own_backends_send_it():
    assert message().send() == 1
    assert mail.outbox[0].extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


# Anymail warns of a provider that it keeps without testing it.
@pytest.mark.filterwarnings("ignore:django-anymail has dropped official support")
@pytest.mark.parametrize("provider", sorted(name.lower() for name in MAIL_PROVIDERS))
def test_every_provider_is_handed_the_letter_with_all_that_it_says(provider):
    """The request is made and not sent. A provider that could not take a part of the letter would raise here."""
    with override_settings(MAIL_PROVIDER=provider, ANYMAIL=KEYS):
        backend = get_connection(f"anymail.backends.{provider}.EmailBackend")
        sent = message()
        payload = backend.build_message_payload(sent, {})
        asked = payload.get_request_params("https://api.example/")
        said = str(asked.get("data") or asked.get("json")) + str(asked.get("files") or "")
    assert LEAVE in said
    assert "List-Unsubscribe=One-Click" in said
    assert "2026-W47.abc@landscape.example" in said
    assert said.count("A claim on three months is contradicted") >= 2
    if provider not in letter.UNTOLD:
        assert (sent.track_opens, sent.track_clicks) == (False, False)
        assert re.search(r"track|Track", said)


def test_without_a_provider_nothing_is_said_in_its_words():
    assert not hasattr(message(), "track_opens")


def test_the_sender_has_a_name():
    assert parseaddr(str(parsed(message())["From"])) == ("AI Landscape", "digest@landscape.example")
