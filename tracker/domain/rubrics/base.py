"""What a rubric is, and what its verdict says: the value, what decides it, all that is missing, the step that lifts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from tracker.domain.release_facts import Component, Part, Quote, ReleaseFacts, State
from tracker.domain.rubrics.open_licences import is_open


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a rubric asks for and a release has not.

    `what` is the part or the licence's term, `words` the reason as a sentence's end. `unknown` tells what nobody has
    said apart from what somebody has denied. `step` is what would mend it.
    """

    what: str
    words: str
    step: str
    unknown: bool = False
    quote: Quote | None = None
    evidence: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "words": self.words,
            "step": self.step,
            "unknown": self.unknown,
            "quote": self.quote.text if self.quote else "",
            "where": self.quote.where if self.quote else "",
            "evidence": self.evidence,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rubric makes of one release.

    `value` is on the rubric's own scale; unknown facts never raise it. `certain` is False where knowing more could
    raise it. `decided_by` is what keeps it from the next value, None at the top; `next_step` what would lift it.
    `vector` are the parts that the value is made of, `evidence` the facts that it rests on.
    """

    rubric: str
    version: str
    value: int | float | str
    label: str
    certain: bool = True
    decided_by: Need | None = None
    missing: tuple[Need, ...] = ()
    next_step: str = ""
    vector: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    evidence: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def to_dict(self, *, brief: bool = False) -> dict[str, Any]:
        """As plain values. In brief `missing` holds only what decides, `next_step` only what mends that, and `more`
        tells how many others were left out."""
        missing, next_step = self.missing, self.next_step
        if brief and self.decided_by is not None:
            missing, next_step = (self.decided_by,), sentence(self.decided_by.step)
        return {
            "rubric": self.rubric,
            "version": self.version,
            "value": self.value,
            "label": self.label,
            "certain": self.certain,
            "decided_by": self.decided_by.to_dict() if self.decided_by else None,
            "missing": [need.to_dict() for need in missing],
            "more": len(self.missing) - len(missing),
            "next_step": next_step,
            "vector": dict(self.vector),
            "evidence": list(self.evidence),
            "tags": list(self.tags),
        }


@dataclass(frozen=True, slots=True)
class Rubric:
    """A way to judge openness. `since` and `until` bound the days on which its publisher used it."""

    slug: str
    version: str
    title: str
    source: str
    judge: Callable[[ReleaseFacts], Verdict]
    scale: str  # what the values mean
    since: date | None = None
    until: date | None = None
    binding: bool = True

    def in_force(self, on: date) -> bool:
        return (self.since is None or on >= self.since) and (self.until is None or on < self.until)


def deciding(needs: Iterable[Need]) -> Need | None:
    """The first thing that somebody has denied; where nobody has, the first that nobody has spoken of."""
    needs = list(needs)
    return next((need for need in needs if not need.unknown), needs[0] if needs else None)


def steps(needs: Iterable[Need]) -> str:
    """What would have to be done, as one sentence; what is only unknown comes last."""
    ordered = sorted(needs, key=lambda need: need.unknown)
    words = list(dict.fromkeys(need.step for need in ordered))
    if not words:
        return ""
    rest = words[1:]
    joined = words[0] if not rest else f"{'; '.join(words[:-1])}; and {words[-1]}"
    return sentence(joined)


def sentence(words: str) -> str:
    """With a capital and a full stop; there must be words."""
    return f"{words[0].upper()}{words[1:]}."


def evidences(*components: Component) -> tuple[str, ...]:
    """The facts that these were read from, each once."""
    return tuple(dict.fromkeys(component.evidence for component in components if component.evidence))


def unreleased(part: Part, component: Component) -> Need | None:
    """Why a part does not count as released in full; None where it does."""
    return None if component.state is State.OPEN else absent(part, component)


def absent(part: Part, component: Component) -> Need:
    """Why a part that does not count as released in full does not."""
    name = part.words
    if component.state is State.UNKNOWN:
        words = f"nobody has said whether {name} {part.were} released"
        return Need(part.value, words, f"find out whether {name} {part.were} released", unknown=True)
    amount = "only in part" if component.state is State.PARTIAL else "not"
    words = f"{name} {part.were} {amount} released" if amount == "not" else f"{name} {part.were} released {amount}"
    return Need(part.value, words, f"release {name}", evidence=component.evidence)


# Words in a licence's place that say that nobody knows the terms.
UNTOLD = ("undisclosed", "unknown")


def unlicensed(part: Part, component: Component) -> Need | None:
    """Why a released part does not stand under an open licence; None where it does."""
    name, licence = part.words, component.licence
    step = f"put {name} under an open licence"
    if licence is None or licence.casefold() in UNTOLD:
        words = f"nobody has said under which licence {name} {part.were} released"
        return Need(part.value, words, f"find out the licence of {name}", unknown=True, evidence=component.evidence)
    if not licence:
        return Need(part.value, f"{name} {part.were} released without a licence", step, evidence=component.evidence)
    if not is_open(licence):
        words = f"{name} {part.were} released under {licence}, which is no open licence"
        return Need(part.value, words, step, evidence=component.evidence)
    return None
