"""What a licence's terms, as they were read, mean for one company: allowed, conditional, blocked or unknown, with the
clauses that decide it and the duties that come with it. It is a reading aid and no legal advice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tracker.domain.licence_terms import (
    AcceptableUse,
    Answer,
    AttributionUI,
    Clause,
    CommercialUse,
    LicenceDefinition,
    Military,
    NamingDuty,
    OutputTraining,
    Permission,
    ThresholdEffect,
)


class Outcome(StrEnum):
    """From the best to the worst. Keeping the licence's notices in copies is asked for everywhere and no condition."""

    ALLOWED = "allowed"
    CONDITIONAL = "conditional"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"

    @property
    def hardness(self) -> int:
        return list(Outcome).index(self)


# Where a company may sit, as exclusions of places name it; blank is none of these.
REGIONS = {
    "eu": "European Union",
    "uk": "United Kingdom",
    "us": "United States",
    "china": "China",
    "korea": "South Korea",
    "other": "",
}


@dataclass(frozen=True, slots=True)
class Sector:
    """A field of work, and the words by which a licence's forbidden uses speak of it. `whole` says that such a use is
    all that the field does, so that nothing is left to be allowed."""

    name: str
    marks: tuple[str, ...] = ()
    whole: bool = False


SECTORS = {
    "general": Sector("Anything else"),
    "military": Sector("Military or defence", ("military", "warfare"), whole=True),
    "infrastructure": Sector("Critical infrastructure, transport", ("critical infrastructure",), whole=True),
    "nuclear": Sector("Nuclear energy", ("nuclear",), whole=True),
    "surveillance": Sector("Surveillance or biometrics", ("surveillance", "biometric", "tracking people"), whole=True),
    "justice": Sector("Justice, police, migration", ("justice", "law enforcement", "courts"), whole=True),
    "government": Sector("Public authority", ("public authorities",), whole=True),
    "health": Sector("Health care", ("medical",)),
    "decisions": Sector("Credit, jobs, housing, insurance", ("automated decisions", "jobs, credit", "high-stakes")),
    "adult": Sector("Adult content", ("sexual", "pornography")),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """Who wants to use a model, and for what. Money is US dollars a year; None is what the profile does not say."""

    commercial: bool = True
    monthly_users: int | None = None
    yearly_revenue: int | None = None
    region: str = "other"
    sector: str = "general"
    multimodal: bool | None = None
    trains_on_outputs: bool = False
    fine_tunes: bool = False
    redistributes: bool = False
    hosts: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What one term means for the profile; `ask` where the licensor may still grant what the licence does not."""

    outcome: Outcome
    term: str
    words: str
    clauses: tuple[Clause, ...] = ()
    ask: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """What must be done; `usual` is the keeping of notices, which nearly every licence asks for."""

    term: str
    words: str
    clauses: tuple[Clause, ...] = ()
    usual: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """The outcome is that of the hardest finding; `unread` says each term that bears on it and that nobody has read."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    duties: tuple[Duty, ...]
    unread: tuple[str, ...]

    @property
    def deciding(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.outcome is self.outcome)

    @property
    def ask(self) -> bool:
        """Whether all that blocks is something that the licensor can be asked for."""
        return self.outcome is Outcome.BLOCKED and all(one.ask for one in self.deciding)


def ruling(licence: LicenceDefinition, profile: Profile) -> Ruling:
    """Every term that bears on the profile; a term that nobody has read is never taken for a right."""
    findings = [one for question in QUESTIONS for one in question(licence, profile)]
    duties = tuple(_duties(licence, profile))
    notes = [_nobody(licence, what) for what in _untold_duties(licence, profile)]
    outcomes = [one.outcome for one in findings]
    if any(not duty.usual for duty in duties):
        outcomes.append(Outcome.CONDITIONAL)
    outcome = max(outcomes, default=Outcome.ALLOWED, key=lambda one: one.hardness)
    unread = dict.fromkeys([*(one.words for one in findings if one.outcome is Outcome.UNKNOWN), *notes])
    findings.sort(key=lambda one: -one.outcome.hardness)
    return Ruling(outcome, tuple(findings), duties, tuple(unread))


Found = Iterator[Finding]


def _nobody(licence: LicenceDefinition, what: str) -> str:
    return f"nobody has read in {licence.name} whether {what}"


def _unknown(licence: LicenceDefinition, term: str, what: str) -> Finding:
    return Finding(Outcome.UNKNOWN, term, _nobody(licence, what))


def _clauses(licence: LicenceDefinition, *terms: str) -> tuple[Clause, ...]:
    """The quotes of the first of these terms that has any."""
    return next((found for term in terms if (found := tuple(one for one in licence.clauses if one.fact == term))), ())


def _commercial(licence: LicenceDefinition, profile: Profile) -> Found:
    value, clauses = licence.commercial, _clauses(licence, "commercial")
    if value is CommercialUse.UNREAD:
        what = "commercial use is allowed" if profile.commercial else "use without commercial purpose is allowed"
        yield _unknown(licence, "commercial", what)
    elif value is CommercialUse.NO:
        if profile.commercial:
            yield Finding(Outcome.BLOCKED, "commercial", f"{licence.name} forbids commercial use", clauses)
        else:
            words = f"{licence.name} allows this only as long as it stays non-commercial"
            yield Finding(Outcome.CONDITIONAL, "commercial", words, clauses)
    elif value is CommercialUse.PERMISSION:
        words = f"{licence.name} allows commercial use only with the licensor's permission"
        blocked = profile.commercial
        yield Finding(Outcome.BLOCKED if blocked else Outcome.CONDITIONAL, "commercial", words, clauses, ask=blocked)


def passed(licence: LicenceDefinition, profile: Profile) -> tuple[str, ...]:
    """Which thresholds the company is above, in words. A monthly revenue is taken for a twelfth of the year's."""
    found = []
    if licence.mau_threshold and (profile.monthly_users or 0) > licence.mau_threshold:
        found.append(f"{licence.mau_threshold:,} monthly users")
    if licence.revenue_threshold:
        months = 12 if licence.revenue_period == "month" else 1
        if (profile.yearly_revenue or 0) > licence.revenue_threshold * months:
            found.append(f"${licence.revenue_threshold:,} of revenue a {licence.revenue_period}")
    return tuple(found)


def thresholds(licence: LicenceDefinition) -> str:
    """All thresholds of the licence in words; blank where it has none."""
    found = [f"{licence.mau_threshold:,} monthly users"] if licence.mau_threshold else []
    if licence.revenue_threshold:
        found.append(f"${licence.revenue_threshold:,} of revenue a {licence.revenue_period}")
    return " or ".join(found)


def _threshold(licence: LicenceDefinition, profile: Profile) -> Found:
    if licence.threshold_effect is ThresholdEffect.NONE:
        if licence.commercial is CommercialUse.THRESHOLD:
            what = "the company is above the threshold at which commercial use needs a further licence"
            yield _unknown(licence, "threshold_effect", what)
        return
    clauses = _clauses(licence, "mau_threshold", "revenue_threshold", "threshold_effect", "commercial")
    above = passed(licence, profile)
    if not above:
        then = "a further licence is needed" if _asks(licence) else "its name must be shown"
        words = f"above {thresholds(licence)} {then}"
        untold = licence.mau_threshold and profile.monthly_users is None
        if untold or (licence.revenue_threshold and profile.yearly_revenue is None):
            yield Finding(Outcome.CONDITIONAL, "threshold_effect", f"{words}: the profile does not say", clauses)
        else:
            yield Finding(Outcome.ALLOWED, "threshold_effect", words, clauses)
    elif _asks(licence):
        words = f"above {' and '.join(above)} {licence.name} asks for a further licence, which may be refused"
        yield Finding(Outcome.BLOCKED, "threshold_effect", words, clauses, ask=True)
    else:
        words = f"above {' and '.join(above)} {licence.name} asks for its name to be shown"
        yield Finding(Outcome.CONDITIONAL, "threshold_effect", words, clauses)


def _asks(licence: LicenceDefinition) -> bool:
    return licence.threshold_effect is ThresholdEffect.NEED_LICENCE


def _place(licence: LicenceDefinition, profile: Profile) -> Found:
    if licence.geo_exclusions is None:
        yield _unknown(licence, "geo_exclusions", "some places are excluded")
        return
    known, clauses = set(REGIONS.values()), _clauses(licence, "geo_exclusions")
    for exclusion in licence.geo_exclusions:
        words = f"{licence.name} gives no rights in {exclusion.region}"
        words += f" ({exclusion.scope})" if exclusion.scope else ""
        if exclusion.region not in known:
            # A place that the profile cannot name: only the reader knows whether the company sits there.
            yield Finding(Outcome.CONDITIONAL, "geo_exclusions", words, clauses)
        elif REGIONS[profile.region] == exclusion.region:
            yield Finding(_reach(exclusion.scope, profile), "geo_exclusions", words, clauses)


def _reach(scope: str, profile: Profile) -> Outcome:
    """How far an exclusion goes: all rights, or some that the profile may or may not need."""
    if not scope or scope.startswith("every "):
        return Outcome.BLOCKED
    if scope.startswith("multimodal") and profile.multimodal is not None:
        return Outcome.BLOCKED if profile.multimodal else Outcome.ALLOWED
    return Outcome.CONDITIONAL


def _sector(licence: LicenceDefinition, profile: Profile) -> Found:
    sector, uses = SECTORS[profile.sector], licence.field_of_use
    if profile.sector == "military" and licence.military is Military.UNREAD:
        yield _unknown(licence, "military", "military use is allowed")
    named = [use for use in uses or () if any(mark in use for mark in sector.marks)]
    if named:
        clauses = _clauses(licence, *(("military",) if profile.sector == "military" else ()), "field_of_use", "aup")
        words = f"{licence.name} forbids {'; '.join(named)}"
        if not sector.whole:
            words += "; other uses in this field are not named"
        yield Finding(Outcome.BLOCKED if sector.whole else Outcome.CONDITIONAL, "field_of_use", words, clauses)
    elif profile.sector == "military" and licence.military is Military.BANNED:
        words, clauses = f"{licence.name} forbids military use", _clauses(licence, "military", "field_of_use")
        yield Finding(Outcome.BLOCKED, "military", words, clauses)
    if uses is None:
        yield _unknown(licence, "field_of_use", "it forbids some uses")
    if licence.aup is AcceptableUse.UNREAD:
        yield _unknown(licence, "aup", "a use policy is part of it")


def _outputs(licence: LicenceDefinition, profile: Profile) -> Found:
    if not profile.trains_on_outputs:
        return
    clauses = _clauses(licence, "output_training")
    if licence.output_training is OutputTraining.UNREAD:
        yield _unknown(licence, "output_training", "outputs may train other models")
    elif licence.output_training is OutputTraining.BANNED:
        words = f"{licence.name} forbids training other models on outputs"
        yield Finding(Outcome.BLOCKED, "output_training", words, clauses)


def _right(term: str, does: str) -> Callable[[LicenceDefinition], Found]:
    """The question whether the licence gives a right that must be granted."""

    def asked(licence: LicenceDefinition) -> Found:
        value, clauses = getattr(licence, term), _clauses(licence, term)
        if value is Permission.UNREAD:
            yield _unknown(licence, term, f"{does} the model is allowed")
        elif value is Permission.BANNED:
            yield Finding(Outcome.BLOCKED, term, f"{licence.name} forbids {does} the model", clauses)
        elif value is Permission.LIMITED:
            yield Finding(Outcome.CONDITIONAL, term, f"{licence.name} limits {does} the model", clauses)

    return asked


_changing, _sharing = _right("modification", "changing"), _right("redistribution", "passing on")


def _deeds(licence: LicenceDefinition, profile: Profile) -> Found:
    if profile.fine_tunes:
        yield from _changing(licence)
    if profile.redistributes:
        yield from _sharing(licence)
    elif profile.hosts and licence.redistribution in (Permission.LIMITED, Permission.BANNED):
        words = f"{licence.name} limits passing on the model, which may take in offering it to others as a service"
        yield Finding(Outcome.CONDITIONAL, "redistribution", words, _clauses(licence, "redistribution"))


def _remote(licence: LicenceDefinition, profile: Profile) -> Found:
    if licence.remote_restriction_right is Answer.YES:
        words = f"{licence.name} lets the licensor restrict use later"
        clauses = _clauses(licence, "remote_restriction_right")
        yield Finding(Outcome.CONDITIONAL, "remote_restriction_right", words, clauses)


QUESTIONS: tuple[Callable[[LicenceDefinition, Profile], Found], ...] = (
    _commercial,
    _threshold,
    _place,
    _sector,
    _outputs,
    _deeds,
    _remote,
)


def _duties(licence: LicenceDefinition, profile: Profile) -> Iterator[Duty]:
    passes_on = profile.redistributes or profile.hosts
    if licence.aup in (AcceptableUse.INCORPORATED, AcceptableUse.UPDATABLE):
        later = ", which the licensor may change" if licence.aup is AcceptableUse.UPDATABLE else ""
        yield Duty("aup", f"keep to its use policy{later}", _clauses(licence, "aup", "field_of_use"))
    elif licence.field_of_use:
        yield Duty("field_of_use", f"keep out of: {'; '.join(licence.field_of_use)}", _clauses(licence, "field_of_use"))
    labelled = licence.naming_duty is NamingDuty.DISPLAY
    above = licence.naming_duty is NamingDuty.ABOVE_THRESHOLD and bool(passed(licence, profile))
    if labelled or above:
        yield Duty("naming_duty", "show the name that it asks for", _clauses(licence, "naming_duty"))
    places = {
        AttributionUI.REQUIRED: "show it where users see it",
        AttributionUI.ONE_OF_SEVERAL: "show it in the product, on its site or in its documentation",
    }
    if licence.attribution_ui is AttributionUI.ABOVE_THRESHOLD and passed(licence, profile):
        yield Duty("attribution_ui", places[AttributionUI.REQUIRED], _clauses(licence, "attribution_ui"))
    elif licence.attribution_ui in places:
        yield Duty("attribution_ui", places[licence.attribution_ui], _clauses(licence, "attribution_ui"))
    if profile.trains_on_outputs and licence.output_training is OutputTraining.NAMED:
        words = "give a model trained on its outputs the name that it asks for"
        yield Duty("output_training", words, _clauses(licence, "output_training"))
    if passes_on and licence.share_alike is Answer.YES:
        words = "put what you pass on under the same licence"
        if not profile.redistributes:
            words += "; some licences count a service over a network as passing on"
        yield Duty("share_alike", words, _clauses(licence, "share_alike"))
    if passes_on and licence.pass_through_restrictions is Answer.YES:
        words = "bind those you pass it on to by the same limits of use"
        yield Duty("pass_through_restrictions", words, _clauses(licence, "pass_through_restrictions"))
    if profile.redistributes and licence.notice is Answer.YES:
        yield Duty("notice", "keep its notices in every copy you pass on", _clauses(licence, "notice"), usual=True)


def _untold_duties(licence: LicenceDefinition, profile: Profile) -> Iterator[str]:
    """What nobody has read that adds a duty or takes a comfort away, and does not decide by itself."""
    if licence.naming_duty is NamingDuty.UNREAD or licence.attribution_ui is AttributionUI.UNREAD:
        yield "a name must be shown"
    if licence.remote_restriction_right is Answer.UNREAD:
        yield "the licensor may restrict use later"
    if profile.redistributes or profile.hosts:
        if licence.share_alike is Answer.UNREAD:
            yield "what is passed on must stay under the same licence"
        if licence.pass_through_restrictions is Answer.UNREAD:
            yield "limits of use must be passed on"
    if profile.redistributes and licence.notice is Answer.UNREAD:
        yield "notices must be kept"
    if profile.hosts and Answer.YES not in (licence.osi_approved, licence.fsf_libre):
        yield "it has a rule of its own for offering the model to others as a service"
