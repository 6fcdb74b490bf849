"""What a source is: a declaration, and a pure function from a document's bytes to records."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tracker.domain.records import Record
from tracker.domain.rows import Batch, batches
from tracker.sources import guard

Records = Iterable[Record]
MOST_VALUES = 600_000
LONGEST_ROW = 2**20
MOST_TEXT = 24 * 2**20
FOUR_BYTES, TWO_BYTES = re.compile(rb"[\xf0-\xf4]"), re.compile(rb"[\xc4-\xef]")
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


class ParseError(Exception):
    """The document is not what the source promised: asking again will not help, a person must look."""

    def __init__(self, message: str) -> None:
        # A message quotes the document and is stored beside it.
        super().__init__(guard.UNSTORABLE.sub(lambda found: repr(found[0])[1:-1], message))


@dataclass(frozen=True, slots=True)
class Document:
    """The bytes of one answer, with where and when they were had."""

    url: str
    body: bytes
    fetched_at: datetime
    media_type: str = ""

    def text(self) -> str:
        """The body as UTF-8 without a byte-order mark. Raises ParseError when it is not UTF-8 or is an HTML page."""
        # One character of four bytes makes every character of the text take four.
        width = 4 if FOUR_BYTES.search(self.body) else 2 if TWO_BYTES.search(self.body) else 1
        if len(self.body) * width > MOST_TEXT:
            raise ParseError(f"{self.url} would take more than {MOST_TEXT} bytes as a text")
        try:
            text = self.body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ParseError(f"{self.url} is not UTF-8 text: {error}") from error
        if text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
            raise ParseError(f"{self.url} answered with a web page instead of data")
        return text

    def csv(self, *required: str) -> Iterator[dict[str, str]]:
        """Rows by column name; quoted newlines are kept. Raises ParseError without the required columns."""
        yield from read_csv(self.text(), self.url, required)

    def json(self) -> Any:
        """The parsed JSON; NaN, Infinity and a key twice in one object are refused. Raises ParseError."""

        def refuse(name: str) -> None:
            raise ParseError(f"{self.url} contains {name}, which is not JSON")

        def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            found = dict(pairs)
            if len(found) != len(pairs):
                # The last would hide the others, and nothing says which one the publisher meant.
                twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
                raise ParseError(f"{self.url} has the key {twice[:60]!r} twice in one object")
            return found

        # Three bytes may stand for a hundred of an object in memory; what is known has a fifth of this.
        if sum(map(self.body.count, (b",", b"[", b"{"))) > MOST_VALUES:
            raise ParseError(f"{self.url} holds more than {MOST_VALUES} values")
        try:
            return json.loads(self.text(), parse_constant=refuse, object_pairs_hook=once)
        except (ValueError, RecursionError) as error:  # a number of thousands of digits is no JSONDecodeError
            raise ParseError(f"{self.url} is not JSON: {error}") from error


class _Lines:
    """The lines of a table, no more of them for one row than a row can be: a row of nothing but commas is columns, and
    each costs twenty times its byte."""

    def __init__(self, text: str, where: str) -> None:
        self._text, self._where, self.since = text, where, 0

    def __iter__(self) -> Iterator[str]:
        # Not io.StringIO: it would copy the text, four bytes a character.
        for line in LINE.finditer(self._text):
            self.since += line.end() - line.start()
            if self.since > LONGEST_ROW:
                raise ParseError(f"{self._where} has a row of more than {LONGEST_ROW} characters")
            yield line[0]


def read_csv(text: str, where: str, required: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """Rows of a CSV text by column name. Raises ParseError when a required column is missing or a row is ragged."""
    lines = _Lines(text, where)
    reader = csv.DictReader(lines, restkey="", strict=True)
    try:
        missing = [name for name in required if name not in (reader.fieldnames or ())]
        if missing:
            raise ParseError(f"{where} has no column {', '.join(missing)}; it has {reader.fieldnames}")
        lines.since = 0
        for row in reader:
            lines.since = 0
            if "" in row and isinstance(row[""], list):
                raise ParseError(f"{where}, line {reader.line_num}: more cells than columns")
            if None in row.values():
                # A row cut short is what a broken transfer looks like: its last cells would read as blank.
                raise ParseError(f"{where}, line {reader.line_num}: fewer cells than columns")
            yield row
    except csv.Error as error:
        raise ParseError(f"{where}, line {reader.line_num}: {error}") from error


@dataclass(frozen=True, slots=True)
class Source:
    """A place that facts come from.

    `urls` are its documents; each is collected, stored and superseded on its own. `every` is how often it is due, None
    for a document that was published once. `at_least` refuses a document with fewer records; `may_shrink_to` refuses
    one whose records fell under that share of the last good document's. `rolling` documents are a window onto a longer
    list: what leaves them is not withdrawn, and a window may be empty. `onward` is for a document that only names where
    the current one stands: it gives that address, or blank for one that is the document itself. `may_display` allows
    its facts on the pages and in the files, `may_hand_on` allows the documents themselves to be downloaded: prose under
    copyright may not.
    """

    module: str
    title: str
    publisher: str
    homepage: str
    data_licence: str
    urls: tuple[str, ...]
    parse: Callable[[Document], Records]
    attribution: str = ""
    may_display: bool = True
    may_hand_on: bool = True
    every: timedelta | None = timedelta(days=1)
    at_least: int = 1
    may_shrink_to: float = 0.7
    max_bytes: int = 16 * 2**20  # five times the largest document that is known
    stale_after: timedelta | None = None
    rolling: bool = False
    onward: Callable[[bytes], str] | None = None

    @property
    def slug(self) -> str:
        return self.module.rpartition(".")[2]

    def records(self, document: Document) -> list[Record]:
        """Every record of the document. Raises ParseError on anything unexpected and where `check` does."""
        return self.check(document, self.parse(document))

    def check(self, document: Document, records: Records) -> list[Record]:
        """The records as a list. Raises ParseError where `guarded` does."""
        return [record for batch in self.guarded(document.url, batches(records)) for record in batch.records()]

    def guarded(self, url: str, coming: Iterable[Batch]) -> Iterator[Batch]:
        """The records in the batches that they come in, none of which may be believed before the last one has passed.

        Raises ParseError when two of one kind share a key, a value cannot be stored, or at the end there were too few.
        """
        count = 0
        try:
            for batch in guard.guarded(coming):
                count += len(batch)
                yield batch
        except guard.RefusedError as refusal:
            raise ParseError(f"{url}{refusal}") from None
        if count < self.at_least:
            raise ParseError(f"{url} holds {count} records; {self.title} never has fewer than {self.at_least}")
