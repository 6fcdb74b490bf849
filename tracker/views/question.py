"""The question that an address asks: which benchmarks and efforts, what "open" means, which open models; or which two
definitions of the lag are to be reconciled."""

from django.http import HttpRequest

from tracker.queries.gap import CUTS, EFFORTS, FAMILIES, REGIONS, SCOPES, SIZES, TOLERANCES
from tracker.queries.reconcile import ALLOWED as CHOICES
from tracker.queries.reconcile import FIRST, ORDERS, PRESETS, SECOND
from tracker.views import state

DEFAULTS = {
    "scope": "all", "open": "weights", "region": "", "size": "", "family": "", "effort": "best", "tolerance": "plain",
}  # fmt: skip
ALLOWED = {
    "scope": SCOPES, "open": CUTS, "region": REGIONS, "size": SIZES, "family": ("", *FAMILIES), "effort": EFFORTS,
    "tolerance": TOLERANCES,
}  # fmt: skip


def params(request: HttpRequest) -> dict[str, str]:
    """The keys without their defaults, so that one question has one address. Raises BadState."""
    found = {name: state.choice(request, name, allowed, DEFAULTS[name]) for name, allowed in ALLOWED.items()}
    return {name: value for name, value in found.items() if value != DEFAULTS[name]}


def pair(request: HttpRequest) -> dict[str, str]:
    """The keys of two definitions: `a` and `b` name published ones, `a_window` and the like change a choice of theirs,
    `order` says how the difference is shared out. What a definition has anyway is left out. Raises BadState."""
    found = {}
    for side, default in (("a", FIRST), ("b", SECOND)):
        slug = found[side] = state.choice(request, side, tuple(PRESETS), default)
        for name, allowed in CHOICES.items():
            own = getattr(PRESETS[slug].definition, name)
            value = state.choice(request, f"{side}_{name}", allowed, own)
            if value != own:
                found[f"{side}_{name}"] = value
    order = state.choice(request, "order", ORDERS, ORDERS[0])
    return found | ({"order": order} if order != ORDERS[0] else {})
