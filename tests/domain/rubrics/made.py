"""Releases as the golden rows of the methods describe them: each row has what the one before it had, and more."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from tracker.domain.records import Access
from tracker.domain.release_facts import Component, LicenceTerms, Part, Quote, ReleaseFacts, State

DAY = date(2026, 11, 22)

PERMISSIVE = LicenceTerms(
    slug="apache-2-0",
    name="Apache License 2.0",
    spdx="Apache-2.0",
    osi_approved="yes",
    fsf_libre="yes",
    commercial="yes",
    aup="none",
    field_of_use=(),
    military="allowed",
    output_training="allowed",
    geo_exclusions=(),
    naming_duty="none",
    share_alike="no",
    pass_through="no",
    modification="allowed",
    redistribution="allowed",
    remote_restriction="no",
    evidence="terms:apache-2-0",
)
UNAPPROVED = replace(PERMISSIVE, slug="example", name="Example License", spdx="", osi_approved="no", fsf_libre="no")
NONCOMMERCIAL = replace(
    UNAPPROVED, commercial="no", quotes={"commercial": (Quote("for non-commercial purposes only", "section 2"),)}
)
ASKS = replace(
    UNAPPROVED,
    commercial="threshold",
    mau_threshold=700_000_000,
    threshold_effect="need-licence",
    quotes={"mau_threshold": (Quote("greater than 700 million monthly active users", "section 2"),)},
)
LABELS = replace(
    UNAPPROVED,
    mau_threshold=100_000_000,
    revenue_threshold=20_000_000,
    revenue_period="month",
    threshold_effect="display-name",
    naming_duty="above-threshold",
    quotes={"naming_duty": (Quote("you shall prominently display", "last paragraph"),)},
)
POLICY = replace(UNAPPROVED, aup="incorporated")
PLACES = replace(UNAPPROVED, geo_exclusions=(("European Union", "multimodal models"),))
OUTPUTS = replace(UNAPPROVED, output_training="banned")


def released(licence: str | None = "Apache-2.0") -> Component:
    return Component(State.OPEN, licence, "assessment:1")


def parts(opened: Iterable[Part], *, licence: str = "Apache-2.0") -> dict[Part, Component]:
    """These are there under an open licence; every other part is known not to be."""
    return {**{part: Component(State.CLOSED) for part in Part}, **{part: released(licence) for part in opened}}


API = {Part.API}
WEIGHTS = {Part.WEIGHTS, Part.BASE_WEIGHTS}
CLASS_III = WEIGHTS | {
    Part.ARCHITECTURE,
    Part.REPORT,
    Part.EVALUATION_RESULTS,
    Part.MODEL_CARD,
    Part.DATA_CARD,
}
CLASS_II = CLASS_III | {Part.TRAINING_CODE, Part.INFERENCE_CODE, Part.EVALUATION_CODE, Part.EVALUATION_DATA}
DESCRIBED = CLASS_II | {Part.DATA_INFORMATION}
ALL = frozenset(Part)


def release(
    opened: Iterable[Part], licence: LicenceTerms | None = PERMISSIVE, access: Access = Access.WEIGHTS
) -> ReleaseFacts:
    held = parts(opened)
    if licence is not None and held[Part.WEIGHTS].state is State.OPEN:
        held[Part.WEIGHTS] = released(licence.spdx or licence.name)
    return ReleaseFacts(
        as_of=DAY,
        access=access,
        access_evidence="release:1",
        licence=licence,
        licence_evidence="release:2" if licence else "",
        parts=held,
    )
