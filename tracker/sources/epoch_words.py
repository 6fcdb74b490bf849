"""How Epoch AI writes names, numbers, dates and accessibility in its tables."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from tracker.domain.records import Access, ReleaseRecord, ScoreRecord, When
from tracker.sources.base import ParseError

ACCESS = {
    "Unreleased": Access.UNRELEASED,
    "Hosted access (no API)": Access.HOSTED,
    "API access": Access.API,
    "Open weights (non-commercial)": Access.WEIGHTS_NONCOMMERCIAL,
    "Open weights (restricted use)": Access.WEIGHTS_RESTRICTED,
    "Open weights (unrestricted)": Access.WEIGHTS_PERMISSIVE,
}


def words(text: str) -> str:
    """A name on one line: cells carry trailing newlines and tabs, and an alias must match exactly."""
    return " ".join(text.split())


def access(text: str, where: str) -> Access | None:
    """How a model can be had; None for a blank cell. Raises ParseError on a word that is none of ACCESS."""
    text = words(text)
    if not text:
        return None
    if text not in ACCESS:
        # Read as "not stated", an eighth value would take models out of both sides of the gap.
        raise ParseError(f"{where}: {text!r} is not a model accessibility; known are {', '.join(ACCESS)}")
    return ACCESS[text]


def number(text: str, where: str) -> float | None:
    """A number, or None for blank, NaN and Infinity, which is what a division by a blank cell leaves behind."""
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise ParseError(f"{where}: {text!r} is not a number") from error
    return value if math.isfinite(value) else None


def when(text: str, where: str) -> When | None:
    """`2026-04-15T14:38:56.000Z`, `17 November 2025 4:28pm`, `2025-04-16`, `2025-04` or blank."""
    text = words(text)
    try:
        if stamp := re.match(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}", text):
            return When.parse(stamp[1])
        if re.match(r"\d{1,2} [A-Za-z]+ \d{4}", text):
            day = " ".join(text.split()[:3])
            return When(datetime.strptime(day, "%d %B %Y").replace(tzinfo=UTC).date())
        return When.parse(text)
    except ValueError as error:
        raise ParseError(f"{where}: {text!r} is not a date") from error


def releases_of(scores: Iterable[ScoreRecord], *, told: frozenset[str] = frozenset()) -> Iterator[ReleaseRecord]:
    """The releases that score rows tell of by the way, of models that no table of releases has `told`.

    Where rows disagree on a model's date the one that most of them give is taken, of equals the earlier.
    """
    dates: dict[str, Counter[When]] = defaultdict(Counter)
    labs: dict[str, str] = {}
    for score in scores:
        if score.released and score.model not in told:
            dates[score.model][score.released] += 1
            labs[score.model] = labs.get(score.model) or score.lab
    for model, counted in dates.items():
        released = min(counted, key=lambda date: (-counted[date], date.on))
        yield ReleaseRecord(f"scored:{model}", model, lab=labs[model], released=released)
