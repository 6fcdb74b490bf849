"""How figures of several rounds are told."""

import statistics
from collections.abc import Sequence
from typing import Final

WARM: Final = 20  # asks of a round, of which the median counts


def spread(found: Sequence[float], digits: int = 2) -> str:
    """The median, and the least to the most."""
    return f"{statistics.median(found):,.{digits}f} ({min(found):,.{digits}f} to {max(found):,.{digits}f})"
