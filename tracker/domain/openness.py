"""What "open" can mean, and which releases count as open under each meaning, from facts alone."""

from datetime import date
from enum import StrEnum
from typing import Final

from tracker.domain.licence_terms import Answer, CommercialUse
from tracker.domain.records import Access

# Weights that come later than this after the release make no open model of it: it was closed when it mattered.
LATE_DAYS: Final = 30


class OpenMeans(StrEnum):
    """The openness cuts of the gap, each contained in the one before."""

    WEIGHTS = "weights"  # the final weights can be downloaded
    COMMERCIAL = "commercial"  # and used commercially without asking
    OSI = "osi"  # and are under an OSI-approved licence
    OSAID = "osaid"  # and data information and training code are open too: OSI's Open Source AI Definition 1.0


def came_late(closed_on: date | None, weights_on: date | None) -> bool:
    """Whether a model counts as closed because it was first to be had without its weights, and these came more than
    LATE_DAYS later. A day that nobody has told counts against nobody: most sources know that weights can be had, and
    not since when."""
    return closed_on is not None and weights_on is not None and (weights_on - closed_on).days > LATE_DAYS


def open_under(
    access: Access | None,
    *,
    commercial: CommercialUse | None,
    osi_approved: Answer | None,
    data_information: str,
    training_code: str,
) -> tuple[OpenMeans, ...]:
    """The meanings of "open" that a release satisfies; () is closed. None stands for a licence nobody has told us.

    An unknown or unread term never counts in favour. The one exception: where no licence is known but the source
    itself classes the weights as unrestricted (Epoch's "Open weights (unrestricted)"), commercial use is taken as read.
    A threshold of users or revenue leaves commercial use allowed for nearly everyone, so it passes that cut and fails
    the next.
    """
    if access is None or not access.downloadable:
        return ()
    meanings = [OpenMeans.WEIGHTS]
    if commercial is None:
        allowed = access is Access.WEIGHTS_PERMISSIVE
    else:
        allowed = commercial in (CommercialUse.YES, CommercialUse.THRESHOLD)
    if allowed and access is not Access.WEIGHTS_NONCOMMERCIAL:
        meanings.append(OpenMeans.COMMERCIAL)
        if osi_approved is Answer.YES:
            meanings.append(OpenMeans.OSI)
            if data_information == "full" and training_code == "open":
                meanings.append(OpenMeans.OSAID)
    return tuple(meanings)
