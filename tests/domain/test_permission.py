"""What a licence means for a company: more users never help, what nobody has read is never a right, clauses decide."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.licence_terms import LicenceDefinition
from tracker.domain.permission import REGIONS, SECTORS, Outcome, Profile, Ruling, passed, ruling

CATALOGUE = Path(__file__).parents[2] / "tracker" / "catalog" / "licences"
FREE = {
    "name": "Harbour License",
    "osi_approved": "yes",
    "fsf_libre": "yes",
    "commercial": "yes",
    "field_of_use": [],
    "military": "allowed",
    "aup": "none",
    "output_training": "allowed",
    "geo_exclusions": [],
    "share_alike": "no",
    "naming_duty": "none",
    "attribution_ui": "none",
    "notice": "yes",
    "pass_through_restrictions": "no",
    "modification": "allowed",
    "redistribution": "allowed",
    "remote_restriction_right": "no",
}
EVERYTHING = Profile(
    monthly_users=10, yearly_revenue=10, trains_on_outputs=True, fine_tunes=True, redistributes=True, hosts=True
)


def of(**terms: object) -> LicenceDefinition:
    """A licence that is free but for these terms."""
    return LicenceDefinition.from_toml("harbour", {**FREE, **terms})


def catalogue() -> list[LicenceDefinition]:
    return [
        LicenceDefinition.from_toml(path.stem, tomllib.loads(path.read_text("utf-8")))
        for path in sorted(CATALOGUE.glob("*.toml"))
    ]


LICENCES = catalogue()
amounts = st.one_of(st.none(), st.integers(0, 10**12), st.sampled_from([10**6, 10**8, 7 * 10**8, 7 * 10**8 + 1]))
profiles = st.builds(
    Profile,
    commercial=st.booleans(),
    monthly_users=amounts,
    yearly_revenue=amounts,
    region=st.sampled_from(sorted(REGIONS)),
    sector=st.sampled_from(sorted(SECTORS)),
    multimodal=st.sampled_from([None, True, False]),
    trains_on_outputs=st.booleans(),
    fine_tunes=st.booleans(),
    redistributes=st.booleans(),
    hosts=st.booleans(),
)
unread = st.dictionaries(
    st.sampled_from(sorted(set(FREE) - {"name", "osi_approved", "fsf_libre"})), st.just(None), min_size=1, max_size=6
)
terms = st.fixed_dictionaries(
    {},
    optional={
        "commercial": st.sampled_from(["yes", "no", "permission", "unread"]),
        "aup": st.sampled_from(["none", "incorporated", "updatable", "unread"]),
        "military": st.sampled_from(["allowed", "banned", "unread"]),
        "output_training": st.sampled_from(["allowed", "named", "banned", "unread"]),
        "modification": st.sampled_from(["allowed", "limited", "banned", "unread"]),
        "redistribution": st.sampled_from(["allowed", "limited", "banned", "unread"]),
        "share_alike": st.sampled_from(["yes", "no", "unread"]),
        "naming_duty": st.sampled_from(["none", "display", "above-threshold", "unread"]),
        "remote_restriction_right": st.sampled_from(["yes", "no", "unread"]),
        "geo_exclusions": st.sampled_from([[], [{"region": "European Union", "scope": "every right"}]]),
        "field_of_use": st.sampled_from([[], ["military purposes"], ["medical advice"], ["malware"]]),
    },
)
thresholds = st.sampled_from(
    [
        {},
        {"mau_threshold": 10**8, "threshold_effect": "need-licence"},
        {"mau_threshold": 10**6, "threshold_effect": "display-name"},
        {"revenue_threshold": 2 * 10**7, "revenue_period": "month", "threshold_effect": "need-licence"},
        {"mau_threshold": 5, "revenue_threshold": 7, "revenue_period": "year", "threshold_effect": "display-name"},
    ]
)
drawn = st.builds(lambda one, other: of(**{**one, **other}), terms, thresholds) | st.sampled_from(LICENCES)


def outcome(licence: LicenceDefinition, **profile: object) -> Outcome:
    return ruling(licence, replace(Profile(monthly_users=10, yearly_revenue=10), **profile)).outcome  # type: ignore[arg-type]


@given(drawn, profiles, st.integers(0, 10**12), st.integers(0, 10**12))
def test_more_users_or_more_revenue_never_make_it_better(licence, profile, users, revenue):
    told = replace(profile, monthly_users=profile.monthly_users or 0, yearly_revenue=profile.yearly_revenue or 0)
    more = replace(
        told, monthly_users=(told.monthly_users or 0) + users, yearly_revenue=(told.yearly_revenue or 0) + revenue
    )
    assert ruling(licence, more).outcome.hardness >= ruling(licence, told).outcome.hardness


@given(drawn, profiles, st.sampled_from(["trains_on_outputs", "fine_tunes", "redistributes", "hosts", "commercial"]))
def test_wanting_to_do_more_never_makes_it_better(licence, profile, deed):
    less, more = replace(profile, **{deed: False}), replace(profile, **{deed: True})
    if deed == "commercial" and licence.commercial in ("no", "permission"):
        assert ruling(licence, more).outcome is Outcome.BLOCKED
    assert ruling(licence, more).outcome.hardness >= ruling(licence, less).outcome.hardness


@given(unread, profiles)
def test_what_nobody_has_read_is_never_allowed_without_saying_so(missing, profile):
    read = {name: value for name, value in FREE.items() if name not in missing}
    told = ruling(LicenceDefinition.from_toml("harbour", read), profile)
    if told.outcome is Outcome.ALLOWED and not _irrelevant(set(missing), profile):
        assert told.unread
    assert all(words.startswith("nobody has read in Harbour License whether ") for words in told.unread)


def _irrelevant(missing: set[str], profile: Profile) -> bool:
    """Whether none of these terms bears on what the profile wants."""
    needed = {"commercial", "geo_exclusions", "field_of_use", "aup", "naming_duty", "attribution_ui"}
    needed |= {"remote_restriction_right"}
    needed |= {"military"} if profile.sector == "military" else set()
    needed |= {"output_training"} if profile.trains_on_outputs else set()
    needed |= {"modification"} if profile.fine_tunes else set()
    needed |= {"redistribution", "notice"} if profile.redistributes else set()
    needed |= {"share_alike", "pass_through_restrictions"} if profile.redistributes or profile.hosts else set()
    return not missing & needed


@pytest.mark.parametrize(
    ("term", "profile"),
    [
        ("commercial", {}),
        ("commercial", {"commercial": False}),
        ("geo_exclusions", {}),
        ("field_of_use", {}),
        ("aup", {}),
        ("military", {"sector": "military"}),
        ("output_training", {"trains_on_outputs": True}),
        ("modification", {"fine_tunes": True}),
        ("redistribution", {"redistributes": True}),
    ],
)
def test_an_unread_term_that_decides_makes_the_answer_unknown(term, profile):
    read = {name: value for name, value in FREE.items() if name != term}
    told = ruling(LicenceDefinition.from_toml("harbour", read), replace(Profile(), **profile))
    assert told.outcome is Outcome.UNKNOWN
    assert [one.term for one in told.deciding] == [term]
    assert told.unread


@given(drawn, profiles)
def test_the_outcome_is_that_of_the_hardest_finding_or_duty(licence, profile):
    told = ruling(licence, profile)
    hardest = max((one.outcome.hardness for one in told.findings), default=0)
    bound = any(not duty.usual for duty in told.duties)
    assert told.outcome.hardness == max(hardest, Outcome.CONDITIONAL.hardness if bound else 0)
    assert [one.outcome.hardness for one in told.findings] == sorted(
        (one.outcome.hardness for one in told.findings), reverse=True
    )


def test_a_plain_licence_allows_everything_and_asks_for_its_notices():
    told = ruling(of(), EVERYTHING)
    assert told.outcome is Outcome.ALLOWED
    assert [duty.term for duty in told.duties] == ["notice"]
    assert told.unread == ()


@pytest.mark.parametrize(
    ("terms", "profile", "expected"),
    [
        ({"commercial": "no"}, {}, Outcome.BLOCKED),
        ({"commercial": "no"}, {"commercial": False}, Outcome.CONDITIONAL),
        ({"commercial": "permission"}, {}, Outcome.BLOCKED),
        ({"output_training": "banned"}, {}, Outcome.ALLOWED),
        ({"output_training": "banned"}, {"trains_on_outputs": True}, Outcome.BLOCKED),
        ({"output_training": "named"}, {"trains_on_outputs": True}, Outcome.CONDITIONAL),
        ({"military": "banned"}, {}, Outcome.ALLOWED),
        ({"military": "banned"}, {"sector": "military"}, Outcome.BLOCKED),
        ({"field_of_use": ["military purposes"]}, {"sector": "military"}, Outcome.BLOCKED),
        ({"field_of_use": ["medical advice"]}, {"sector": "health"}, Outcome.CONDITIONAL),
        ({"field_of_use": ["surveillance and research into it"]}, {"sector": "surveillance"}, Outcome.BLOCKED),
        ({"modification": "limited"}, {"fine_tunes": True}, Outcome.CONDITIONAL),
        ({"modification": "banned"}, {}, Outcome.ALLOWED),
        ({"redistribution": "banned"}, {"redistributes": True}, Outcome.BLOCKED),
        ({"redistribution": "limited"}, {"hosts": True}, Outcome.CONDITIONAL),
        ({"share_alike": "yes"}, {}, Outcome.ALLOWED),
        ({"share_alike": "yes"}, {"redistributes": True}, Outcome.CONDITIONAL),
        ({"pass_through_restrictions": "yes"}, {"hosts": True}, Outcome.CONDITIONAL),
        ({"aup": "updatable"}, {}, Outcome.CONDITIONAL),
        ({"remote_restriction_right": "yes"}, {}, Outcome.CONDITIONAL),
        ({"naming_duty": "display"}, {}, Outcome.CONDITIONAL),
    ],
)
def test_a_term_decides_only_what_it_speaks_of(terms, profile, expected):
    assert outcome(of(**terms), **profile) is expected


@pytest.mark.parametrize(
    ("scope", "multimodal", "expected"),
    [
        ("", None, Outcome.BLOCKED),
        ("every right under the licence", False, Outcome.BLOCKED),
        ("multimodal models: companies seated there", True, Outcome.BLOCKED),
        ("multimodal models: companies seated there", False, Outcome.ALLOWED),
        ("multimodal models: companies seated there", None, Outcome.CONDITIONAL),
        ("some of it", None, Outcome.CONDITIONAL),
    ],
)
def test_an_excluded_place_reaches_as_far_as_its_scope(scope, multimodal, expected):
    licence = of(geo_exclusions=[{"region": "European Union", "scope": scope}])
    assert outcome(licence, region="eu", multimodal=multimodal) is expected
    assert outcome(licence, region="us", multimodal=multimodal) is Outcome.ALLOWED


def test_a_place_that_the_profile_cannot_name_is_a_condition_for_everyone():
    licence = of(geo_exclusions=[{"region": "Atlantis", "scope": ""}])
    assert {outcome(licence, region=region) for region in REGIONS} == {Outcome.CONDITIONAL}


ASKS = {"commercial": "threshold", "mau_threshold": 700, "threshold_effect": "need-licence"}
LABELS = {
    "mau_threshold": 100,
    "revenue_threshold": 20,
    "revenue_period": "month",
    "threshold_effect": "display-name",
    "naming_duty": "above-threshold",
    "attribution_ui": "above-threshold",
}


def test_a_threshold_binds_above_it_and_not_at_it():
    assert outcome(of(**ASKS), monthly_users=700) is Outcome.ALLOWED
    told = ruling(of(**ASKS), Profile(monthly_users=701))
    assert told.outcome is Outcome.BLOCKED
    assert told.ask


def test_a_monthly_revenue_is_a_twelfth_of_the_years():
    assert passed(of(**LABELS), Profile(yearly_revenue=240)) == ()
    assert passed(of(**LABELS), Profile(yearly_revenue=241)) == ("$20 of revenue a month",)


def test_a_threshold_that_only_asks_for_a_label_never_blocks():
    told = ruling(of(**LABELS), Profile(monthly_users=10**9, yearly_revenue=10**9))
    assert told.outcome is Outcome.CONDITIONAL
    assert [duty.term for duty in told.duties] == ["naming_duty", "attribution_ui"]
    assert ruling(of(**LABELS), Profile(monthly_users=1, yearly_revenue=1)).duties == ()


def test_a_size_that_the_profile_does_not_say_is_a_condition_where_a_threshold_asks_for_it():
    assert ruling(of(**ASKS), Profile()).outcome is Outcome.CONDITIONAL
    assert ruling(of(**LABELS), Profile(monthly_users=1)).outcome is Outcome.CONDITIONAL
    assert ruling(of(), Profile()).outcome is Outcome.ALLOWED


def test_who_may_be_asked_is_told_apart_from_what_is_forbidden():
    assert ruling(of(commercial="permission"), Profile()).ask
    assert not ruling(of(commercial="no"), Profile()).ask
    both = ruling(of(commercial="permission", output_training="banned"), replace(EVERYTHING))
    assert not both.ask


def test_the_deciding_clause_is_quoted_with_its_place():
    clause = {"fact": "output_training", "quote": "not to improve any other model", "where": "1.b.v"}
    told = ruling(of(output_training="banned", clauses=[clause]), replace(Profile(), trains_on_outputs=True))
    (finding,) = told.deciding
    assert [(one.quote, one.where) for one in finding.clauses] == [("not to improve any other model", "1.b.v")]


def catalogued(slug: str, **profile: object) -> Ruling:
    licence = next(one for one in LICENCES if one.slug == slug)
    return ruling(licence, replace(Profile(monthly_users=10, yearly_revenue=10), **profile))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("slug", "profile", "expected"),
    [
        ("apache-2-0", {"trains_on_outputs": True, "redistributes": True, "hosts": True}, Outcome.ALLOWED),
        ("llama-2", {"trains_on_outputs": True}, Outcome.BLOCKED),
        ("llama-3-1", {"trains_on_outputs": True}, Outcome.CONDITIONAL),
        ("llama-3-1", {"monthly_users": 800_000_000}, Outcome.BLOCKED),
        ("llama-4", {"region": "eu", "multimodal": True}, Outcome.BLOCKED),
        ("llama-4", {"sector": "military"}, Outcome.BLOCKED),
        ("kimi-modified-mit", {"monthly_users": 200_000_000}, Outcome.CONDITIONAL),
        ("minimax-m2-7", {}, Outcome.BLOCKED),
        ("gemma", {}, Outcome.CONDITIONAL),
        ("cc-by-nc-4-0", {}, Outcome.BLOCKED),
        ("bigscience-openrail-m", {"redistributes": True}, Outcome.CONDITIONAL),
    ],
)
def test_the_catalogues_licences_say_what_the_golden_rows_say(slug, profile, expected):
    assert catalogued(slug, **profile).outcome is expected


def test_whatever_a_catalogued_licence_blocks_is_quoted():
    blocked = [(one, ruling(one, EVERYTHING)) for one in LICENCES]
    blocked = [(one, told) for one, told in blocked if told.outcome is Outcome.BLOCKED]
    assert len(blocked) > 10
    silent = [(one.slug, finding.term) for one, told in blocked for finding in told.deciding if not finding.clauses]
    assert silent == []
