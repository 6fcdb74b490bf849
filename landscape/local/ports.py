"""Whether a port can be had, and what to tell the person who wanted it."""

import errno
import os
import socket
import time

MESSAGES = {
    errno.EADDRINUSE: "Port {port} of {host} is already in use: stop the program that has it, or choose another --port",
    errno.EACCES: "Port {port} may not be opened by this user: choose a --port above 1023",
    errno.EADDRNOTAVAIL: "This machine has no address {host}: choose another --host",
}


def message(error: OSError, host: str, port: int) -> str:
    """What went wrong when the port was opened, and what the person at the terminal can do about it."""
    if isinstance(error, socket.gaierror):
        return f"{host} is no name or address of this machine: choose another --host"
    known = MESSAGES.get(
        error.errno or 0, f"Port {{port}} of {{host}} cannot be opened: {os.strerror(error.errno or 0)}"
    )
    return known.format(host=host, port=port)


def refusal(host: str, port: int) -> str | None:
    """Why the port cannot be had, or None. It is opened for a moment and closed again."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # Otherwise connections of an earlier run that are still timing out would count as a program.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return message(error, host, port)
    return None


def refusal_after(host: str, port: int, *, patience: float) -> str | None:
    """The same, but a program that is just ending is given time to."""
    end = time.monotonic() + patience
    while (reason := refusal(host, port)) and time.monotonic() < end:
        time.sleep(0.1)
    return reason


def reachable(host: str) -> str:
    """The address under which this machine itself reaches a server that listens on host."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared with, not listened on)


def in_url(host: str) -> str:
    """The host as a URL writes it: an IPv6 address stands in brackets."""
    return f"[{host}]" if ":" in host else host
