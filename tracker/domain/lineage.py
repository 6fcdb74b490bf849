"""Whether a model made from another claims more than that one's licence gives: each term dropped on the way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tracker.domain.release_facts import LicenceTerms, Quote

# How a model may come from another; blank where the source does not say.
RELATIONS = {
    "finetune": "fine-tuned from",
    "quantized": "quantised from",
    "merge": "merged from",
    "adapter": "an adapter of",
    "": "made from",
}


@dataclass(frozen=True, slots=True)
class Flag:
    """One term of the base's licence that the derivative's licence does not carry on."""

    fact: str
    words: str
    quote: Quote | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "fact": self.fact,
            "words": self.words,
            "quote": self.quote.text if self.quote else "",
            "where": self.quote.where if self.quote else "",
        }


def flags(base: LicenceTerms | None, own: LicenceTerms | None) -> list[Flag]:
    """What the base's licence binds and the derivative's claims to be free of. A term that nobody has read on either
    side raises no flag: it is not known that anything was dropped."""
    if base is None or own is None or base.slug == own.slug:
        return []
    return [
        Flag(facts[0], f"{base.name} {words}; {own.name} does not", base.quote(*facts))
        for words, facts, binds, drops in RULES
        if binds(base) and drops(own)
    ]


Test = Callable[[LicenceTerms], bool]
YES = ("yes",)


def _asks(licence: LicenceTerms) -> bool:
    return licence.threshold_effect != "none" or licence.commercial == "threshold"


def _bound_use(licence: LicenceTerms) -> bool:
    return licence.aup in ("incorporated", "updatable") or bool(licence.field_of_use)


def _passes_limits_on(licence: LicenceTerms) -> bool:
    return licence.pass_through in YES or _bound_use(licence)


def _passes_none_on(licence: LicenceTerms) -> bool:
    return licence.aup == "none" and not licence.field_of_use and licence.pass_through not in YES


# What the base does in words, the terms whose clause says so, whether the base does it, whether the other is read and
# free of it.
RULES: tuple[tuple[str, tuple[str, ...], Test, Test], ...] = (
    (
        "forbids commercial use",
        ("commercial",),
        lambda base: base.commercial == "no",
        lambda own: own.commercial in ("yes", "threshold"),
    ),
    (
        "allows commercial use only with permission",
        ("commercial",),
        lambda base: base.commercial == "permission",
        lambda own: own.commercial in ("yes", "threshold"),
    ),
    (
        "binds those above a threshold",
        ("mau_threshold", "revenue_threshold", "threshold_effect", "commercial"),
        _asks,
        lambda own: own.commercial == "yes" and not _asks(own),
    ),
    (
        "passes limits of use on to whatever is made from it",
        ("pass_through_restrictions", "aup", "field_of_use"),
        _passes_limits_on,
        _passes_none_on,
    ),
    (
        "asks for a name to be shown",
        ("naming_duty", "attribution_ui"),
        lambda base: base.naming_duty == "display",
        lambda own: own.naming_duty == "none",
    ),
    (
        "gives no rights in some places",
        ("geo_exclusions",),
        lambda base: bool(base.geo_exclusions),
        lambda own: own.geo_exclusions == (),
    ),
    (
        "forbids training other models on outputs",
        ("output_training",),
        lambda base: base.output_training == "banned",
        lambda own: own.output_training == "allowed",
    ),
    (
        "asks for the same licence on whatever is made from it",
        ("share_alike",),
        lambda base: base.share_alike == "yes",
        lambda own: own.share_alike == "no",
    ),
)
