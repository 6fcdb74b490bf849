"""Locks that the kernel gives back when their holder dies, however it dies."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class TakenError(Exception):
    """Somebody else holds the lock; the message is what they wrote into it."""


def _open(file: Path) -> int:
    file.parent.mkdir(parents=True, exist_ok=True)
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


@contextlib.contextmanager
def turn(file: Path) -> Iterator[None]:
    """Wait until nobody else is inside."""
    held = _open(file)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


@contextlib.contextmanager
def sole(file: Path, *, note: str) -> Iterator[str]:
    """Hold the file alone, or raise TakenError. Yields what an earlier holder that did not end properly left in it."""
    held = _open(file)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TakenError(os.read(held, 4096).decode()) from None
        left = os.read(held, 4096).decode()
        os.ftruncate(held, 0)
        os.pwrite(held, note.encode(), 0)
        try:
            yield left
        finally:
            os.ftruncate(held, 0)
    finally:
        os.close(held)


class Shared:
    """One of several holders at a time, of whom the last can find out that it is the last."""

    def __init__(self, file: Path) -> None:
        self._held = _open(file)
        fcntl.flock(self._held, fcntl.LOCK_SH)

    def alone(self) -> bool:
        """Whether nobody else holds it; if so nobody can until leave()."""
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def leave(self) -> None:
        os.close(self._held)
