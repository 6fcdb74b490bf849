"""Handing a letter to the mail server or provider, and what its answer, or its silence, means for the letter."""

import re
import smtplib
import socket
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any, Final, Protocol

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address


class Fate(Enum):
    """What became of a letter at one attempt."""

    ACCEPTED = auto()
    LATER = auto()  # the domain or the server asks for another time
    NOBODY = auto()  # there is no such reader
    REFUSED = auto()  # for good, but not because of the reader: our letter, our address or our rights
    UNHEARD = auto()  # the connection broke before the letter was handed over
    UNKNOWN = auto()  # it broke after: only the server knows
    SHUT = auto()  # nothing goes through before somebody changes our settings


@dataclass(frozen=True, slots=True)
class Answer:
    """`said` is what the server said, without the reader's address."""

    fate: Fate
    said: str = ""


class ServerShutError(Exception):
    """No connection to the server, or it does not let us in; the message says which."""


class Carrier(Protocol):
    """One connection for many letters."""

    def open(self) -> None:
        """Raises ServerShutError."""

    def carry(self, letter: EmailMultiAlternatives, body: bytes = b"") -> Answer:
        """`body`: the letter as it goes over the wire, where that is known already."""

    def close(self) -> None: ...


def carrier() -> Carrier:
    """As this installation is configured to send."""
    backend = get_connection()
    return SmtpCarrier(backend) if isinstance(backend, EmailBackend) else BackendCarrier(backend)


# RFC 3463: what the second number speaks of is the address (1) or the mailbox (2), or else no reader's business.
ENHANCED: Final = re.compile(r"^\s*5\.(\d{1,3})\.\d{1,3}\b")
READERS: Final = {"1", "2"}
NO_SUCH: Final = {550, 551, 553}
CLOSING: Final = 421
LOGIN: Final = {530, 534, 535, 538}
GO_ON: Final = 354


@lru_cache(maxsize=64)
def _path(address: str) -> str:
    """As it stands in an envelope."""
    return sanitize_address(address, "utf-8")


