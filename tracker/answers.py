"""What came back for one request: a whole document of bounded size, or the reason why there is none."""

import io
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath

import httpx

ASK_LATER = {202, 408, 425, 429}
HTML = ("text/html", "application/xhtml+xml")
# Types that no table, archive or licence text is ever sent as; text/plain and octet-stream are what lazy hosts send.
MEDIA = ("image/", "audio/", "video/", "font/")
DATA_SUFFIXES = {".json", ".csv", ".tsv", ".zip", ".gz", ".parquet", ".yaml", ".yml", ".toml", ".xml", ".rss", ".atom"}
LONGEST_RETRY_AFTER = 86_400.0

PIECE = 64 * 1024
# Below this size a high ratio is a small table of repeated words, not a bomb.
RATIO_FROM = 1024 * 1024


class FetchError(Exception):
    """The document could not be had now; asking again may help, not before `retry_after` seconds if that is set."""

    def __init__(self, message: str, *, retry_after: float | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.status = status


class FetchRefused(Exception):  # noqa: N818  a refusal is not a fault to try again
    """The document will not be had this way however often it is asked for: the address or the source must change."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole document. `url` is where it was in the end, after redirects, and never a mirror's address."""

    url: str
    status: int
    body: bytes
    media_type: str
    etag: str
    last_modified: str
    elapsed: float


@dataclass(frozen=True, slots=True)
class NotModified:
    """The document is still the one whose ETag or Last-Modified was sent."""

    url: str
    etag: str
    last_modified: str
    elapsed: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A status line and headers, with a body that has not been read yet. `host` is who is named in messages."""

    host: str
    status: int
    headers: httpx.Headers
    chunks: Iterable[bytes]

    def expect_a_document(self) -> None:
        """Raises FetchError or FetchRefused unless the status announces a whole document."""
        if self.status in (200, 203):
            return
        said = f"{self.host} answered {self.status}"
        if self.status in ASK_LATER or self.status >= 500:
            pause = retry_after(self.headers.get("Retry-After", ""), _http_date(self.headers.get("Date", "")))
            when = "later" if pause is None else f"in {pause:.0f} s"
            reason = "too many requests" if self.status == 429 else "it has trouble or is not ready"
            raise FetchError(f"{said} ({reason}); ask again {when}", retry_after=pause, status=self.status)
        if self.status in (204, 206, 304):
            # None of these was asked for: a cache on the way mixed up two requests.
            raise FetchError(f"{said} to a plain request for the whole document", status=self.status)
        if self.status in (401, 403, 407, 451):
            raise FetchRefused(f"{said}: it does not let us read this document", status=self.status)
        if self.status in (404, 410):
            raise FetchRefused(f"{said}: there is no document at this address (any more)", status=self.status)
        raise FetchRefused(f"{said}, which is no document", status=self.status)

    def guard_type(self, expected: str, accept: Sequence[str]) -> str:
        """The media type of the answer. Raises FetchRefused when it cannot be the data that was asked for."""
        kind: str = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if expected and kind not in accept:
            if kind in HTML:
                raise FetchRefused(f"{self.host} answered with a web page instead of {expected}", status=self.status)
            if kind.startswith(MEDIA):
                raise FetchRefused(f"{self.host} answered with {kind} instead of {expected}", status=self.status)
        return kind

    def read(self, max_bytes: int, ratio: float, *, cut: bool = False) -> bytes:
        """The decoded body. A longer one than `max_bytes` is refused, or `cut` off there."""
        encoding = self.headers.get("Content-Encoding", "").strip().lower()
        if encoding in ("", "identity") and not cut:
            announced = self.headers.get("Content-Length", "")
            if announced.isdecimal() and int(announced) > max_bytes:
                raise FetchRefused(f"{self.host} announced {announced} bytes, more than the limit of {max_bytes}")
        # getvalue() hands the buffer over without a copy, so that a body costs its own size once.
        body, wire = io.BytesIO(), _Counted(self.chunks)
        for piece in self._decoded(wire, encoding):
            body.write(piece)
            if body.tell() > max_bytes:
                if cut:
                    return body.getvalue()[:max_bytes]
                raise FetchRefused(f"{self.host} sent more than the limit of {max_bytes} bytes")
            if body.tell() > max(RATIO_FROM, ratio * wire.size):
                raise FetchRefused(
                    f"{self.host} sent {wire.size} bytes that unpack to over {body.tell()}: "
                    f"more than {ratio:g} to 1 is a decompression bomb"
                )
        return body.getvalue()

    def _decoded(self, chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
        if encoding in ("", "identity"):
            yield from chunks
            return
        if encoding not in ("gzip", "x-gzip", "deflate"):
            raise FetchRefused(f"{self.host} sent its answer as {encoding}, which was not offered and cannot be read")
        try:
            yield from _inflated(chunks, encoding)
        except zlib.error as error:
            raise FetchError(f"{self.host} sent a broken {encoding} body ({error}); a new copy may be whole") from error


def expected_type(path: str, accept: Sequence[str]) -> str:
    """What the caller expects, said for a message, or "" when a web page would do: nothing says it should be data."""
    if accept:
        return "" if set(HTML) & set(accept) else " or ".join(accept)
    suffix = PurePosixPath(path).suffix.lower()
    return f"a {suffix} file" if suffix in DATA_SUFFIXES else ""


def is_web_page(body: bytes) -> bool:
    """Whether a body begins as HTML does, whatever it was sent as."""
    return body[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith((b"<!doctype html", b"<html"))


def retry_after(value: str, now: datetime | None) -> float | None:
    """The seconds a Retry-After header asks for, at most a day; a date needs `now`. None where it says nothing."""
    value = value.strip()
    if re.fullmatch(r"[0-9]+", value):
        # Nobody parks a source for years with one header, and int() refuses thousands of digits.
        return LONGEST_RETRY_AFTER if len(value) > 6 else min(float(value), LONGEST_RETRY_AFTER)
    then = _http_date(value)
    if then is None or now is None:
        return None
    return min(max((then - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def _http_date(value: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


class _Counted:
    """The chunks of a body, and how many bytes of them have come over the wire."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self.size = chunks, 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            yield chunk


def _inflated(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Pieces of at most PIECE bytes, however much a chunk unpacks to. Raises zlib.error, also for a body cut short."""
    inflater, whole = None, False
    for chunk in chunks:
        while chunk:
            if inflater is None:
                # A gzip body may have several members, and some writers pad the last one with zeros.
                chunk = chunk.lstrip(b"\0") if whole else chunk
                if not chunk:
                    break
                inflater, whole = zlib.decompressobj(_window(chunk, encoding)), False
            piece = inflater.decompress(chunk, PIECE)
            while piece:
                yield piece
                # A full piece may have more behind it although the input is used up.
                piece = b"" if inflater.eof else inflater.decompress(inflater.unconsumed_tail, PIECE)
            chunk = b""
            if inflater.eof:
                chunk, inflater, whole = inflater.unused_data, None, True
    if inflater is not None:
        raise zlib.error("it ends before its end mark")


def _window(start: bytes, encoding: str) -> int:
    """zlib's window bits for this body: "deflate" is sent with and without zlib's own header."""
    if encoding != "deflate":
        return 16 + zlib.MAX_WBITS
    with_header = start[0] & 0x0F == 8 and (len(start) < 2 or (start[0] << 8 | start[1]) % 31 == 0)
    return zlib.MAX_WBITS if with_header else -zlib.MAX_WBITS
