"""The gap's cuts and the rubrics draw on the same facts and never say the opposite of each other."""

from dataclasses import replace
from itertools import product

import pytest

from tests.domain.rubrics import made
from tracker.domain.licence_terms import Answer, CommercialUse
from tracker.domain.openness import OpenMeans, open_under
from tracker.domain.records import Access
from tracker.domain.release_facts import Component, LicenceTerms, Part, ReleaseFacts, State
from tracker.domain.rubrics import RUBRICS

STATES = {"full": State.OPEN, "open": State.OPEN, "partial": State.PARTIAL, "none": State.CLOSED, "": State.UNKNOWN}
LICENCES: list[tuple[CommercialUse, Answer] | None] = [None, *product(CommercialUse, Answer)]


def terms(licence: tuple[CommercialUse, Answer] | None) -> LicenceTerms | None:
    if licence is None:
        return None
    commercial, osi = (None if value.value == "unread" else value.value for value in licence)
    effect = "need-licence" if commercial == "threshold" else "none"
    return replace(made.UNAPPROVED, commercial=commercial, osi_approved=osi, threshold_effect=effect)


@pytest.mark.parametrize("access", [None, *Access])
@pytest.mark.parametrize("licence", LICENCES)
def test_the_osaid_cut_holds_exactly_the_releases_that_pass_the_osaid(
    access: Access | None, licence: tuple[CommercialUse, Answer] | None
) -> None:
    """On what a release fact itself tells: access, licence, data information, training code."""
    for data, code in product(("full", "partial", "none", ""), ("open", "none", "")):
        cut = open_under(
            access,
            commercial=licence[0] if licence else None,
            osi_approved=licence[1] if licence else None,
            data_information=data,
            training_code=code,
        )
        parts = {
            Part.DATA_INFORMATION: Component(STATES[data]),
            Part.TRAINING_CODE: Component(STATES[code]),
        }
        found = RUBRICS["osaid"].judge(ReleaseFacts(made.DAY, access=access, licence=terms(licence), parts=parts))
        assert (found.value == "pass") == (OpenMeans.OSAID in cut)


@pytest.mark.parametrize("access", list(Access))
@pytest.mark.parametrize("licence", LICENCES)
def test_the_ladder_has_weights_where_the_cut_has_them(
    access: Access, licence: tuple[CommercialUse, Answer] | None
) -> None:
    cut = open_under(
        access,
        commercial=licence[0] if licence else None,
        osi_approved=licence[1] if licence else None,
        data_information="",
        training_code="",
    )
    rung = RUBRICS["ladder"].judge(ReleaseFacts(made.DAY, access=access, licence=terms(licence))).value
    assert (rung >= 2) == (OpenMeans.WEIGHTS in cut)
    if rung >= 4:  # permissive weights may be used commercially
        assert OpenMeans.COMMERCIAL in cut
    if OpenMeans.OSI in cut and licence is not None and licence[0] is CommercialUse.YES:
        assert rung >= 4
