"""Numbers and codes as a reader sees them."""

from datetime import datetime

from django import template

register = template.Library()

ACCESS = {
    "": "not known",
    "unreleased": "unreleased",
    "hosted": "product only, no API",
    "api": "API only",
    "weights-noncommercial": "weights, non-commercial",
    "weights-restricted": "weights, restricted use",
    "weights-permissive": "weights, unrestricted use",
    "weights": "weights",
}
OPEN_MEANS = {"weights": "weights", "commercial": "commercial use", "osi": "OSI licence", "osaid": "OSAID 1.0"}
MINUS = "\N{MINUS SIGN}"


@register.filter
def number(value: float | None, decimals: int = 1) -> str:
    """A number with so many decimals and a true minus sign; a dash where there is none."""
    if value is None or value == "":
        return "–"
    text = f"{float(value):,.{int(decimals)}f}"
    return (
        text.removeprefix("-")
        if float(value) < 0 and not any(c in text for c in "123456789")
        else text.replace("-", MINUS)
    )


@register.filter
def interval(row: object, decimals: int = 1) -> str:
    """`low to high` of anything that has both; blank otherwise."""
    low, high = getattr(row, "low", None), getattr(row, "high", None)
    return "" if low is None or high is None else f"{number(low, decimals)} to {number(high, decimals)}"


@register.filter
def percent(value: float | None, decimals: int = 0) -> str:
    """A share from 0 to 1 in per cent; a dash where there is none."""
    return "–" if value is None else f"{number(100 * value, decimals)} %"


@register.filter
def score(value: float | None, unit: str) -> str:
    """A score in its benchmark's unit."""
    if value is None:
        return "–"
    if unit in ("proportion", "rate"):
        return percent(value, 1)
    if unit == "minutes":
        return f"{number(value, 0)} min" if value < 120 else f"{number(value / 60, 1)} h"
    if unit == "dollars":
        return f"${number(value, 0)}"
    return number(value, 0)


@register.filter
def amount(value: float | None) -> str:
    """A count of parameters or tokens in short: 1.5T, 235B, 8B, 128k."""
    if not value:
        return "–"
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.0f}"


@register.filter
def access_words(value: str) -> str:
    """What a class of access means to a reader, blank ones too; a word that is no class stays as it is."""
    return ACCESS.get(value, value)


@register.filter
def means_words(value: str) -> str:
    """A meaning of "open" in words; a word that is none stays as it is."""
    return OPEN_MEANS.get(value, value)


@register.filter
def stamp(value: datetime | None) -> str:
    """A moment to the minute, UTC."""
    return "–" if value is None else f"{value:%Y-%m-%d %H:%M} UTC"


@register.filter
def day(value: object) -> str:
    """A day as in 5 May 2026; what is no date stays as it is, and a dash stands where there is nothing."""
    return "–" if not value else f"{value:%-d %B %Y}" if hasattr(value, "year") else str(value)


@register.filter
def get(mapping: dict[str, object], key: str) -> object:
    """A mapping's entry, for templates."""
    return mapping.get(key)


@register.filter
def size_words(value: int) -> str:
    """Bytes in short."""
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value = value / 1000  # type: ignore[assignment]
    return f"{value:.1f} GB"
