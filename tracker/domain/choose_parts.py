"""What choosing a model is about: a reader's needs, a candidate with its offers, the rules that can leave it out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from tracker.domain.choose_terms import PERMITS, small
from tracker.domain.hardware import BITS
from tracker.domain.licence_terms import LicenceDefinition
from tracker.domain.records import Access


class Rule(StrEnum):
    """What can leave a model out. Those of the licence go by the name of the need."""

    REGION = "region"
    CONTEXT = "context"
    UNTOLD_CONTEXT = "context-untold"
    COMMERCIAL = "commercial"
    OUTPUTS = "outputs"
    SHARE = "share"
    UNNAMED = "unnamed"
    UNLIMITED = "unlimited"
    OSI = "osi"
    UNREAD = "unread"
    SERVICE = "service"
    HOSTING = "hosting"
    MEMORY = "memory"
    UNTOLD_SIZE = "size-untold"
    UNSOLD = "unsold"
    UNPRICED = "unpriced"
    BUDGET = "budget"


RULES: Final[Mapping[Rule, str]] = {
    Rule.REGION: "The lab is not of these regions",
    Rule.CONTEXT: "The context is too short",
    Rule.UNTOLD_CONTEXT: "Nobody has told how long its context is",
    **{Rule(need): f"The licence does not give: {small(words)}" for need, words in PERMITS.items()},
    Rule.OSI: "The licence is not approved by the OSI",
    Rule.UNREAD: "Nobody has read whether its terms give what is needed",
    Rule.SERVICE: "It is to be had as a service only, whose terms nobody has read for what is needed",
    Rule.HOSTING: "Its weights cannot be downloaded",
    Rule.MEMORY: "It does not fit into the memory",
    Rule.UNTOLD_SIZE: "Nobody has told its size, so nobody knows whether it fits",
    Rule.UNSOLD: "No host is known to sell it",
    Rule.UNPRICED: "No price of it is known",
    Rule.BUDGET: "It costs more than the budget",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What one host asks, in dollars per million tokens."""

    host: str
    input: float
    output: float
    fact: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model with a place on the scale that is asked about. `offers` has the cheapest first by the usual blend of
    tokens; `own` is its maker's. `side` is blank where nobody told how the model can be had."""

    slug: str
    name: str
    value: float
    low: float | None = None
    high: float | None = None
    lab: str = ""
    lab_slug: str = ""
    region: str = ""
    side: str = ""
    access: str = ""
    released_on: date | None = None
    licence: LicenceDefinition | None = None
    parameters: float | None = None
    context: int | None = None
    offers: tuple[Offer, ...] = ()
    own: Offer | None = None

    @property
    def downloadable(self) -> bool:
        return bool(self.access) and Access(self.access).downloadable

    @property
    def service(self) -> bool:
        """Nothing of it is handed out: there are terms of use, and no licence to a model."""
        return bool(self.access) and not self.downloadable

    @property
    def bounds(self) -> tuple[float, float]:
        """The interval; an anchor of the scale has none, for its value is fixed."""
        return (self.value, self.value) if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True, slots=True)
class Needs:
    """Dollars and million tokens a month, GB of memory; None is what the reader does not say, or has none of.

    Without memory a model is had through somebody's API; with it on the reader's machine too; `own`: only there.
    `bits` is the narrowest width of weights that will do. `unread` keeps models whose terms nobody has read.
    """

    budget: float | None = None
    tokens_in: float = 0.0
    tokens_out: float = 0.0
    memory: float | None = None
    bits: int = BITS[-1]
    own: bool = False
    may: tuple[str, ...] = ()
    unread: bool = False
    regions: tuple[str, ...] = ()
    context: int | None = None

    @property
    def volume(self) -> bool:
        return bool(self.tokens_in or self.tokens_out)

    @property
    def limited(self) -> bool:
        """Whether the budget can leave anything out: without a volume nothing has a cost."""
        return self.budget is not None and self.volume


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule that a candidate breaks; `words` say by what, without the model's name or a full stop."""

    rule: Rule
    words: str
