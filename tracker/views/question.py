"""The question that an address asks: which benchmarks, what "open" means, whose and how large the open models are."""

from django.http import HttpRequest

from tracker.queries.gap import CUTS, REGIONS, SCOPES, SIZES
from tracker.views import state

DEFAULTS = {"scope": "all", "open": "weights", "region": "", "size": ""}
ALLOWED = {"scope": SCOPES, "open": CUTS, "region": REGIONS, "size": SIZES}


def params(request: HttpRequest) -> dict[str, str]:
    """The keys without their defaults, so that one question has one address. Raises BadState."""
    found = {name: state.choice(request, name, allowed, DEFAULTS[name]) for name, allowed in ALLOWED.items()}
    return {name: value for name, value in found.items() if value != DEFAULTS[name]}
