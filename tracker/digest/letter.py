"""A rendered issue as one reader's message, with every header that mail servers and mail programs look for."""

import re
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from tracker.digest.render import Rendered

SENDER = "AI Landscape"
LIST = "AI Landscape weekly digest"
# Providers see from it which of a sender's letters readers complain of: issue, list, kind, and who sends (5 to 15).
FEEDBACK = "{week}:digest:weekly:ailandscape"
# What stands in a header must not be able to end it, nor its angle brackets.
MESSAGE_ID = re.compile(r"<?([!-;=?-~]+@[!-;=?-~]+)>?")
URL = re.compile(r"https?://[!-;=?-~]+")
# These take no word about tracking with a letter; it is turned off in the account.
UNTOLD = frozenset({"brevo", "mailtrap"})
# And this one carries nothing along with a letter that its webhooks would give back.
UNMARKED = frozenset({"mailersend"})


def headers(*, message_id: str, leave_url: str, issue_week: str) -> dict[str, str]:
    """All headers but From, To, Subject, Date and Reply-To. Raises ValueError on what no header can hold."""
    found = MESSAGE_ID.fullmatch(message_id)
    if found is None:
        raise ValueError(f"{message_id!r} is no Message-ID")
    for url in (leave_url, settings.SITE_URL):
        if not URL.fullmatch(url):
            raise ValueError(f"{url!r} cannot stand in a header as an address")
    if not re.fullmatch(r"\d{4}-W\d{2}", issue_week):
        raise ValueError(f"{issue_week!r} is no ISO week")
    return {
        "Message-ID": f"<{found[1]}>",
        "List-Id": f"{LIST} <digest.{urlsplit(settings.SITE_URL).hostname}>",
        "List-Unsubscribe": f"<{leave_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Archive": f"<{settings.SITE_URL}/digest/>",
        "Precedence": "bulk",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Feedback-ID": FEEDBACK.format(week=issue_week),
    }


def message(rendered: Rendered, *, to: str, message_id: str, leave_url: str, issue_week: str) -> EmailMultiAlternatives:
    """The letter, for any backend of Django's: text first, HTML as its richer twin."""
    found = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        from_email=formataddr((SENDER, settings.DIGEST_FROM)),
        to=[to],
        reply_to=[settings.DIGEST_REPLY_TO],
        headers=headers(message_id=message_id, leave_url=leave_url, issue_week=issue_week),
    )
    if rendered.html:
        found.attach_alternative(rendered.html, "text/html")
    if settings.MAIL_PROVIDER:
        _tell_provider(found, issue_week)
    return found


def _tell_provider(letter: EmailMultiAlternatives, week: str) -> None:
    """What only providers' interfaces can be told, in the words of django-anymail: nobody follows our readers."""
    told: dict[str, object] = {"tags": ["digest"]}
    if settings.MAIL_PROVIDER not in UNTOLD:
        told |= {"track_opens": False, "track_clicks": False}
    if settings.MAIL_PROVIDER not in UNMARKED:
        told |= {"metadata": {"letter": letter.extra_headers["Message-ID"].strip("<>"), "week": week}}
    for name, value in told.items():
        setattr(letter, name, value)
