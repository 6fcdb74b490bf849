"""What is left of several findings once it counts that all of them were looked for."""

from collections.abc import Sequence
from typing import Final

import numpy as np

FAMILY_ERROR: Final = 0.05
METHOD: Final = "Holm"


def two_sided(value: float, error: float, freedom: float) -> float:
    """The probability of a value at least so far from nothing where there is nothing: Student's t."""
    if error <= 0.0 or freedom <= 0.0:
        return 1.0
    from scipy.special import stdtr  # as scipy.stats has it, which takes a second to import

    return float(2.0 * stdtr(freedom, -abs(value) / error))


def quantile(share: float, freedom: float) -> float:
    """The value of Student's t below which that share lies."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, share))


def holm(chances: Sequence[float]) -> list[float]:
    """Holm's step-down correction: each p-value as it stands beside the others, in their order.

    With these below 0.05, the chance that any finding at all is a false one stays below 5 %, however the tests hang
    together: labs share benchmarks, and corrections that count on independence would promise too much.
    """
    order = np.argsort(np.asarray(chances, dtype=float), kind="stable")
    corrected = [1.0] * len(chances)
    highest = 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, (len(chances) - rank) * float(chances[at])))
        corrected[int(at)] = highest
    return corrected
