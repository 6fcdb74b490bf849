"""How the digest says numbers, days, prices and lists of names, and where its lines lead."""

from collections.abc import Sequence
from datetime import date

MINUS = "\N{MINUS SIGN}"


def number(value: float, decimals: int = 1) -> str:
    """With a true minus sign, and never a negative nothing."""
    text = f"{value:,.{decimals}f}"
    return text.replace("-", MINUS) if any(digit in text for digit in "123456789") else text.removeprefix("-")


def between(low: float | None, high: float | None) -> str:
    """`2.1 to 4.5`; blank where an end is not known."""
    return "" if low is None or high is None else f"{number(low)} to {number(high)}"


def day(on: date) -> str:
    """As `5 January 2026`."""
    return f"{on:%-d %B %Y}"


def dollars(amount: float) -> str:
    """A price with as many decimals as tell it from its neighbours."""
    return f"${amount:,.2f}" if amount >= 0.1 else f"${amount:.3f}"


def score(value: float, unit: str) -> str:
    """A result in its benchmark's unit."""
    if unit in ("proportion", "rate"):
        return f"{number(100 * value)} %"
    if unit == "minutes":
        return f"{number(value, 0)} minutes" if value < 120 else f"{number(value / 60)} hours"
    if unit == "dollars":
        return f"${value:,.0f}"
    return f"{number(value, 0)} Elo points" if unit == "elo" else number(value)


def listed(names: Sequence[str], most: int = 5) -> str:
    """`A, B and C`, or `A, B and 7 more`."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def count(many: int, one: str, several: str = "") -> str:
    """As `1 model` or `1,200 models`; `several` is the plural that takes more than an s."""
    return f"{many:,} {one if many == 1 else several or f'{one}s'}"


def sentence(words: str) -> str:
    """The words with a capital and one full stop."""
    words = words.strip()
    return f"{words[:1].upper()}{words[1:].rstrip('.')}." if words else ""


def join(*sentences: str) -> str:
    """The sentences as one text; blank ones are left out."""
    return " ".join(part for part in sentences if part)


def at(path: str, as_of: date) -> str:
    """The address under which a reader finds what was known then."""
    where, mark, anchor = path.partition("#")
    return f"{where}{'&' if '?' in where else '?'}as_of={as_of}{mark}{anchor}"
