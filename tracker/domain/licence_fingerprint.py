"""What is kept of a licence's text instead of its words: hashes of every clause, and sketches of what it is near to."""

import hashlib
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.domain.licence_text import Clause, clauses

SKETCH, SHINGLE = 64, 4
PIECE_SKETCH, PIECE_SHINGLE = 6, 2
OPENING = 3
# From here on a text tells how to use it: whoever leaves that out has left out no clause.
_GUIDANCE = (
    "how to apply",
    "creative commons is not a party to its public licenses",
    "for more information please refer",
)
# Up to here Creative Commons writes about its licences.
_BEFORE = "exercising the licensed rights defined below you accept"
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Piece:
    """One clause: `sha` is of its words, `opening` of its first three, by which a place to look at is found.

    A text without a piece that is `optional` still says the same.
    """

    sha: str
    opening: str
    count: int
    optional: bool
    sketch: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Form:
    """One of the ways in which a licence is written: the same clauses with other headings or another preamble."""

    sha256: str
    words: int
    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A licence without its words: every form it is written in, and the lowest SKETCH hashes of its runs of SHINGLE
    words, by which candidates for a text are found."""

    slug: str
    sketch: tuple[str, ...]
    forms: tuple[Form, ...]


def piece_hash(words: Sequence[str]) -> str:
    """Of a clause: two with one hash are one clause."""
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:16]


def mark(words: Sequence[str], digits: int) -> str:
    """A quick hash that only says where to look, or how near two texts are: never that they are the same."""
    return f"{zlib.crc32(' '.join(words).encode()):08x}"[-digits:]


def shingles(words: Sequence[str], length: int, digits: int) -> set[str]:
    """Hashes of all runs of so many words; of all words where there are fewer."""
    last = max(len(words) - length, 0)
    return {mark(words[at : at + length], digits) for at in range(last + 1)} if words else set()


def piece_sketch(words: Sequence[str]) -> tuple[str, ...]:
    """The lowest PIECE_SKETCH hashes of a clause's pairs of words: the more of them two clauses share, the more alike
    they are."""
    return tuple(sorted(shingles(words, PIECE_SHINGLE, 4))[:PIECE_SKETCH])


def fingerprint(slug: str, name: str, text: str, *, optional: bool = True) -> Fingerprint:
    """Of one text, known by `name`. Raises ValueError for a slug that can be none, and for a text without words."""
    if not _SLUG.fullmatch(slug):
        raise ValueError(f"{slug!r} is no slug: small letters, figures and single hyphens")
    found = clauses(text, optional=optional)
    words = [word for clause in found for word in clause.words]
    if not words:
        raise ValueError(f"{name} has no words")
    sha256 = hashlib.sha256(" ".join(words).encode()).hexdigest()
    form = Form(sha256, len(words), name, tuple(_pieces(found)))
    return Fingerprint(slug, tuple(sorted(shingles(words, SHINGLE, 8))[:SKETCH]), (form,))


def merged(known: Fingerprint, other: Fingerprint) -> Fingerprint:
    """With the forms of both; the sketch is of the first."""
    have = {form.sha256 for form in known.forms}
    return Fingerprint(known.slug, known.sketch, (*known.forms, *(f for f in other.forms if f.sha256 not in have)))


def _pieces(found: Sequence[Clause]) -> Iterable[Piece]:
    said = [" ".join(clause.words) for clause in found]
    begins = next((at for at, words in enumerate(said) if _BEFORE in words), 0)
    guidance = [at for at, words in enumerate(said) if at > len(said) // 2 and any(g in words[:80] for g in _GUIDANCE)]
    ends = guidance[0] if guidance else len(said)
    for at, clause in enumerate(found):
        # A list of short items looks like headings without text; each of them is a rule.
        listed = all(neighbour.is_heading for neighbour in found[max(at - 2, 0) : at + 3])
        yield Piece(
            piece_hash(clause.words),
            mark(clause.words[:OPENING], 6),
            len(clause.words),
            (clause.is_heading and not listed) or not begins <= at < ends,
            piece_sketch(clause.words),
            clause.label,
        )


def written(fingerprint: Fingerprint) -> str:
    """As a file: a line a form and a line a clause, and no word of the text but its headings."""
    pieces = list(dict.fromkeys(piece for form in fingerprint.forms for piece in form.pieces))
    place = {piece: at for at, piece in enumerate(pieces)}
    lines = ["# Hashes of a licence's clauses, made by `manage.py licence FILE --learn SLUG`; not its words."]
    lines.append(f"licence {fingerprint.slug}")
    lines.append(f"sketch {' '.join(fingerprint.sketch)}")
    lines += [
        f"form {form.sha256} {form.words} {_ranges([place[piece] for piece in form.pieces])} {form.name}"
        for form in fingerprint.forms
    ]
    for piece in pieces:
        kind = "optional" if piece.optional else "clause"
        sketch = "".join(piece.sketch)
        lines.append(f"{kind} {piece.sha} {piece.opening} {piece.count} {sketch} {piece.label}".rstrip())
    return "\n".join(lines) + "\n"


def read(text: str) -> Fingerprint:
    """The fingerprint that a file holds. Raises ValueError with the line that is none."""
    slug, sketch = "", tuple[str, ...]()
    pieces: list[Piece] = []
    forms: list[tuple[str, int, str, str]] = []
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        try:
            if kind == "licence":
                slug = rest
            elif kind == "sketch":
                sketch = tuple(rest.split())
            elif kind == "form":
                sha256, words, places, name = rest.split(" ", 3)
                forms.append((sha256, int(words), places, name))
            elif kind in ("clause", "optional"):
                sha, opening, count, drawn, *label = rest.split(" ", 4)
                parts = tuple(drawn[at : at + 4] for at in range(0, len(drawn), 4))
                pieces.append(Piece(sha, opening, int(count), kind == "optional", parts, "".join(label)))
            elif line and kind != "#":
                raise ValueError("allowed: licence, sketch, form, clause, optional")
        except ValueError as error:
            raise ValueError(f"{line!r} is no line of a fingerprint: {error}") from error
    if not slug or not forms:
        raise ValueError("a fingerprint names its licence and has a form")
    return Fingerprint(slug, sketch, tuple(Form(s, w, n, tuple(_picked(p, pieces))) for s, w, p, n in forms))


def _ranges(places: Sequence[int]) -> str:
    parts: list[list[int]] = []
    for place in places:
        if parts and parts[-1][1] + 1 == place:
            parts[-1][1] = place
        else:
            parts.append([place, place])
    return ",".join(f"{a}-{b}" for a, b in parts)


def _picked(places: str, pieces: Sequence[Piece]) -> Iterable[Piece]:
    for part in places.split(","):
        first, _, last = part.partition("-")
        if int(last) >= len(pieces):
            raise ValueError(f"a form names clause {last} of {len(pieces)}")
        yield from pieces[int(first) : int(last) + 1]
