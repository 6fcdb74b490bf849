"""What price lists have in common: dollars per million tokens, the guards of that unit, and copies of one price.

Hosts go by their ids on models.dev ("google" is AI Studio, "google-vertex" is Vertex), so that one host's price can be
compared across sources.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from statistics import median
from typing import Any

from tracker.domain.records import PriceRecord
from tracker.sources.base import ParseError

# The dearest offer that there was is 600 (o1-pro's output, 2025); a price a thousand tokens or in cents lies above.
MOST = 1_000.0
# The middle of the input prices of every stored list lies between 0.4 and 1.3: a list in another unit leaves this.
MIDDLE = (0.05, 20.0)

# Offers that answer with something else than text, or take a step of a pipeline: a token price is not what they cost.
OTHER_WORK = re.compile(
    r"embed|rerank|moderation|whisper|transcri|speech|audio|realtime|image|nano-banana|lyria|flux|video|robotics|voxtral|sonic"
    r"|computer-use|tts(?![a-z])|(?<![a-z])(?:asr|live|ocr|guard)(?![a-z])",
    re.IGNORECASE,
)
# Where a host sells one model under several addresses, the further ones cost the same or a premium for keeping data in
# a place. What most customers pay comes first.
PLACES = ("global", "regional", "us", "eu", "apac", "ap", "jp", "au", "ca", "sa", "uk", "in", "us-gov")
REGIONS = ("", *(f"{place}." for place in PLACES))


def dollars(value: Any, where: str, tokens: float = 1e6) -> float | None:
    """A price for so many tokens as dollars per million; None stays None, 0 is a free tier."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise ParseError(f"{where} is {str(value)[:40]!r}, no price in dollars")
    if value > MOST * tokens / 1e6:
        asked = f"{value} dollars for {tokens:g} tokens"
        raise ParseError(f"{where} is {asked}, above {MOST:g} a million: the unit changed")
    return round(value * 1e6 / tokens, 9)


def in_one_unit(prices: Iterable[PriceRecord], where: str) -> Iterator[PriceRecord]:
    """The same prices. Raises ParseError when their middle is nowhere near what models cost."""
    prices = list(prices)
    asked = [price.input for price in prices if price.input]
    if asked and not MIDDLE[0] <= median(asked) <= MIDDLE[1]:
        # A list in cents or a thousand tokens would make every model a hundred times as dear overnight.
        raise ParseError(f"{where}: the middle input price is {median(asked):g} dollars a million: the unit changed")
    yield from prices


def region(name: str) -> str:
    """The mark of a place with which the name begins, its dot included; blank: it begins with none."""
    return next((start for start in REGIONS[1:] if name.startswith(start)), "")


def first_regions(names: Iterable[str]) -> set[str]:
    """The names, each model once: "us.x" and "eu.x" are left out beside "x" or "global.x"."""
    first: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (REGIONS.index(region(name)), name)):
        first.setdefault(name.removeprefix(region(name)), name)
    return set(first.values())


def table(value: Any, where: str) -> Mapping[str, Any]:
    """The value, known to be a mapping. Raises ParseError with `where`."""
    if not isinstance(value, Mapping):
        raise ParseError(f"{where} is {str(value)[:60]!r}, not a table")
    return value


def rows(value: Any, where: str) -> list[Any]:
    """The value, known to be a list. Raises ParseError with `where`."""
    if not isinstance(value, list):
        raise ParseError(f"{where} is {str(value)[:60]!r}, not a list")
    return value
