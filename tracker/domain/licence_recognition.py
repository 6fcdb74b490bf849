"""Which known licence a text is, clause by clause, or which it is nearest to and where the two differ."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tracker.domain.licence_alignment import Gap, Match, Span, Text, align, gaps, says_nothing
from tracker.domain.licence_fingerprint import SHINGLE, Fingerprint, Form, Piece, piece_sketch, shingles
from tracker.domain.licence_markup import spdx_tag
from tracker.domain.licence_text import normalise

CANDIDATES, NEAR = 8, 0.1
ALIKE = 0.25
# A text this short may name a licence; it cannot be one.
NAME_WORDS, LETTER_WORDS = 60, 150
DEPTH = 12  # texts in one file: a heap of notices is not taken apart to the end


class State(StrEnum):
    """What a text turned out to be. Only of an exact one is the licence known."""

    EXACT = "exact"
    WHOLE = "whole"  # every clause of a known licence, and other text before or after it
    UNKNOWN = "unknown"
    NAMED = "named"  # the text says which licence is meant, and does not hold it
    EMPTY = "empty"
    UNREADABLE = "unreadable"


class Difference(StrEnum):
    """How a clause differs, seen from the known licence."""

    MISSING = "missing"
    CHANGED = "changed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Differing:
    """A clause that differs. `clause` is its label in the known licence, `words` are those of the text in hand."""

    kind: Difference
    clause: str
    words: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """`licence` is given only for an exact text; `others` are further known texts that stand in the same file.

    `share` is how many of the clauses of the nearest licence and of the text are alike, 0 to 1.
    """

    state: State
    text_sha256: str
    licence: str = ""
    nearest: str = ""
    share: float = 0.0
    others: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    differing: tuple[Differing, ...] = ()

    @property
    def exact(self) -> bool:
        return self.state is State.EXACT


@dataclass(frozen=True, slots=True)
class _Comparison:
    slug: str
    form: Form
    words: int  # of the text
    matches: tuple[Match, ...]
    missing: tuple[Piece, ...]
    rest: tuple[Gap, ...]
    covered: int
    changed: float  # the words of changed clauses, each by how alike it is
    leading: tuple[Span, ...]
    trailing: tuple[Span, ...]
    differing: tuple[Differing, ...]

    @property
    def exact(self) -> bool:
        return not self.differing

    @property
    def whole(self) -> bool:
        """Nothing is missing, and what is added stands before or after, not within."""
        return not self.missing and len(self.rest) == len(self.leading) + len(self.trailing)


def recognise(
    text: str, known: Sequence[Fingerprint], names: Mapping[str, str] | None = None, *, depth: int = DEPTH
) -> Recognition:
    """What the text is. `names` are names and addresses of licences, normalised, with their slugs."""
    if unreadable(text):
        return Recognition(State.UNREADABLE, "")
    read = Text(text)
    sha256 = hashlib.sha256(" ".join(read.words).encode()).hexdigest()
    if not read.words:
        tagged = _named(text, names or {})
        return Recognition(State.NAMED if tagged else State.EMPTY, sha256, named=tagged)
    found = _comparisons(read, known, sha256)
    for comparison in found:
        if comparison.exact:
            return Recognition(State.EXACT, sha256, comparison.slug, comparison.slug, 1.0)
    for comparison in sorted(found, key=lambda one: -one.covered):
        others = _others(read, comparison, known, depth) if comparison.whole and depth else ()
        if others:
            return Recognition(State.EXACT, sha256, comparison.slug, comparison.slug, 1.0, others)
    near = max(found, key=_likeness, default=None)
    if near is None or (len(read.words) < NAME_WORDS and _share(near) < 0.5) or not _required(near):
        named = _named(text, names or {}) or ((near.slug,) if near and not _required(near) else ())
        if named:
            return Recognition(State.NAMED, sha256, named=named)
    if near is None:
        return Recognition(State.UNKNOWN, sha256)
    state = State.WHOLE if near.whole else State.UNKNOWN
    return Recognition(state, sha256, "", near.slug, round(_share(near), 4), differing=near.differing)


def unreadable(text: str) -> bool:
    """Whether this is no text: bytes of something else, read as if they were letters."""
    strange = sum(
        character == "\ufffd" or (ord(character) < 32 and character not in "\t\n\r\f\v") for character in text
    )
    return "\0" in text or strange * 50 > len(text)


def _comparisons(read: Text, known: Sequence[Fingerprint], sha256: str) -> list[_Comparison]:
    """With the licences that share most with the text; with one alone, if its whole text is this."""
    for one in known:
        for form in one.forms:
            if form.sha256 == sha256:
                return [_compared(one.slug, form, read)]
    own = shingles(read.words, SHINGLE, 8)
    ranked = sorted(((_shared(one, own), one.slug, one) for one in known), key=lambda row: (-row[0], row[1]))
    candidates = [one for share, _, one in ranked[:CANDIDATES] if share >= NEAR]
    return [max((_compared(one.slug, form, read) for form in one.forms), key=_fit) for one in candidates]


def _shared(one: Fingerprint, own: set[str]) -> float:
    return sum(part in own for part in one.sketch) / max(len(one.sketch), 1)


def _fit(comparison: _Comparison) -> tuple[int, int]:
    return -len(comparison.differing), comparison.covered


def _likeness(comparison: _Comparison) -> float:
    """How much of both is covered: a short licence that stands in a long text is not nearer than the long one.

    A clause that was changed counts for as much as it is alike: a text that lacks it altogether is further away.
    """
    return 2 * (comparison.covered + comparison.changed) / (comparison.form.words + comparison.words)


def _share(comparison: _Comparison) -> float:
    alike = _required(comparison)
    needed = sum(not piece.optional for piece in comparison.form.pieces)
    added = sum(one.kind is Difference.ADDED for one in comparison.differing)
    return alike / max(needed + added, 1)


def _required(comparison: _Comparison) -> int:
    return sum(not comparison.form.pieces[match.piece].optional for match in comparison.matches)


def _compared(slug: str, form: Form, read: Text) -> _Comparison:
    matches = align(form, read)
    required = [match for match in matches if not form.pieces[match.piece].optional]
    begin = required[0].span.first if required else len(read.words)
    end = required[-1].span.last if required else 0
    missing: list[Piece] = []
    rest: list[Gap] = []
    leading: list[Span] = []
    trailing: list[Span] = []
    differing: list[Differing] = []
    changed = 0.0
    for gap in gaps(form, read, matches):
        lost = tuple(piece for piece in gap.pieces if not piece.optional)
        spans = [
            span
            for span in (read.parts(gap.span) if gap.span.first < gap.span.last else ())
            if not says_nothing(read, span, leading=span.last <= begin)
        ]
        missing += lost
        if spans:
            rest.append(gap)
            if gap.span.last <= begin:
                leading.append(gap.span)
            elif gap.span.first >= end:
                trailing.append(gap.span)
        rows, alike = _paired(read, lost, spans)
        differing += rows
        changed += alike
    covered = sum(match.span.last - match.span.first for match in matches)
    return _Comparison(
        slug,
        form,
        len(read.words),
        matches,
        tuple(missing),
        tuple(rest),
        covered,
        changed,
        tuple(leading),
        tuple(trailing),
        tuple(differing),
    )


def _paired(read: Text, lost: Sequence[Piece], spans: Sequence[Span]) -> tuple[list[Differing], float]:
    """Lost clauses beside the sentences that stand in their place; what is alike was changed, the rest came or went.

    Also how many words of the lost clauses are still there, as far as sketches tell.
    """
    sketches = [set(piece_sketch(read.words[span.first : span.last])) for span in spans]
    likeness = sorted(
        (
            (len(sketches[there] & set(piece.sketch)) / max(len(piece.sketch), 1), here, there)
            for here, piece in enumerate(lost)
            for there in range(len(spans))
        ),
        reverse=True,
    )
    partner: dict[int, int] = {}
    still = 0.0
    for share, here, there in likeness:
        if here not in partner and there not in partner.values() and (share >= ALIKE or len(lost) == len(spans) == 1):
            partner[here] = there
            still += share * lost[here].count
    rows: list[Differing] = []
    for here, piece in enumerate(lost):
        words = read.original(spans[partner[here]]) if here in partner else ""
        rows.append(Differing(Difference.CHANGED if here in partner else Difference.MISSING, piece.label, words))
    added = [span for there, span in enumerate(spans) if there not in partner.values()]
    return rows + [Differing(Difference.ADDED, "", read.original(span)) for span in added], still


def _others(read: Text, comparison: _Comparison, known: Sequence[Fingerprint], depth: int) -> tuple[str, ...]:
    """The known texts that make up all the rest of the file; nothing where a part of the rest is no known text."""
    found: list[str] = []
    for spans in (comparison.leading, comparison.trailing):
        if not spans:
            continue
        other = recognise(read.lines(Span(spans[0].first, spans[-1].last)), known, depth=depth - 1)
        if not other.exact:
            return ()
        found += [other.licence, *other.others]
    return tuple(found)


def _named(text: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """The licences that a short text, or its SPDX tag, calls by a name or an address of theirs."""
    tag = normalise(spdx_tag(text))
    if tag:
        return (names[tag],) if tag in names else ()
    words = normalise(text).split()
    if len(words) > LETTER_WORDS:
        return ()
    found: list[tuple[int, int, str]] = []
    for first in range(len(words)):
        for last in range(min(len(words), first + 14), first, -1):
            slug = names.get(" ".join(words[first:last]))
            # In a longer text one word may be any word: the name must be a whole one, or an address.
            if last - first < 2 and len(words) > 12:
                continue
            if slug is not None and not any(a <= first and last <= b for a, b, _ in found):
                found.append((first, last, slug))
    return tuple(dict.fromkeys(slug for _, _, slug in found))
