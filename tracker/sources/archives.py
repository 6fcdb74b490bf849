"""How an archive is opened without trusting it: its members by name, in memory, within limits."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath

from tracker.sources.base import Document, ParseError

MOST_MEMBERS = 20_000
MOST_BYTES = 256 * 2**20
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
            _within_limits(document, [info.file_size for info in members])
            found: dict[PurePosixPath, Document] = {}
            for info in members:
                path = PurePosixPath(info.filename)
                if not _is_plain(path) or not wanted(path):
                    continue
                if info.flag_bits & 0x1:
                    raise ParseError(f"{document.url}: {path} is encrypted")
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise ParseError(f"{document.url}: {path} is packed in a way that zip archives seldom are")
                _add(found, document, path, archive.read(info))
            return found
    except DAMAGE as error:
        raise ParseError(f"{document.url} is a damaged zip archive: {error}") from error


def untarred(document: Document, wanted: Callable[[PurePosixPath], bool]) -> dict[PurePosixPath, Document]:
    """The wanted files of a gzipped tarball, without its top folder. Raises ParseError as `unzipped` does."""
    _expect(document, b"\x1f\x8b", "a gzipped tarball")
    found: dict[PurePosixPath, Document] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(_gunzipped(document)), mode="r:") as archive:
            members = archive.getmembers()
            _within_limits(document, [info.size for info in members])
            for info in members:
                path = PurePosixPath(*PurePosixPath(info.name).parts[1:])
                if not info.isreg() or not _is_plain(PurePosixPath(info.name)) or not wanted(path):
                    continue
                body = archive.extractfile(info)
                if body is not None:  # always, for a regular file
                    _add(found, document, path, body.read())
    except tarfile.TarError as error:
        raise ParseError(f"{document.url} is a damaged tarball: {error}") from error
    return found


def _gunzipped(document: Document) -> bytes:
    """Unpacked by hand: tarfile takes a gzip stream that was cut off for a tarball with fewer files."""
    unpacked, rest = bytearray(), document.body
    while rest:
        stream = zlib.decompressobj(wbits=31)  # gzip, with its checksum
        try:
            unpacked += stream.decompress(rest, MOST_BYTES - len(unpacked) + 1)
        except zlib.error as error:
            raise ParseError(f"{document.url} is a damaged tarball: {error}") from error
        _within_limits(document, [len(unpacked)])
        if not stream.eof:
            raise ParseError(f"{document.url} is a damaged tarball: it was cut off")
        rest = stream.unused_data
    return bytes(unpacked)


def _expect(document: Document, magic: bytes, what: str) -> None:
    if not document.body:
        raise ParseError(f"{document.url} is empty; {what} was expected")
    if document.body[:64].lstrip()[:1] == b"<":
        raise ParseError(f"{document.url} answered with a web page instead of {what}")
    if not document.body.startswith(magic):
        raise ParseError(f"{document.url} is not {what}")


def _within_limits(document: Document, sizes: list[int]) -> None:
    if len(sizes) > MOST_MEMBERS:
        raise ParseError(f"{document.url} holds more than {MOST_MEMBERS} files")
    if sum(sizes) > MOST_BYTES:
        raise ParseError(f"{document.url} unpacks to more than {MOST_BYTES} bytes")


def _is_plain(path: PurePosixPath) -> bool:
    """Nothing is ever written to disk, but a name that climbs out of the archive is no file of the publisher's."""
    return not path.is_absolute() and ".." not in path.parts and "__MACOSX" not in path.parts


def _add(found: dict[PurePosixPath, Document], document: Document, path: PurePosixPath, body: bytes) -> None:
    if path in found:
        # The second would hide the first, and nothing says which one the publisher meant.
        raise ParseError(f"{document.url} holds {path} twice")
    found[path] = Document(f"{document.url}!{path}", body, document.fetched_at)