class SmtpCarrier:
    """The conversation of RFC 5321 one step at a time, because what a failure means depends on the step."""

    def __init__(self, backend: EmailBackend) -> None:
        self._backend = backend
        self._used = False

    def open(self) -> None:
        try:
            self._used = not self._backend.open()
            self._smtp.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise ServerShutError(_words(error)) from error

    @property
    def _smtp(self) -> smtplib.SMTP:
        if self._backend.connection is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        return self._backend.connection

    def close(self) -> None:
        """Without a word, if need be: a server that is gone cannot be taken leave of."""
        smtp, self._backend.connection = self._backend.connection, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except (OSError, smtplib.SMTPException):
            smtp.close()

    def carry(self, letter: EmailMultiAlternatives, body: bytes = b"") -> Answer:
        sender = _path(letter.from_email)
        (to,) = (_path(address) for address in letter.recipients())
        body = body or letter.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own argument
        used = self._used
        answer = self._try(sender, to, body)
        if answer.fate is not Fate.UNHEARD or not used:
            return answer
        # Servers close connections that were silent for a while, or that carried enough: then once more, on another.
        try:
            self.open()
        except ServerShutError as error:
            return Answer(Fate.UNHEARD, str(error))
        return self._try(sender, to, body)

    def _try(self, sender: str, to: str, body: bytes) -> Answer:
        try:
            return self._converse(sender, to, body)
        except (OSError, smtplib.SMTPException) as error:  # before the body: those after it are `_handed`'s
            self._abandon()
            return Answer(Fate.UNHEARD, _words(error, to))

    def _abandon(self) -> None:
        smtp, self._backend.connection = self._backend.connection, None
        if smtp is not None:
            smtp.close()

    def _converse(self, sender: str, to: str, body: bytes) -> Answer:
        smtp = self._smtp
        size = [f"size={len(body)}"] if smtp.does_esmtp and smtp.has_extn("size") else []
        code, words = smtp.mail(sender, size)
        if code != 250:
            return self._refused(code, words, to, ours=True)
        code, words = smtp.rcpt(to)
        if code not in (250, 251):
            return self._refused(code, words, to)
        code, words = smtp.docmd("DATA")
        if code != GO_ON:
            return self._refused(code, words, to, ours=True)
        return self._handed(body, to)

    def _handed(self, body: bytes, to: str) -> Answer:
        """From the first byte of the body on nobody but the server can say whether it has the letter."""
        ended = body if body.endswith(b"\r\n") else body + b"\r\n"
        try:
            self._smtp.send(re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n")
            code, words = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._abandon()
            return Answer(Fate.UNKNOWN, _words(error, to))
        if code == 250:
            return Answer(Fate.ACCEPTED, _clean(words, to))
        return self._refused(code, words, to, ours=True)

    def _refused(self, code: int, words: bytes, to: str, *, ours: bool = False) -> Answer:
        """An answer that is no yes; `ours`: it was not the reader's address that was asked about."""
        said, found = f"{code} {_clean(words, to)}", ENHANCED.match(words.decode("utf-8", "replace"))
        if code == CLOSING or code == -1:
            self._abandon()
            # A connection that carried letters has had its share; a fresh one that is refused means us, or the domain.
            return Answer(Fate.UNHEARD if self._used else Fate.LATER, said)
        self._reset()
        if code < 500:
            return Answer(Fate.LATER, said)
        if code in LOGIN:
            return Answer(Fate.SHUT, said)
        theirs = found[1] in READERS if found else code in NO_SUCH
        return Answer(Fate.NOBODY if theirs and not ours else Fate.REFUSED, said)

    def _reset(self) -> None:
        try:
            self._smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._abandon()


BUSY: Final = {408, 425, 429, 503}
KEYS: Final = {401, 402, 403}
OF_OURS: Final = {400, 404, 405, 406, 413, 415, 422}


class BackendCarrier:
    """Any other backend of Django's: a provider's interface through Anymail, or files."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def open(self) -> None:
        try:
            self._backend.open()
        except OSError as error:
            raise ServerShutError(_words(error)) from error

    def close(self) -> None:
        self._backend.close()

    def carry(self, letter: EmailMultiAlternatives, body: bytes = b"") -> Answer:
        (to,) = letter.recipients()
        try:
            self._backend.send_messages([letter])
        except AnymailRecipientsRefused as error:
            return Answer(Fate.NOBODY, _clean(str(error), to))
        except AnymailAPIError as error:
            return Answer(_provider_said(error), _clean(str(error), to))
        except AnymailError as error:
            return Answer(Fate.REFUSED, _clean(str(error), to))
        except OSError as error:  # a disk that is full has half a letter
            return Answer(Fate.UNKNOWN, _words(error, to))
        status = getattr(letter, "anymail_status", None)
        if status is None:  # of files there is no receipt but where they went
            return Answer(Fate.ACCEPTED, settings.EMAIL_BACKEND.split(".")[-2])
        return Answer(Fate.ACCEPTED, "" if status.message_id is None else str(status.message_id))


def _provider_said(error: AnymailAPIError) -> Fate:
    code = error.status_code
    if code is None:
        return Fate.UNHEARD if _never_connected(error) else Fate.UNKNOWN
    if code in BUSY:
        return Fate.LATER
    if code in KEYS:
        return Fate.SHUT
    return Fate.REFUSED if code in OF_OURS else Fate.UNKNOWN


def _never_connected(error: BaseException | None) -> bool:
    """Nobody took the call: looked for among the causes, because each library wraps the one below it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ConnectionRefusedError | socket.gaierror):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def _words(error: BaseException, to: str = "") -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return f"{error.smtp_code} {_clean(words, to)}"
    return _clean(f"{type(error).__name__}: {error}", to)


def _clean(words: bytes | str, to: str) -> str:
    """On one line, and without the address, which servers like to repeat."""
    text = " ".join((words.decode("utf-8", "replace") if isinstance(words, bytes) else words).split())
    return re.sub(re.escape(to), "…", text, flags=re.IGNORECASE)[:500] if to else text[:500]
