"""What a curator reads in a licence's text: terms with the words they rest on, each reading kept beside the others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from tracker.curation.ledger import Done, Ledger, Refused, readers_see_it
from tracker.domain.licence_terms import LicenceDefinition
from tracker.domain.licence_text import Clause, clauses, text_sha256
from tracker.models import Decision, Licence, LicenceReading, LicenceText

CANDIDATES = 5  # known texts that are compared clause by clause; which, their words alone tell
ALIKE = 0.3  # of the words of two clauses: less is another clause
LEAST_SHARE = 0.1  # of clauses in common: less is a text that nothing known is near to
LONGEST = 200_000  # characters that are compared: no licence is half as long


@transaction.atomic
def read_licence(
    text: LicenceText,
    *,
    terms: Mapping[str, Any],
    clauses: Sequence[Mapping[str, str]] = (),
    licence: Licence | None = None,
    note: str = "",
    by: User,
    reason: str,
    now: datetime,
) -> Done:
    """These are the text's terms, as this curator reads them; what others read stays beside it. A second reading by the
    same curator takes the place of the first, which is kept, withdrawn."""
    ledger = Ledger(by=by, reason=reason, now=now)
    text = LicenceText.objects.select_for_update().get(pk=text.pk)
    if not text.text.strip():
        raise Refused("There is no text to read: the source says flags only.")
    try:
        LicenceDefinition.from_toml("reading", {"name": "reading", **terms, "clauses": [*map(dict, clauses)]})
    except ValueError as error:
        raise Refused(str(error).removeprefix("licences/reading.toml").lstrip(": ")) from error
    if not terms:
        raise Refused("Nothing was read: state at least one term.")
    sha256 = text_sha256(text.text)
    for mine in LicenceReading.objects.select_for_update().filter(text_sha256=sha256, by=by, withdrawn_at=None):
        ledger.update(mine, withdrawn_at=now)
    reading = LicenceReading(
        text=text,
        licence=licence,
        text_sha256=sha256,
        terms=dict(terms),
        clauses=[*map(dict, clauses)],
        note=note.strip(),
        by=by,
        at=now,
    )
    ledger.create(reading)
    ledger.concern(text, licence)
    words = f"{len(terms)} terms of “{text.name}”" + (f", read as {licence}" if licence else "")
    decision = ledger.sign(Decision.Kind.READ_LICENCE, reading, words)
    readers_see_it(now=now)
    return Done((decision,))


@transaction.atomic
def withdraw_reading(reading: LicenceReading, *, by: User, reason: str, now: datetime) -> Done:
    """The reading does not stand any more; it is kept. Whoever reads otherwise records a reading of their own."""
    ledger = Ledger(by=by, reason=reason, now=now)
    reading = (
        LicenceReading.objects.select_for_update(of=("self",)).select_related("text", "licence").get(pk=reading.pk)
    )
    if reading.withdrawn_at is not None:
        raise Refused("It was withdrawn already.")
    if reading.by_id != by.pk:
        raise Refused(f"It is {reading.by}'s reading: record your own beside it.")
    ledger.update(reading, withdrawn_at=now)
    ledger.concern(reading.text, reading.licence)
    name = reading.text.name if reading.text else str(reading.licence)
    decision = ledger.sign(Decision.Kind.READ_LICENCE, reading, f"The reading of “{name}” is withdrawn")
    readers_see_it(now=now)
    return Done((decision,))


def standing(text: LicenceText) -> list[LicenceReading]:
    """The readings of this text, and of every text with the same words, that nobody withdrew."""
    readings = LicenceReading.objects.filter(text_sha256=text_sha256(text.text), withdrawn_at=None)
    return list(readings.select_related("by", "licence").order_by("at", "pk"))


def disputed(readings: Iterable[LicenceReading]) -> list[str]:
    """The terms that curators read differently; what one of them left unread is no dispute."""
    said: dict[str, list[Any]] = {}
    for reading in readings:
        for term, value in reading.terms.items():
            said.setdefault(term, []).append(value)
    return sorted(term for term, values in said.items() if any(value != values[0] for value in values))


@dataclass(frozen=True, slots=True)
class Side:
    """One clause as one of two texts has it: its words in pieces, each with whether the other text lacks it."""

    label: str
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A clause of the text and what stands for it in the known one; one of them may be missing."""

    ours: Side | None
    known: Side | None

    @property
    def state(self) -> str:
        if self.ours is None:
            return "missing"
        if self.known is None:
            return "added"
        return "changed" if any(differs for _, differs in (*self.ours.pieces, *self.known.pieces)) else "same"


