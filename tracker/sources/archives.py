"""How an archive is opened without trusting it: its members by name, in memory, within limits."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import IO

from tracker.sources.base import Document, ParseError

MOST_MEMBERS = 20_000
MOST_BYTES = 256 * 2**20  # of a tarball as a whole, which is read through once and not kept
MOST_KEPT = 24 * 2**20  # of the members that are wanted, five times those of the largest archive known
PIECE = 2**18
# What zipfile raises on headers that lie, found by damaging archives at random.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    OverflowError,
    IndexError,
)


def unzipped(document: Document, wanted: Callable[[PurePosixPath], bool]) -> dict[PurePosixPath, Document]:
    """The wanted members of a zip. Raises ParseError when it is no zip, damaged, encrypted or far too large."""
    _expect(document, b"PK", "a zip archive")
    try:
        with zipfile.ZipFile(io.BytesIO(document.body)) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            _not_too_many(document, len(members))
            named = [(PurePosixPath(info.filename), info) for info in members]
            sought = [(path, info) for path, info in named if _is_plain(path) and wanted(path)]
            _within_limits(document, sum(info.file_size for _, info in sought), MOST_KEPT)
            found: dict[PurePosixPath, Document] = {}
            for path, info in sought:
                if info.flag_bits & 0x1:
                    raise ParseError(f"{document.url}: {path} is encrypted")
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise ParseError(f"{document.url}: {path} is packed in a way that zip archives seldom are")
                with archive.open(info) as member:
                    _add(found, document, path, _read(member, document, info.file_size))
            return found
    except DAMAGE as error:
        raise ParseError(f"{document.url} is a damaged zip archive: {error}") from error


def untarred(document: Document, wanted: Callable[[PurePosixPath], bool]) -> dict[PurePosixPath, Document]:
    """The wanted files of a gzipped tarball, without its top folder. Raises ParseError as `unzipped` does."""
    _expect(document, b"\x1f\x8b", "a gzipped tarball")
    found: dict[PurePosixPath, Document] = {}
    unpacked, kept = _Gunzipped(document), 0
    try:
        with tarfile.open(fileobj=unpacked, mode="r|") as archive:
            for number, info in enumerate(archive, start=1):
                _not_too_many(document, number)
                path = PurePosixPath(*PurePosixPath(info.name).parts[1:])
                if not info.isreg() or not _is_plain(PurePosixPath(info.name)) or not wanted(path):
                    continue
                kept += info.size
                _within_limits(document, kept, MOST_KEPT)
                body = archive.extractfile(info)
                if body is not None:  # always, for a regular file
                    _add(found, document, path, body.read())
        unpacked.to_the_end()
    except tarfile.TarError as error:
        raise ParseError(f"{document.url} is a damaged tarball: {error}") from error
    return found


def _read(member: IO[bytes], document: Document, size: int) -> bytes:
    """Piece by piece: asked for all of it at once, zipfile unpacks whatever is there before it looks at the size."""
    body = io.BytesIO()
    while piece := member.read(PIECE):
        body.write(piece)
        _within_limits(document, body.tell(), size)
    return body.getvalue()


class _Gunzipped(io.RawIOBase):
    """A gzip body piece by piece: tarfile itself takes a stream that was cut off for a tarball with fewer files."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document, self._stream = document, _stream()
        self._rest, self._held, self._size = memoryview(document.body), b"", 0

    def read(self, size: int = -1) -> bytes:
        """So many bytes, fewer only at the end. Raises ParseError."""
        parts = [self._held]
        have = len(self._held)
        while have < size and (piece := self._piece()):
            parts.append(piece)
            have += len(piece)
        all_of_it = b"".join(parts)
        self._held = all_of_it[size:]
        return all_of_it[:size]

    def to_the_end(self) -> None:
        """Whatever stands behind the last member is whole too."""
        while self._piece():
            pass

    def _piece(self) -> bytes:
        """Up to PIECE unpacked bytes; none at the end of the last gzip member."""
        while True:
            if self._stream.eof:
                if not self._rest:
                    return b""
                self._stream = _stream()
            begun = self._stream.unconsumed_tail or self._rest[:PIECE]
            if not self._stream.unconsumed_tail:
                self._rest = self._rest[PIECE:]
            try:
                piece = self._stream.decompress(begun, PIECE)
            except zlib.error as error:
                raise ParseError(f"{self._document.url} is a damaged tarball: {error}") from error
            if self._stream.eof and self._stream.unused_data:
                self._rest = self._rest_from(len(self._rest) + len(self._stream.unused_data))
            self._size += len(piece)
            _within_limits(self._document, self._size, MOST_BYTES)
            if piece:
                return piece
            if not self._stream.eof and not self._rest and not self._stream.unconsumed_tail:
                raise ParseError(f"{self._document.url} is a damaged tarball: it was cut off")

    def _rest_from(self, left: int) -> memoryview:
        return memoryview(self._document.body)[-left:]


def _stream() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=31)  # gzip, with its checksum


def _expect(document: Document, magic: bytes, what: str) -> None:
    if not document.body:
        raise ParseError(f"{document.url} is empty; {what} was expected")
    if document.body[:64].lstrip()[:1] == b"<":
        raise ParseError(f"{document.url} answered with a web page instead of {what}")
    if not document.body.startswith(magic):
        raise ParseError(f"{document.url} is not {what}")


def _not_too_many(document: Document, members: int) -> None:
    if members > MOST_MEMBERS:
        raise ParseError(f"{document.url} holds more than {MOST_MEMBERS} files")


def _within_limits(document: Document, size: int, most: int) -> None:
    if size > most:
        raise ParseError(f"{document.url} unpacks to more than {most} bytes")


def _is_plain(path: PurePosixPath) -> bool:
    """Nothing is ever written to disk, but a name that climbs out of the archive is no file of the publisher's."""
    return not path.is_absolute() and ".." not in path.parts and "__MACOSX" not in path.parts


def _add(found: dict[PurePosixPath, Document], document: Document, path: PurePosixPath, body: bytes) -> None:
    if path in found:
        # The second would hide the first, and nothing says which one the publisher meant.
        raise ParseError(f"{document.url} holds {path} twice")
    found[path] = Document(f"{document.url}!{path}", body, document.fetched_at)
