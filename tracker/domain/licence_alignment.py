"""Which clauses of a known licence stand in a text, found by their hashes, and what else stands there."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tracker.domain.licence_fingerprint import OPENING, Form, Piece, mark, piece_hash
from tracker.domain.licence_markup import is_notice, undressed
from tracker.domain.licence_text import RULING, Clause, Word, clauses_of, is_title, words_of

# A clause that stands more often stands in a heap of notices, whose first ones tell enough.
REPEATED = 32
_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2})*|[a-z]|[ivxl]{1,5}|copyright")
_HOLDERS = frozenset("inc llc ltd co corp corporation gmbh foundation authors contributors".split())


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a text, from one to before another."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Match:
    """A clause that was found: its place among the form's clauses, and the words of the text that it takes up."""

    piece: int
    span: Span


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands between two clauses that were found: other words, other clauses of the licence, or both."""

    span: Span
    pieces: tuple[Piece, ...]


class Text:
    """A text prepared for comparing it with many licences."""

    def __init__(self, text: str) -> None:
        self.clean = undressed(text)
        self.tokens: tuple[Word, ...] = words_of(self.clean)
        self.words = tuple(word.text for word in self.tokens)
        self.clauses: tuple[Clause, ...] = clauses_of(self.clean, self.tokens)
        self._openings: dict[tuple[int, str], list[int]] = {}
        for length in range(1, OPENING + 1):
            for at in range(len(self.words) - length + 1):
                self._openings.setdefault((length, mark(self.words[at : at + length], 6)), []).append(at)
        self._hashes: dict[tuple[int, int], str] = {}

    def places(self, piece: Piece) -> Iterator[int]:
        """Where the words of a clause stand."""
        for at in self._openings.get((min(piece.count, OPENING), piece.opening), ()):
            key = (at, piece.count)
            if key not in self._hashes:
                self._hashes[key] = piece_hash(self.words[at : at + piece.count])
            if at + piece.count <= len(self.words) and self._hashes[key] == piece.sha:
                yield at

    def original(self, span: Span) -> str:
        """The words as they were written, on one line."""
        if span.first >= span.last:
            return ""
        start, end = self.tokens[span.first].start, self.tokens[span.last - 1].end
        while end < len(self.clean) and self.clean[end] in ".;:!?)\"'%":
            end += 1
        return " ".join(self.clean[start:end].split())

    def lines(self, span: Span) -> str:
        """The words as they were written, with their lines, to be read as a text of their own."""
        before = self.tokens[span.first - 1].end if span.first else 0
        after = self.tokens[span.last].start if span.last < len(self.tokens) else len(self.clean)
        return self.clean[before:after].lstrip(".;:!?)\"'%")

    def parts(self, span: Span) -> Iterator[Span]:
        """A span cut where the text's own sentences end."""
        at, first = 0, span.first
        for clause in self.clauses:
            at += len(clause.words)
            if first < at:
                yield Span(first, min(at, span.last))
                first = at
            if at >= span.last:
                return


def align(form: Form, text: Text) -> tuple[Match, ...]:
    """The clauses that stand in the text, in the licence's order, so that they hold as many words as possible."""
    pairs = sorted(
        (at, -number, piece) for number, piece in enumerate(form.pieces) for at in islice(text.places(piece), REPEATED)
    )
    best: list[int] = []
    back: list[int] = []
    ends = [at + piece.count for at, _, piece in pairs]
    for here, (at, number, piece) in enumerate(pairs):
        score, from_ = 0, -1
        for there in range(here):
            if ends[there] <= at and pairs[there][1] > number and best[there] >= score:
                score, from_ = best[there], there
        best.append(score + piece.count)
        back.append(from_)
    found: list[Match] = []
    here = max(range(len(pairs)), key=lambda at: best[at], default=-1)
    while here >= 0:
        at, number, piece = pairs[here]
        found.append(Match(-number, Span(at, at + piece.count)))
        here = back[here]
    return tuple(reversed(found))


def gaps(form: Form, text: Text, matches: Sequence[Match]) -> Iterator[Gap]:
    """What is between the matches, before the first and after the last; nothing where nothing is."""
    at, number = 0, 0
    for match in (*matches, Match(len(form.pieces), Span(len(text.words), len(text.words)))):
        pieces = form.pieces[number : match.piece]
        if at < match.span.first or pieces:
            yield Gap(Span(at, match.span.first), pieces)
        at, number = match.span.last, match.piece + 1


def says_nothing(text: Text, span: Span, *, leading: bool) -> bool:
    """Whether words beside a licence leave it as it is: a notice of rights, a bare number, and above it a title."""
    words, original = text.words[span.first : span.last], text.original(span)
    if len(words) == 1 and _NUMBER.fullmatch(words[0]):
        return True
    if leading and len(words) <= 4 and words[-1] in _HOLDERS and original.istitle():
        return True  # the end of a notice that was wrapped
    if words[0] == "copyright" and is_notice(original):
        return True
    if not leading or not RULING.isdisjoint(words):
        return False
    named = {"license", "agreement", "terms", "copying", "notice", "legal"} & set(words)
    figures = any(character.isdigit() for word in words for character in word)
    return bool(named) and not figures and len(words) <= 8 and is_title(original, words)
