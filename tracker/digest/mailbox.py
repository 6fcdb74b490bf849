"""The letters that lie in a folder of this machine, where neither a mail server nor a provider is configured."""

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings

BACKEND = "django.core.mail.backends.filebased.EmailBackend"
MOST = 200
# What Django writes behind each letter of a file.
END = b"\n" + b"-" * 79 + b"\n"
NAME = re.compile(r"[-\w]+\.log")
# Of a file the newest letters stand last: so much of its end is looked at, and so much of a letter.
TAIL = 16 << 20
LONGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a list shows of a letter: the file it lies in and where it begins there, and its head."""

    file: str
    offset: int
    subject: str
    to: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """One letter whole: its head in its order, its parts as text (blank where it has none), and its bytes."""

    envelope: Envelope
    head: tuple[tuple[str, str], ...]
    text: str
    html: str
    raw: bytes


def in_use() -> bool:
    """Whether letters are kept as files in a folder here, and not handed to a server or provider."""
    return bool(settings.EMAIL_BACKEND == BACKEND)


def newest(most: int = MOST) -> list[Envelope]:
    """The newest letters, the newest first. A folder that nobody has written to holds none."""
    found: list[Envelope] = []
    for file in _files(most):
        if len(found) >= most:
            break
        found += _envelopes(file, most - len(found))
    return found


def opened(name: str, offset: int) -> Opened | None:
    """The letter that begins there; None: none does."""
    if not NAME.fullmatch(name):
        return None
    try:
        with (_folder() / name).open("rb") as file:
            if offset:
                file.seek(offset - len(END))
                if file.read(len(END)) != END:
                    return None
            raw, end, _ = file.read(LONGEST).partition(END)
    except (FileNotFoundError, OSError):
        return None
    if not end:
        return None
    letter = _parsed(raw)
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    return Opened(
        _envelope(name, offset, letter),
        tuple((key, _line(value)) for key, value in letter.items()),
        text.get_content() if text else "",
        html.get_content() if html else "",
        raw,
    )


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH or settings.MAIL_FOLDER)


def _files(most: int) -> list[Path]:
    try:
        files = [(file.stat().st_mtime_ns, file.name, file) for file in _folder().glob("*.log") if file.is_file()]
    except FileNotFoundError:
        return []
    return [file for _, _, file in heapq.nlargest(most, files)]


def _envelopes(file: Path, most: int) -> list[Envelope]:
    """The last letters of a file, the last first; what is being written has no end yet, and is left out."""
    pieces = list(_pieces(file))[-most:]
    return [_envelope(file.name, offset, _parsed(raw)) for offset, raw in reversed(pieces)]


def _pieces(file: Path) -> Iterator[tuple[int, bytes]]:
    with file.open("rb") as opened:
        start = max(0, opened.seek(0, 2) - TAIL)
        opened.seek(start)
        held = opened.read(TAIL)
    at = 0
    if start:
        # The first one is cut.
        at = held.find(END) + len(END)
        if at < len(END):
            return
    while (end := held.find(END, at)) >= 0:
        yield start + at, held[at:end]
        at = end + len(END)


def _parsed(raw: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(raw)


def _envelope(name: str, offset: int, letter: EmailMessage) -> Envelope:
    sent = str(letter.get("Date", ""))
    try:
        at = parsedate_to_datetime(sent) if sent else None
    except ValueError:
        at = None
    return Envelope(name, offset, _line(letter.get("Subject", "")), _line(letter.get("To", "")), at)


def _line(value: object) -> str:
    return " ".join(str(value).split())
