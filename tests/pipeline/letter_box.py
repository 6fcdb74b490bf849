"""A mail server on this machine that takes letters as RFC 5321 has it, or misbehaves as it is told."""

import socket
import socketserver
import threading
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self


class _Handler(socketserver.StreamRequestHandler):
    server: "LetterBox"

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # the other side gave up waiting
            self.talk()

    def talk(self) -> None:
        if self.server.fault == "hang":
            self.server.reached.set()
            self.server.released.wait(20)
        self.say("220 box.example")
        while line := self.rfile.readline():
            verb = line.strip().decode().partition(" ")[0].upper()
            if verb == "DATA":
                self.say("354 go on")
                self.take()
            elif verb == "RCPT" and self.server.fault == "refuse":
                self.say("550 nobody of that name")
            elif verb == "QUIT":
                self.say("221 good-bye")
                return
            else:
                self.say("250 well")

    def take(self) -> None:
        body = b""
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            body += line.removeprefix(b".")
        if self.server.fault == "busy":
            self.say("451 try again later")
            return
        letter = message_from_bytes(body, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.server.letters.append(letter)
        if self.server.fault == "kept":
            self.server.reached.set()
            self.server.released.wait(20)
        if self.server.fault == "mute":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.say("250 taken")


class LetterBox(socketserver.ThreadingTCPServer):
    """`letters` are those that were taken. `fault` is blank, or refuse, busy, hang, kept (it takes the letter and keeps
    its yes back) or mute (it takes the letter and never says so)."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fault = ""
        self.letters: list[EmailMessage] = []
        self.reached, self.released = threading.Event(), threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()