@dataclass(frozen=True, slots=True)
class Nearest:
    """The known text that has most clauses in common with a text, and both side by side."""

    known: LicenceText
    share: float
    rows: tuple[Row, ...]

    @property
    def differing(self) -> int:
        return sum(row.state != "same" for row in self.rows)


def nearest(text: LicenceText) -> Nearest | None:
    """The known text that this one is nearest to; None where nothing known is near."""
    known = LicenceText.objects.known().filter(licence__isnull=False).exclude(text="").exclude(pk=text.pk)
    words = _words(text.text)
    ranked = sorted(
        ((len(words & other) / max(len(words | other), 1), pk) for pk, other in _texts(known.order_by("pk"))),
        key=lambda row: (-row[0], row[1]),
    )
    ours = clauses(text.text[:LONGEST])
    rows = known.select_related("licence", "endpoint__source").in_bulk([pk for _, pk in ranked[:CANDIDATES]])
    found = [beside(ours, rows[pk]) for _, pk in ranked[:CANDIDATES]]
    best = max(found, key=lambda one: one.share, default=None)
    return best if best and best.share >= LEAST_SHARE else None


def beside(ours: Sequence[Clause], known: LicenceText) -> Nearest:
    """A text's clauses beside those of a known text."""
    theirs = clauses(known.text[:LONGEST])
    rows = tuple(_rows(ours, theirs))
    same = sum(row.state == "same" for row in rows)
    return Nearest(known, same / max(len(rows), 1), rows)


def _texts(known: Any) -> Iterator[tuple[int, frozenset[str]]]:
    for pk, text in known.values_list("pk", "text").iterator(chunk_size=50):
        yield pk, _words(text)


def _words(text: str) -> frozenset[str]:
    return frozenset(text[:LONGEST].casefold().split())


def _rows(ours: Sequence[Clause], theirs: Sequence[Clause]) -> Iterator[Row]:
    one, two = [clause.words for clause in ours], [clause.words for clause in theirs]
    for what, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if what == "equal":
            for mine, other in zip(ours[a:b], theirs[c:d], strict=True):
                yield Row(_whole(mine, differs=False), _whole(other, differs=False))
        else:
            yield from _paired(ours[a:b], theirs[c:d])


def _paired(ours: Sequence[Clause], theirs: Sequence[Clause]) -> Iterator[Row]:
    """Clauses that differ: those that say something alike stand beside each other, in the order of the text."""
    left = list(theirs)
    for mine in ours:
        best = max(left, key=lambda other: _likeness(mine, other), default=None)
        if best is None or _likeness(mine, best) < ALIKE:
            yield Row(_whole(mine, differs=True), None)
        else:
            left.remove(best)
            yield Row(*_marked(mine, best))
    for other in left:
        yield Row(None, _whole(other, differs=True))


def _likeness(one: Clause, two: Clause) -> float:
    words, others = set(one.words), set(two.words)
    return len(words & others) / max(len(words | others), 1)


def _whole(clause: Clause, *, differs: bool) -> Side:
    return Side(clause.label, ((clause.original, differs),))


def _marked(mine: Clause, other: Clause) -> tuple[Side, Side]:
    one, two = mine.original.split(), other.original.split()
    sides: tuple[list[tuple[str, bool]], list[tuple[str, bool]]] = ([], [])
    for what, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        for pieces, words in zip(sides, (one[a:b], two[c:d]), strict=True):
            if words:
                pieces.append((" ".join(words), what != "equal"))
    return Side(mine.label, tuple(sides[0])), Side(other.label, tuple(sides[1]))
