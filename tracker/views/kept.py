"""Answers kept until what they show changes: each is made once on this machine, however many ask for it at once."""

import fcntl
import gzip
import json
import os
import threading
import zlib
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from tracker.middleware import COMPRESSIBLE

MEMORY = 24 << 20  # bytes of answers that a process holds
# So many states of the data, whose answers it holds: while one follows another some still ask for the one before.
STATES = 3
DISK = 128 << 20  # bytes of answers that lie on disk for all processes
LARGEST = 4 << 20  # what is larger is made for everyone who asks
SMALLEST = 500  # bytes that it pays to compress
# Tags change with the hour, so nothing asks for an older answer.
OLDEST = 2 * 3600.0
OLDEST_DRAWING = 30 * 24 * 3600.0
SWEPT_EVERY = 64  # answers written

Make = Callable[[], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer as a view gave it; its body is packed by gzip where that pays."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    packed: bool
    framed: bool  # other sites may frame it

    def answer(self, request: HttpRequest, *, made: bool = False) -> HttpResponse:
        takes = self.packed and "gzip" in request.headers.get("Accept-Encoding", "")
        body = gzip.decompress(self.body) if self.packed and not takes else self.body
        response = HttpResponse(body, headers=dict(self.headers))
        # Who measures a page can tell whether it had to be made.
        response["Server-Timing"] = "made" if made else "kept"
        if self.framed:
            response.xframe_options_exempt = True
        if self.packed:
            patch_vary_headers(response, ("Accept-Encoding",))
        if takes:
            response["Content-Encoding"] = "gzip"
            # Other bytes than the plain ones: the tag says that they only mean the same.
            response["ETag"] = f"W/{response['ETag'].removeprefix('W/')}"
        return response

    def as_bytes(self) -> bytes:
        head = {"headers": self.headers, "packed": self.packed, "framed": self.framed}
        return json.dumps(head).encode() + b"\n" + self.body

    @classmethod
    def of_bytes(cls, stored: bytes) -> "Kept":
        head, _, body = stored.partition(b"\n")
        told = json.loads(head)
        return cls(tuple((name, value) for name, value in told["headers"]), body, told["packed"], told["framed"])


class Shelf:
    """What this process holds, the longest unused dropped first, and at once all that shows a state of the data that is
    over, for nobody can ask for it. None stands for an answer that is not kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[str, Kept | None]] = OrderedDict()
        self._states: deque[str] = deque()
        self._bytes = 0

    def begin(self, state: str) -> None:
        """Somebody asks for what shows this state."""
        with self._lock:
            if state in self._states:
                return
            self._states.append(state)
            if len(self._states) > STATES:
                over = self._states.popleft()
                for key in [key for key, (of, _) in self._held.items() if of == over]:
                    self._drop(key)

    def get(self, key: str) -> tuple[bool, Kept | None]:
        with self._lock:
            if key not in self._held:
                return False, None
            self._held.move_to_end(key)
            return True, self._held[key][1]

    def put(self, key: str, kept: Kept | None, *, state: str) -> None:
        with self._lock:
            if state not in self._states:
                return  # it took so long to make that its state is over
            self._drop(key)
            self._held[key] = state, kept
            self._bytes += self._size(kept)
            while self._bytes > MEMORY or len(self._held) > 4000:
                self._drop(next(iter(self._held)))

    def _drop(self, key: str) -> None:
        _, dropped = self._held.pop(key, ("", None))
        self._bytes -= self._size(dropped)

    @staticmethod
    def _size(kept: Kept | None) -> int:
        return 0 if kept is None else len(kept.body) + 500


SHELF = Shelf()
# An answer made of other answers waits for nobody: two such could wait for each other.
_making = threading.local()
_written = 0


def answer(request: HttpRequest, key: str, make: Make, *, state: str = "") -> HttpResponseBase:
    """The answer kept under `key`; while there is none one process makes it and the others wait for that. It shows this
    `state` of the data, and the key is one of that state alone."""
    SHELF.begin(state)
    known, kept = SHELF.get(key)
    if kept is not None:
        return kept.answer(request)
    if known or getattr(_making, "now", False):
        return make()
    with _turn(key):
        known, kept = SHELF.get(key)
        kept, made = kept or _stored(key), False
        if kept is None and not known:
            _making.now = True
            try:
                response = make()
            finally:
                _making.now = False
            kept = _keepable(request, response)
            SHELF.put(key, kept, state=state)
            if kept is None:
                return response
            _store(key, kept)
            made = True
        else:
            SHELF.put(key, kept, state=state)
    return make() if kept is None else kept.answer(request, made=made)


def _keepable(request: HttpRequest, response: HttpResponseBase) -> Kept | None:
    """The answer as it can be given to anybody else; None where it is one reader's, no success, or too large."""
    if not isinstance(response, HttpResponse) or response.status_code != 200 or response.cookies:
        return None
    session = getattr(request, "session", None)
    if (session is not None and session.accessed) or request.META.get("CSRF_COOKIE_NEEDS_UPDATE"):
        return None
    body = response.content
    pays = len(body) >= SMALLEST and response.get("Content-Type", "").startswith(COMPRESSIBLE)
    packed = gzip.compress(body, 6, mtime=0) if pays else body
    framed = getattr(response, "xframe_options_exempt", False)
    return Kept(tuple(response.items()), packed, pays, framed) if len(packed) <= LARGEST else None


def _folder() -> Path:
    return Path(settings.STATE_DIR) / "pages"


@contextmanager
def _turn(key: str) -> Iterator[None]:
    """Wait until nobody on this machine makes this answer. The kernel ends the turn of a process that dies."""
    held = None
    try:
        place = _folder() / "turns"
        place.mkdir(parents=True, exist_ok=True)
        held = os.open(place / key[:2], os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        fcntl.flock(held, fcntl.LOCK_EX)
    except OSError:
        pass  # without a disk every process makes its own
    try:
        yield
    finally:
        if held is not None:
            os.close(held)


def _stored(key: str) -> Kept | None:
    try:
        return Kept.of_bytes((_folder() / f"{key}.page").read_bytes())
    except (OSError, ValueError):
        return None


def _store(key: str, kept: Kept) -> None:
    global _written
    part = _folder() / f"{key}.{os.getpid()}.{threading.get_ident()}.part"
    try:
        part.write_bytes(kept.as_bytes())
        part.replace(_folder() / f"{key}.page")
        _written += 1
        if _written % SWEPT_EVERY == 1:
            sweep()
    except OSError:
        part.unlink(missing_ok=True)


def drawing(name: str, make: Callable[[], str]) -> str:
    """The drawing of that name, which says all that is drawn: made once on this machine, and for as long as it is
    among the newest that lie on its disk."""
    file = _folder() / "drawings" / name
    try:
        return zlib.decompress(file.read_bytes()).decode()
    except (OSError, zlib.error):
        pass
    picture = make()
    part = file.with_name(f"{name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(zlib.compress(picture.encode()))
        part.replace(file)
    except OSError:
        part.unlink(missing_ok=True)
    return picture


def sweep() -> None:
    """Take away what nobody can ask for any more, and the oldest where all is too much."""
    _sweep(_folder(), OLDEST)
    if (_folder() / "drawings").is_dir():
        _sweep(_folder() / "drawings", OLDEST_DRAWING)


def _sweep(folder: Path, oldest: float) -> None:
    found = []
    for file in os.scandir(folder):
        if file.is_file():
            told = file.stat()
            found.append((told.st_mtime, told.st_size, file.path))
    left = sum(size for _, size, _ in found)
    for modified, size, path in sorted(found):
        if left <= DISK and modified > time() - oldest:
            break
        Path(path).unlink(missing_ok=True)
        left -= size
