"""Whether a licence, as its terms were read, gives what a reader needs of it: yes, yes if, no, or nobody has read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tracker.domain.licence_terms import (
    Answer,
    AttributionUI,
    CommercialUse,
    LicenceDefinition,
    NamingDuty,
    ThresholdEffect,
)
from tracker.domain.permission import Finding, Outcome, Profile, ruling, thresholds

PERMITS: Final[Mapping[str, str]] = {
    "commercial": "Commercial use",
    "outputs": "Train other models on its outputs",
    "share": "Pass on the weights",
    "unnamed": "No duty to show a name",
    "unlimited": "No threshold of users or revenue",
    "osi": "OSI-approved licence",
}


def small(words: str) -> str:
    """The words within a sentence: only names in capitals keep their first letter."""
    return words if words[:2].isupper() else words[:1].lower() + words[1:]


@dataclass(frozen=True, slots=True)
class Permit:
    """What a licence says to one need. UNKNOWN: nobody has read it; CONDITIONAL: yes, and `words` says what for."""

    need: str
    outcome: Outcome
    words: str = ""


def permits(licence: LicenceDefinition | None, needs: Iterable[str]) -> list[Permit]:
    """One answer to every need, in the needs' own order. What nobody has read is never a right."""
    asked = set(needs)
    if licence is None:
        return [Permit(need, Outcome.UNKNOWN, "nobody has told its licence") for need in PERMITS if need in asked]
    return [QUESTIONS[need](licence) for need in PERMITS if need in asked]


def _ruled(need: str, profile: Profile, *terms: str) -> Callable[[LicenceDefinition], Permit]:
    """What `domain.permission` finds in these terms for a company that wants this and has told nothing else."""

    def asked(licence: LicenceDefinition) -> Permit:
        told = ruling(licence, profile)
        found: list[Finding] = [one for one in told.findings if one.term in terms]
        hardest = max(found, key=lambda one: one.outcome.hardness, default=None)
        duty = next((one.words for one in told.duties if one.term in terms), "")
        if hardest is None or hardest.outcome is Outcome.ALLOWED:
            return Permit(need, Outcome.CONDITIONAL, duty) if duty else Permit(need, Outcome.ALLOWED)
        return Permit(need, hardest.outcome, hardest.words)

    return asked


def _unread(licence: LicenceDefinition, need: str, what: str) -> Permit:
    return Permit(need, Outcome.UNKNOWN, f"nobody has read in {licence.name} whether {what}")


def _unnamed(licence: LicenceDefinition) -> Permit:
    shown = (AttributionUI.REQUIRED, AttributionUI.ONE_OF_SEVERAL)
    if licence.naming_duty is NamingDuty.DISPLAY or licence.attribution_ui in shown:
        return Permit("unnamed", Outcome.BLOCKED, f"{licence.name} asks for its name to be shown")
    if licence.naming_duty is NamingDuty.UNREAD or licence.attribution_ui is AttributionUI.UNREAD:
        return _unread(licence, "unnamed", "a name must be shown")
    above = (licence.naming_duty, licence.attribution_ui)
    if NamingDuty.ABOVE_THRESHOLD in above or AttributionUI.ABOVE_THRESHOLD in above:
        words = f"above {thresholds(licence) or 'its threshold'} its name must be shown"
        return Permit("unnamed", Outcome.CONDITIONAL, words)
    return Permit("unnamed", Outcome.ALLOWED)


def _unlimited(licence: LicenceDefinition) -> Permit:
    named = thresholds(licence)
    if named or licence.threshold_effect is not ThresholdEffect.NONE or licence.commercial is CommercialUse.THRESHOLD:
        words = f"{licence.name} changes its terms above {named or 'a threshold'}"
        return Permit("unlimited", Outcome.BLOCKED, words)
    if licence.commercial is CommercialUse.UNREAD:
        return _unread(licence, "unlimited", "it has a threshold of users or revenue")
    return Permit("unlimited", Outcome.ALLOWED)


def _osi(licence: LicenceDefinition) -> Permit:
    if licence.osi_approved is Answer.UNREAD:
        return _unread(licence, "osi", "the OSI has approved it")
    if licence.osi_approved is Answer.NO:
        return Permit("osi", Outcome.BLOCKED, f"{licence.name} is not approved by the OSI")
    return Permit("osi", Outcome.ALLOWED)


QUESTIONS: Final[Mapping[str, Callable[[LicenceDefinition], Permit]]] = {
    "commercial": _ruled("commercial", Profile(), "commercial", "threshold_effect"),
    "outputs": _ruled("outputs", Profile(trains_on_outputs=True), "output_training"),
    "share": _ruled("share", Profile(redistributes=True), "redistribution"),
    "unnamed": _unnamed,
    "unlimited": _unlimited,
    "osi": _osi,
}
