"""How a licence binds whoever uses the weights: each limit in words, with its clause, and what nobody has read."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tracker.domain.release_facts import LicenceTerms
from tracker.domain.rubrics.base import Need


class Limit(StrEnum):
    """Kinds of limits, the hardest first."""

    NONCOMMERCIAL = "non-commercial"
    PERMISSION = "permission"
    CHANGE = "modification-or-sharing"
    THRESHOLD = "threshold"
    PLACE = "place"
    OUTPUTS = "outputs"
    USE = "field-of-use"
    REMOTE = "remote-restriction"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class Found:
    """One limit of one licence, and the criterion of the Open Source Definition that it fails."""

    limit: Limit
    need: Need
    osd: str = ""


OSD = {
    Limit.NONCOMMERCIAL: "OSD 6, fields of endeavour",
    Limit.PERMISSION: "OSD 7, no further licence to be asked for",
    Limit.CHANGE: "OSD 1 and 3, redistribution and derived works",
    Limit.THRESHOLD: "OSD 5, persons and groups",
    Limit.PLACE: "OSD 5, persons and groups",
    Limit.OUTPUTS: "OSD 6, fields of endeavour",
    Limit.USE: "OSD 6, fields of endeavour",
    Limit.REMOTE: "the freedom to use it for any purpose",
    Limit.LABEL: "OSD 5, persons and groups, read strictly",
}
LIFTING = {
    Limit.NONCOMMERCIAL: "allow commercial use",
    Limit.PERMISSION: "allow commercial use without asking",
    Limit.CHANGE: "allow changing and sharing the weights",
    Limit.THRESHOLD: "drop the threshold above which a further licence is needed",
    Limit.PLACE: "drop the exclusion of places",
    Limit.OUTPUTS: "allow outputs to train other models",
    Limit.USE: "drop the limits of use from the licence",
    Limit.REMOTE: "give up the right to restrict use later",
    Limit.LABEL: "drop the duty to show a name",
}
# The terms that a licence must be known to be free of, with what nobody then knows.
READ = {
    "commercial": "commercial use is allowed",
    "modification": "the weights may be changed",
    "redistribution": "the weights may be shared",
    "geo_exclusions": "some places are excluded",
    "output_training": "outputs may train other models",
    "aup": "a use policy is part of the licence",
    "naming_duty": "a name must be shown",
}


def limits(licence: LicenceTerms) -> list[Found]:
    """Every limit that was read in the licence, the hardest first."""
    found = []
    for limit, read in READERS.items():
        if told := read(licence):
            words, facts = told
            need = Need(
                f"licence:{facts[0]}",
                f"{licence.name} {words}",
                LIFTING[limit],
                quote=licence.quote(*facts),
                evidence=licence.evidence,
            )
            found.append(Found(limit, need, OSD[limit]))
    return found


def unread(licence: LicenceTerms) -> list[Need]:
    """The terms that decide what a licence allows and that nobody has read. The OSI has read what it approved, but the
    catalogue may still not know of commercial use."""
    asked = ["commercial"] if licence.osi_approved == "yes" else list(READ)
    return [
        Need(
            f"licence:{name}",
            f"nobody has read in {licence.name} whether {READ[name]}",
            f"read in {licence.name} whether {READ[name]}",
            unknown=True,
            evidence=licence.evidence,
        )
        for name in asked
        if getattr(licence, name) is None
    ]


Told = tuple[str, tuple[str, ...]] | None


def _noncommercial(licence: LicenceTerms) -> Told:
    return ("forbids commercial use", ("commercial",)) if licence.commercial == "no" else None


def _permission(licence: LicenceTerms) -> Told:
    words = "allows commercial use only with the licensor's permission"
    return (words, ("commercial",)) if licence.commercial == "permission" else None


def _change(licence: LicenceTerms) -> Told:
    for name, verb in (("modification", "changing"), ("redistribution", "sharing")):
        value = getattr(licence, name)
        if value in ("banned", "limited"):
            return f"{'forbids' if value == 'banned' else 'limits'} {verb} the weights", (name,)
    return None


def threshold_words(licence: LicenceTerms) -> str:
    """The amounts that were read, "700,000,000 monthly users or $20,000,000 a month"; "a threshold" where none was."""
    amounts = []
    if licence.mau_threshold:
        amounts.append(f"{licence.mau_threshold:,} monthly users")
    if licence.revenue_threshold:
        amounts.append(f"${licence.revenue_threshold:,} a {licence.revenue_period or 'year'}")
    return " or ".join(amounts) or "a threshold"


def _threshold(licence: LicenceTerms) -> Told:
    if licence.threshold_effect == "need-licence" or (
        licence.commercial == "threshold" and licence.threshold_effect == "none"
    ):
        facts = ("mau_threshold", "revenue_threshold", "threshold_effect", "commercial")
        return f"asks for a further licence above {threshold_words(licence)}", facts
    return None


def _place(licence: LicenceTerms) -> Told:
    if not licence.geo_exclusions:
        return None
    places = ", ".join(f"{region} ({scope})" if scope else region for region, scope in licence.geo_exclusions)
    return f"gives no rights in {places}", ("geo_exclusions",)


def _outputs(licence: LicenceTerms) -> Told:
    if licence.output_training == "banned":
        return "forbids training other models on outputs", ("output_training",)
    return None


def _use(licence: LicenceTerms) -> Told:
    facts = ("aup", "field_of_use", "military")
    if licence.aup in ("incorporated", "updatable"):
        later = ", which the licensor may change" if licence.aup == "updatable" else ""
        return f"makes a use policy part of the licence{later}", facts
    if licence.field_of_use:
        return f"forbids uses: {', '.join(licence.field_of_use)}", ("field_of_use", "aup", "military")
    if licence.military == "banned":
        return "forbids military use", ("military",)
    return None


def _remote(licence: LicenceTerms) -> Told:
    if licence.remote_restriction == "yes":
        return "lets the licensor restrict use later", ("remote_restriction_right",)
    return None


def _label(licence: LicenceTerms) -> Told:
    if licence.threshold_effect == "display-name":
        facts = ("naming_duty", "threshold_effect", "mau_threshold", "revenue_threshold")
        return f"asks for a name to be shown above {threshold_words(licence)}", facts
    if licence.naming_duty in ("display", "above-threshold"):
        return "asks for a name to be shown", ("naming_duty", "attribution_ui")
    if licence.output_training == "named":
        return "lets outputs train other models only under its name", ("output_training",)
    return None


READERS: dict[Limit, Callable[[LicenceTerms], Told]] = {
    Limit.NONCOMMERCIAL: _noncommercial,
    Limit.PERMISSION: _permission,
    Limit.CHANGE: _change,
    Limit.THRESHOLD: _threshold,
    Limit.PLACE: _place,
    Limit.OUTPUTS: _outputs,
    Limit.USE: _use,
    Limit.REMOTE: _remote,
    Limit.LABEL: _label,
}
