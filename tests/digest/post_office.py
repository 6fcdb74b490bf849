"""A mail server on this machine that takes letters as RFC 5321 has it, or refuses and drops them as it is told."""

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

# It tells of every connection.
logging.getLogger("mail.log").setLevel(logging.WARNING)

CUT = "cut"  # close the connection without a word; at the end of the letter: without having taken it
HANG = "hang"  # at the end of a letter: say nothing for a long time
LOSE = "lose"  # at the end of a letter: take it, and close before saying so
Plan = Callable[[str, str], str | None]


class PostOffice:
    """`letters` are those that were taken. `plan` is asked at MAIL (with the sender), at RCPT and at END of a letter
    (with the reader) and answers with a reply, one of the words above, or None for yes."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.heard: list[tuple[str, str, float]] = []
        self.plan: Plan = lambda stage, who: None
        self.connections = 0

    def _asked(self, server: SMTP, stage: str, who: str) -> str | None:
        self.heard.append((stage, who, time.monotonic()))
        answer = self.plan(stage, who)
        if answer in (CUT, LOSE):
            server.transport.abort()
            return "421 gone"
        return answer

    async def handle_EHLO(  # noqa: N802  aiosmtpd names it so
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._asked(server, "MAIL", address)
        if answer is None:
            envelope.mail_from = address
        return answer or "250 well"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._asked(server, "RCPT", address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 well"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        (to,) = envelope.rcpt_tos
        answer = self._asked(server, "END", to)
        if answer == HANG:
            await asyncio.sleep(3)
            return "451 that took too long"
        if answer is None or (answer == "421 gone" and self.plan("END", to) == LOSE):
            body: Any = envelope.content
            letter = message_from_bytes(body, policy=policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
        return answer or f"250 taken as {len(self.letters)}"

    def names(self) -> list[str]:
        """The Message-IDs of what was taken, in order."""
        return [str(letter["Message-ID"]) for letter in self.letters]

    def readers(self) -> list[str]:
        return [str(letter["To"]) for letter in self.letters]


@contextmanager
def post_office() -> Iterator[tuple[PostOffice, int]]:
    """The server, and its port."""
    office = PostOffice()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    controller = Controller(office, hostname="127.0.0.1", port=port, ready_timeout=20)
    controller.start()
    try:
        yield office, port
    finally:
        controller.stop()
