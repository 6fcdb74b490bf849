"""Mails that report on letters: delivery status notifications (RFC 3464), complaints (RFC 5965), and qmail's own kind.

They come from anywhere and say anything, so what is taken from them is little: an action, a status, an address, and the
names of letters of ours that stand in them.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import Message
from typing import Any

from tracker.digest import outbox
from tracker.digest.bounces import Kind, Told, weight

LARGEST = 1_000_000  # bytes; letters are under a tenth of that, and whoever quotes one whole quotes it once
DEEPEST = 60  # parts, told by their headers: the parser would go down through thousands of them, and not come back
MOST_RECIPIENTS = 20
MOST_NAMES = 20
FEEDBACK = {"abuse": Kind.COMPLAINT, "fraud": Kind.COMPLAINT, "virus": Kind.COMPLAINT, "opt-out": Kind.LEFT}
QMAIL = re.compile(r"^Hi\. This is the .*", re.MULTILINE)
QMAIL_ONE = re.compile(r"^<([^<>\s]{3,254})>:\s*\n((?:(?!\n\n|<).*\n?)+)", re.MULTILINE)


class NotAReportError(ValueError):
    """What came is no mail that can be read; the message says why."""


def told(body: bytes, *, now: datetime) -> list[Told]:
    """What a mail reports; nothing where it is any other mail. Raises NotAReportError."""
    if len(body) > LARGEST:
        raise NotAReportError(f"it has more than {LARGEST} bytes")
    if body.lower().count(b"content-type") > DEEPEST:
        raise NotAReportError(f"it has more than {DEEPEST} parts")
    mail = message_from_bytes(body, policy=policy.compat32)
    if not mail.keys():
        raise NotAReportError("it has no headers")
    names = _names(body)
    # The same report handed in twice is one; its own name is better than its bytes, which gain headers on the way.
    own = _text(mail["Message-ID"]).strip().encode() or body
    found = []
    for address, kind, detail in _found(mail):
        mark = hashlib.sha256(b"|".join((own, address.encode(), kind.encode(), *(name.encode() for name in names))))
        found.append(Told("report", mark.hexdigest(), kind, now, address, names, detail=detail))
    return found[:MOST_RECIPIENTS]


def _names(body: bytes) -> tuple[str, ...]:
    """The names of letters of ours, wherever they stand."""
    host = re.escape(outbox.host().encode())
    seen = re.findall(rb"<\d{4}-W\d{2}\.\w{1,64}@" + host + rb">", body, re.IGNORECASE)
    return tuple(dict.fromkeys(name.decode("ascii", "replace") for name in seen))[:MOST_NAMES]


def _found(mail: Message) -> Iterator[tuple[str, Kind, str]]:
    """(address, kind, detail) of everything that the mail reports."""
    parts = list(mail.walk())
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            yield from _statuses(part)
            return
        if part.get_content_type() == "message/feedback-report":
            yield from _feedback(part)
            return
    plain = _body(next((part for part in parts if part.get_content_type() == "text/plain"), mail))
    if QMAIL.search(plain):
        for address, words in QMAIL_ONE.findall(plain.partition("--- Below this line")[0])[:MOST_RECIPIENTS]:
            yield address, weight("", words), words
    elif mail["X-Failed-Recipients"]:
        # Exim without a machine's part: the server's answer stands somewhere in the words.
        failed = re.findall(r"[^\s,]+", _text(mail["X-Failed-Recipients"])[:10_000])
        for address in failed[:MOST_RECIPIENTS]:
            after = plain.partition(address)[2].partition("------")[0]
            yield address, weight("", after), after


def _blocks(part: Message) -> list[Message]:
    """Groups of fields: as the parser parted them, or parted here where somebody encoded them."""
    payload: Any = part.get_payload()
    blocks = [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []
    coded = _text(part["Content-Transfer-Encoding"]).strip().lower() in ("base64", "quoted-printable")
    if not coded and blocks:
        return blocks
    again = Message()
    again["Content-Transfer-Encoding"] = part["Content-Transfer-Encoding"] or "7bit"
    again.set_payload("\n\n".join(block.as_string() for block in blocks).strip() if blocks else str(payload))
    text = _body(again).replace("\r\n", "\n")
    return [message_from_bytes(group.encode(), policy=policy.compat32) for group in text.split("\n\n") if group.strip()]


def _statuses(part: Message) -> Iterator[tuple[str, Kind, str]]:
    for block in _blocks(part):
        action = _text(block["Action"]).strip().lower()
        status, words = _text(block["Status"]).strip(), _text(block["Diagnostic-Code"])
        address = _address(block["Original-Recipient"]) or _address(block["Final-Recipient"])
        if not action:
            continue
        if action == "failed":
            kind = weight(status, words)
        else:
            kind = Kind.DELIVERED if action == "delivered" else Kind.OTHER
        yield address, kind, f"{action} {status}: {words}"


def _feedback(part: Message) -> Iterator[tuple[str, Kind, str]]:
    for block in _blocks(part):
        kind = _text(block["Feedback-Type"]).strip().lower()
        if kind:
            address = _address(block["Original-Rcpt-To"]) or _address(block["Removal-Recipient"])
            yield address, FEEDBACK.get(kind, Kind.OTHER), f"feedback: {kind}"


def _address(field: Any) -> str:
    """rfc822; Ann <ann@example.org> → ann@example.org"""
    words = _text(field)
    words = words.partition(";")[2] if ";" in words else words
    return words.partition("<")[2].partition(">")[0].strip() or words.strip() if "@" in words else ""


def _text(field: Any) -> str:
    """A header as text: what no charset explains becomes a mark, and NUL, which the database cannot hold, nothing."""
    text = str(field or "")
    return text.encode(errors="surrogateescape").decode(errors="replace").replace("\0", "")


def _body(part: Message) -> str:
    payload: Any = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    return payload[:100_000].decode(errors="replace").replace("\0", "").replace("\r\n", "\n")
