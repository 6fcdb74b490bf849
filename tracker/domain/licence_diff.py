"""What two versions of a licence's text have not in common: clauses, and the terms that a curator read in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from tracker.domain.licence_text import Clause, clauses, text_sha256

QUOTE_WORDS = 24
ALIKE = 0.5
# From what allows least to what allows most.
SCALES: Mapping[str, tuple[str, ...]] = {
    "commercial": ("no", "permission", "threshold", "yes"),
    "threshold_effect": ("need-licence", "display-name", "none"),
    "aup": ("updatable", "incorporated", "none"),
    "military": ("banned", "allowed"),
    "output_training": ("banned", "named", "allowed"),
    "share_alike": ("yes", "no"),
    "naming_duty": ("display", "above-threshold", "none"),
    "attribution_ui": ("required", "one-of-several", "above-threshold", "none"),
    "notice": ("yes", "no"),
    "pass_through_restrictions": ("yes", "no"),
    "modification": ("banned", "limited", "allowed"),
    "redistribution": ("banned", "limited", "allowed"),
    "patent_grant": ("no", "silent", "yes"),
    "patent_retaliation": ("yes", "no"),
    "remote_restriction_right": ("yes", "no"),
    "revocable": ("yes", "silent", "no"),
    "indemnity": ("yes", "no"),
}
LIMITS = ("mau_threshold", "revenue_threshold")  # 0 is no limit
BARS = ("field_of_use", "geo_exclusions", "termination")  # every entry takes something away
# What clauses speak of; that one came or went says that somebody must read it, not what it does.
TOPICS: Mapping[str, tuple[str, ...]] = {
    "commercial use": ("commercial", "noncommercial", "revenue", "monetary"),
    "number of users": ("monthly active users", "daily active users"),
    "training on outputs": ("improve any other", "train", "distill", "distillation", "synthetic data"),
    "places": ("european union", "territory", "domiciled", "countries", "export"),
    "military use": ("military", "warfare", "weapons"),
    "use policy": ("acceptable use", "prohibited use", "use policy", "use restrictions"),
    "names and labels": ("prominently display", "built with", "attribution", "trademark", "trademarks"),
    "redistribution": ("distribute", "redistribute", "redistribution", "sublicense"),
    "patents": ("patent", "patents"),
    "termination": ("terminate", "termination", "revoke", "suspend"),
    "governing law": ("governed by", "jurisdiction", "arbitration"),
}


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One clause: `before` is empty where it was added, `after` where it was removed; both are short quotes."""

    clause: str
    before: str
    after: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextDiff:
    """Two texts that are not the same: the clauses that came, that went and that were worded otherwise. The hashes are
    of the normalised texts."""

    before_sha256: str
    after_sha256: str
    added: tuple[ClauseChange, ...]
    removed: tuple[ClauseChange, ...]
    changed: tuple[ClauseChange, ...]

    @property
    def topics(self) -> tuple[str, ...]:
        """What the differing clauses speak of."""
        found = {topic for row in (*self.added, *self.removed, *self.changed) for topic in row.topics}
        return tuple(topic for topic in TOPICS if topic in found)


@dataclass(frozen=True, slots=True)
class TermChange:
    """`allows_more` is None where a value is unread, or where neither allows more than the other."""

    field: str
    before: Any
    after: Any
    allows_more: bool | None


def text_diff(before: str, after: str) -> TextDiff | None:
    """What differs clause by clause; None where the normalised texts are equal."""
    shas = text_sha256(before), text_sha256(after)
    if shas[0] == shas[1]:
        return None
    old, new = clauses(before), clauses(after)
    matcher = SequenceMatcher(None, [one.words for one in old], [one.words for one in new], autojunk=False)
    added: list[ClauseChange] = []
    removed: list[ClauseChange] = []
    changed: list[ClauseChange] = []
    for _, a, b, c, d in (code for code in matcher.get_opcodes() if code[0] != "equal"):
        if _words(old[a:b]) == _words(new[c:d]):
            continue  # cut into other sentences, by a line's end or a full stop
        lost, come = list(old[a:b]), list(new[c:d])
        for one, other in _pairs(old[a:b], new[c:d]):
            lost.remove(one)
            come.remove(other)
            if one.words != other.words:
                changed.append(_changed(one, other))
        removed += [ClauseChange(one.label, quote(one.original), "", topics(one.words)) for one in lost]
        added += [ClauseChange(one.label, "", quote(one.original), topics(one.words)) for one in come]
    return TextDiff(*shas, tuple(added), tuple(removed), tuple(changed))


def _words(found: Sequence[Clause]) -> list[str]:
    return [word for clause in found for word in clause.words]


def _pairs(old: Sequence[Clause], new: Sequence[Clause]) -> Iterator[tuple[Clause, Clause]]:
    """Clauses that are each other's nearest, the most alike first."""
    likeness = sorted(
        (
            (SequenceMatcher(None, one.words, other.words, autojunk=False).ratio(), -a, -b)
            for a, one in enumerate(old)
            for b, other in enumerate(new)
        ),
        reverse=True,
    )
    used: set[tuple[str, int]] = set()
    for share, a, b in likeness:
        if share >= ALIKE and ("old", a) not in used and ("new", b) not in used:
            used |= {("old", a), ("new", b)}
            yield old[-a], new[-b]


def _changed(one: Clause, other: Clause) -> ClauseChange:
    codes = SequenceMatcher(None, one.words, other.words, autojunk=False).get_opcodes()
    _, a, _, c, _ = next(code for code in codes if code[0] != "equal")
    before = quote(one.original, around=a / max(len(one.words), 1))
    after = quote(other.original, around=c / max(len(other.words), 1))
    return ClauseChange(other.label or one.label, before, after, topics((*one.words, *other.words)))


def quote(original: str, *, around: float = 0.0) -> str:
    """Under 25 words of a clause: its first, or those about the place at which it changed, as a share of its length."""
    words = original.split()
    if len(words) <= QUOTE_WORDS:
        return " ".join(words)
    first = min(max(int(around * len(words)) - QUOTE_WORDS // 2, 0), len(words) - QUOTE_WORDS)
    last = first + QUOTE_WORDS
    return ("… " if first else "") + " ".join(words[first:last]) + (" …" if last < len(words) else "")


def topics(words: Sequence[str]) -> tuple[str, ...]:
    """Of TOPICS those of which one of the marks stands among the normalised words, as whole words."""
    said = f" {' '.join(words)} "
    return tuple(topic for topic, marks in TOPICS.items() if any(f" {mark} " in said for mark in marks))


def terms_diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[TermChange, ...]:
    """The terms that differ, field by field; those that are not terms of a licence are left alone."""
    return tuple(_terms_diff(before, after))


def _terms_diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[TermChange]:
    for field in (*SCALES, *LIMITS, *BARS):
        old, new = before.get(field), after.get(field)
        if old == new:
            continue
        if field in SCALES:
            scale = SCALES[field]
            known = old in scale and new in scale
            yield TermChange(field, old, new, scale.index(str(new)) > scale.index(str(old)) if known else None)
        elif field in LIMITS:
            yield TermChange(field, old, new, (new or float("inf")) > (old or float("inf")))
        elif old is None or new is None:
            yield TermChange(field, old, new, None)
        else:
            gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
            if gone:
                yield TermChange(field, gone, [], True)
            if come:
                yield TermChange(field, [], come, False)
