"""Which meanings of "open" a release satisfies: each cut on its own step, and nothing unread counts in favour."""

import pytest

from tracker.domain.licence_terms import Answer, CommercialUse
from tracker.domain.openness import OpenMeans, open_under
from tracker.domain.records import Access

CUTS = tuple(OpenMeans)  # from the widest


@pytest.mark.parametrize(
    ("access", "commercial", "osi", "data", "code", "steps"),
    [
        (Access.WEIGHTS, CommercialUse.YES, Answer.YES, "full", "open", 4),
        (Access.WEIGHTS, CommercialUse.YES, Answer.YES, "partial", "open", 3),
        (Access.WEIGHTS, CommercialUse.YES, Answer.YES, "full", "none", 3),
        (Access.WEIGHTS, CommercialUse.YES, Answer.UNREAD, "full", "open", 2),
        (Access.WEIGHTS, CommercialUse.THRESHOLD, Answer.NO, "full", "open", 2),
        (Access.WEIGHTS, CommercialUse.PERMISSION, Answer.YES, "full", "open", 1),
        (Access.WEIGHTS, CommercialUse.UNREAD, Answer.YES, "full", "open", 1),
        (Access.WEIGHTS, None, None, "full", "open", 1),
        (Access.WEIGHTS_PERMISSIVE, None, None, "full", "open", 2),
        (Access.WEIGHTS_NONCOMMERCIAL, CommercialUse.YES, Answer.YES, "full", "open", 1),
        (Access.API, CommercialUse.YES, Answer.YES, "full", "open", 0),
        (None, CommercialUse.YES, Answer.YES, "full", "open", 0),
    ],
)
def test_a_release_passes_the_cuts_up_to_the_first_that_nobody_has_read(access, commercial, osi, data, code, steps):
    found = open_under(
        access, commercial=commercial, osi_approved=osi, data_information=data, training_code=code
    )  # fmt: skip
    assert found == CUTS[:steps]
