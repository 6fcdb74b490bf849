"""What a claim's test is made of: the demand on a figure, the figure under one assumption, the evidence behind it."""

from dataclasses import dataclass
from typing import Final

from tracker.domain.tables import Table

MINUS: Final = "\N{MINUS SIGN}"
BOUNDS: Final = ("at_least", "more_than", "at_most", "less_than")
# Units whose plural says what is counted; every other unit is written as it is.
SIGNS: Final = {"share": " %", "ratio": " times", "rate": " %"}


def told(value: float, unit: str) -> str:
    """A figure with its unit, as it stands in a sentence."""
    if unit in ("share", "rate"):
        text = f"{100 * value:.1f}"
    elif unit == "labs" or (not unit and value == int(value)):
        text = f"{value:,.0f}"
    else:
        text = f"{value:,.1f}"
    if text == "1" and unit == "labs":
        return "1 lab"
    text = text.replace("-", MINUS) if any(digit in text for digit in "123456789") else text.removeprefix("-")
    return f"{text}{SIGNS.get(unit, f' {unit}' if unit else '')}"


@dataclass(frozen=True, slots=True)
class Demand:
    """What a figure must be for the claim to hold. An end that is None is open; `strict` ends do not count."""

    low: float | None = None
    high: float | None = None
    low_strict: bool = False
    high_strict: bool = False

    @classmethod
    def from_table(cls, table: Table) -> "Demand":
        """Of the fields at_least or more_than, at_most or less_than. Raises ValueError where there is none or two of
        a kind, or nothing lies between."""
        ends = {name: table.number(name) for name in BOUNDS}
        for pair in (BOUNDS[:2], BOUNDS[2:]):
            if all(ends[name] is not None for name in pair):
                raise ValueError(f"{table.where}: {pair[0]} and {pair[1]} cannot both be given")
        if all(end is None for end in ends.values()):
            raise ValueError(f"{table.where}: one of {', '.join(BOUNDS)} is missing: nothing would be tested")
        low = ends["at_least"] if ends["more_than"] is None else ends["more_than"]
        high = ends["at_most"] if ends["less_than"] is None else ends["less_than"]
        if low is not None and high is not None and low > high:
            raise ValueError(f"{table.where}: no figure is at least {low:g} and at most {high:g}")
        return cls(low, high, ends["more_than"] is not None, ends["less_than"] is not None)

    def met(self, value: float) -> bool:
        if self.low is not None and (value <= self.low if self.low_strict else value < self.low):
            return False
        return self.high is None or (value < self.high if self.high_strict else value <= self.high)

    def crossed(self, low: float, high: float) -> float | None:
        """The end of the demand that lies inside an interval: some of it meets the demand and some does not."""
        for end in (self.low, self.high):
            if end is not None and low <= end <= high and not (self.met(low) and self.met(high)):
                return end
        return None

    def distance(self, value: float) -> float:
        """How far the figure must move before the demand is met, or no longer met."""
        ends = [abs(value - end) for end in (self.low, self.high) if end is not None]
        return min(ends)

    def nearest(self, value: float) -> float:
        """The end of the demand that the figure would have to pass."""
        ends = [end for end in (self.low, self.high) if end is not None]
        return min(ends, key=lambda end: abs(value - end))

    def words(self, unit: str) -> str:
        """The demand in words, such as "between 8 and 10 months"."""
        if self.low is not None and self.high is not None:
            return f"between {told(self.low, unit).removesuffix(' ' + unit)} and {told(self.high, unit)}"
        if self.low is not None:
            return f"{'more than' if self.low_strict else 'at least'} {told(self.low, unit)}"
        return f"{'less than' if self.high_strict else 'at most'} {told(self.high or 0.0, unit)}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a figure can be looked up: a fact by kind and number, the gap page by its query, a page elsewhere."""

    kind: str  # gap, score, release, price, benchmark, model, licence, page
    ref: str
    label: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the data say under one assumption.

    `met` is None where they say nothing, and `missing` names the datum that is wanting. A finding of the claim's own
    definition has no `choice`; any other names the choice that differs. `stated` marks a figure that somebody else
    published and that no fact of ours bears out.
    """

    assumption: str
    met: bool | None
    figure: str = ""
    value: float | None = None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choice: str = ""
    missing: str = ""
    stated: bool = False
    evidence: tuple[Evidence, ...] = ()

    @property
    def own(self) -> bool:
        return not self.choice


def measured(
    demand: Demand,
    assumption: str,
    value: float,
    unit: str,
    *,
    interval: tuple[float | None, float | None] = (None, None),
    choice: str = "",
    stated: bool = False,
    evidence: tuple[Evidence, ...] = (),
) -> Finding:
    """The finding of a figure that a demand is put to."""
    low, high = interval
    return Finding(
        assumption, demand.met(value), told(value, unit), value, unit, low, high, choice,
        stated=stated, evidence=evidence,
    )  # fmt: skip


def wanting(assumption: str, missing: str, *, choice: str = "") -> Finding:
    """The finding that there is nothing to test with."""
    return Finding(assumption, None, choice=choice, missing=missing)
