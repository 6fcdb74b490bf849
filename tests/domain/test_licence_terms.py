import pytest

from tracker.domain.licence_terms import (
    TERMS,
    Answer,
    Clause,
    CommercialUse,
    Document,
    GeoExclusion,
    LicenceDefinition,
    OutputTraining,
    Termination,
    ThresholdEffect,
    is_silence,
    is_unread,
)

LICENCE = {"name": "Example Licence", "commercial": "yes", "evidence": "section 2", "read_on": "2026-11-22"}
CLAUSE = {"fact": "commercial", "quote": "You may sell it.", "where": "2"}


def test_what_a_licence_does_not_say_is_unread():
    licence = LicenceDefinition.from_toml("example", {"name": "Example Licence"})
    assert licence.commercial is CommercialUse.UNREAD
    assert licence.output_training is OutputTraining.UNREAD
    assert licence.osi_approved is Answer.UNREAD
    assert licence.geo_exclusions is None
    assert licence.termination is None
    assert licence.field_of_use is None
    assert all(is_unread(licence, term) for term in TERMS)


def test_no_exclusion_read_is_not_the_same_as_unread():
    assert LicenceDefinition.from_toml("example", LICENCE | {"geo_exclusions": []}).geo_exclusions == ()
    exclusion = {"region": "European Union", "scope": "multimodal models"}
    licence = LicenceDefinition.from_toml("example", LICENCE | {"geo_exclusions": [exclusion]})
    assert licence.geo_exclusions == (GeoExclusion("European Union", "multimodal models"),)


def test_a_threshold_says_what_passing_it_asks_for():
    terms = {"mau_threshold": 700_000_000, "threshold_effect": "need-licence", "commercial": "threshold"}
    licence = LicenceDefinition.from_toml("example", LICENCE | terms)
    assert licence.threshold_effect is ThresholdEffect.NEED_LICENCE


def test_a_clause_names_the_term_it_supports():
    licence = LicenceDefinition.from_toml("example", LICENCE | {"clauses": [CLAUSE]})
    assert licence.clauses == (Clause("commercial", "You may sell it.", "2", Document.LICENCE),)


def test_a_quote_of_24_words_is_short_enough():
    quote = " ".join(["word"] * 24)
    licence = LicenceDefinition.from_toml("example", LICENCE | {"clauses": [CLAUSE | {"quote": quote}]})
    assert licence.clauses[0].quote == quote


def test_read_as_silent_is_not_the_same_as_unread():
    terms = {"termination": [], "governing_law": "none", "patent_grant": "silent", "military": "allowed"}
    licence = LicenceDefinition.from_toml("example", LICENCE | terms)
    for term in terms:
        assert is_silence(licence, term), term
        assert not is_unread(licence, term), term
    assert not is_silence(licence, "commercial")


def test_what_must_be_granted_or_is_forbidden_is_never_read_out_of_silence():
    terms = {"modification": "allowed", "redistribution": "allowed", "military": "banned", "output_training": "banned"}
    licence = LicenceDefinition.from_toml("example", LICENCE | terms)
    assert [term for term in terms if is_silence(licence, term)] == []
    allowed = LicenceDefinition.from_toml("example", LICENCE | {"military": "allowed", "output_training": "allowed"})
    assert is_silence(allowed, "military")
    assert is_silence(allowed, "output_training")


def test_a_suit_and_a_breach_may_both_end_the_rights():
    licence = LicenceDefinition.from_toml("example", LICENCE | {"termination": ["breach", "litigation"]})
    assert licence.termination == (Termination.BREACH, Termination.LITIGATION)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"commercial": "maybe"}, r"licences/example\.toml: field commercial is 'maybe'; allowed: yes, no, permission"),
        ({"mau_threshold": 1}, r"threshold_effect is none beside thresholds True"),
        ({"threshold_effect": "need-licence"}, r"threshold_effect is need-licence beside thresholds False"),
        (
            {"revenue_threshold": 1, "threshold_effect": "need-licence"},
            r"revenue_period is ''; allowed: month, year",
        ),
        ({"read_on": ""}, r"evidence and read_on stand together"),
        ({"verdict": "open"}, r"unknown field verdict"),
        ({"geo_exclusions": [{"scope": "all"}]}, r"field region is missing"),
        ({"military": "no"}, r"field military is 'no'; allowed: allowed, banned, unread"),
        ({"termination": ["revolt"]}, r"field termination holds 'revolt'; allowed: breach, litigation, any"),
        ({"termination": "breach"}, r"field termination is 'breach'; it must be a list of texts"),
        ({"text_sha256": "abc"}, r"field text_sha256 is 'abc'; it must be 64"),
        ({"clauses": [CLAUSE | {"fact": "name"}]}, r"field fact is 'name'; allowed: commercial, mau_threshold"),
        ({"clauses": [{"quote": "You may sell it.", "where": "2"}]}, r"\[\[clauses\]\]: field fact is missing"),
        ({"clauses": [CLAUSE | {"where": ""}]}, r"\[\[clauses\]\]: field where is ''"),
        ({"clauses": [CLAUSE | {"quote": "word " * 24 + "word"}]}, r"the quote for commercial is not under 25 words"),
        ({"clauses": [CLAUSE, CLAUSE]}, r"clause commercial: You may sell it\. is used twice"),
        ({"clauses": [CLAUSE | {"fact": "indemnity"}]}, r"a clause supports indemnity, which is unread"),
        ({"clauses": [CLAUSE | {"document": "use-policy"}]}, r"a use policy stands beside no aup_url"),
    ],
)
def test_a_wrong_licence_is_refused_with_file_and_field(change, complaint):
    with pytest.raises(ValueError, match=complaint):
        LicenceDefinition.from_toml("example", LICENCE | change)
