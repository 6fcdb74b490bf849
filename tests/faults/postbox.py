"""The mail server of the fault suite: it logs each Message-ID before it says 250, and can hold or lose that answer."""

import asyncio
import logging
import socket
import threading
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.faults.publishing import Log

logging.getLogger("mail.log").setLevel(logging.WARNING)


class Postbox:
    """Takes every letter. `hold`: what was taken is not said; `refuse`: come again later; `taken` counts."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.log = Log(folder / "letters.jsonl")
        self.hold = threading.Event()
        self.refuse = threading.Event()
        self.taken = threading.Semaphore(0)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=20)

    def __enter__(self) -> "Postbox":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hold.clear()
        self._controller.stop()

    def took(self, *, seconds: float) -> bool:
        """Whether a letter is taken from now on."""
        while self.taken.acquire(blocking=False):
            pass
        return self.taken.acquire(timeout=seconds)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse.is_set():
            return "451 4.3.0 later"
        body: Any = envelope.content
        letter = message_from_bytes(body, policy=policy.default)
        self.log.write(message_id=str(letter["Message-ID"]), to=envelope.rcpt_tos[0])
        self.taken.release()
        while self.hold.is_set():
            await asyncio.sleep(0.02)
        return "250 taken"
