"""A verdict names the clause that decides it, everything that is missing, and the single step that would lift it."""

import json
from dataclasses import replace
from datetime import date

from tests.domain.rubrics import made
from tracker.domain.release_facts import Component, LicenceTerms, Part, State
from tracker.domain.rubrics import RUBRICS, verdicts
from tracker.domain.rubrics.terms import Limit, limits


def test_the_clause_stands_beside_the_words() -> None:
    found = verdicts(made.release(made.CLASS_II, made.ASKS))
    for slug in ("ladder", "osaid", "eu-53-2"):
        quote = found[slug].decided_by.quote
        assert quote.text == "greater than 700 million monthly active users"
        assert quote.where == "section 2"
    assert "700,000,000 monthly users" in found["ladder"].decided_by.words
    assert found["ladder"].next_step == "Drop the threshold above which a further licence is needed."


def test_the_hardest_limit_decides_and_all_are_listed() -> None:
    licence = replace(made.ASKS, aup="updatable", naming_duty="display", output_training="named", commercial="no")
    found = limits(licence)
    assert [one.limit for one in found] == [Limit.NONCOMMERCIAL, Limit.THRESHOLD, Limit.USE, Limit.LABEL]
    ladder = verdicts(made.release(made.CLASS_II, licence))["ladder"]
    assert len(ladder.missing) == 4
    assert "forbids commercial use" in ladder.decided_by.words


def test_one_missing_component_is_one_step() -> None:
    facts = made.release(made.CLASS_III - {Part.DATA_CARD})
    found = verdicts(facts)["mof-strict"]
    assert found.next_step == "Release the data card."
    assert verdicts(facts)["ladder"].next_step == found.next_step
    lifted = verdicts(made.release(made.CLASS_III))["mof-strict"]
    assert lifted.value == 3
    assert [need.what for need in found.missing[:1]] == ["data-card"]


def test_the_step_of_every_rung_leads_to_the_next() -> None:
    """Each release has exactly what the one before it was told to do."""
    climb = [made.WEIGHTS, made.CLASS_III, made.CLASS_II, made.DESCRIBED, made.ALL]
    found = [verdicts(made.release(opened))["ladder"] for opened in climb]
    for verdict, opened, following in zip(found, climb, climb[1:], strict=False):
        assert {need.what for need in verdict.missing} <= {part.value for part in following - opened}
    assert [verdict.value for verdict in found] == [4, 5, 6, 7, 8]


def test_a_research_paper_stands_in_for_the_technical_report() -> None:
    with_paper = (made.CLASS_III - {Part.REPORT}) | {Part.RESEARCH_PAPER}
    assert verdicts(made.release(with_paper))["mof-strict"].value == 3
    unlicensed = made.release(with_paper)
    unlicensed = replace(unlicensed, parts={**unlicensed.parts, Part.RESEARCH_PAPER: made.released("")})
    assert verdicts(unlicensed)["mof-strict"].value == 0


def test_unlicensed_datasets_pass_the_paper_and_not_the_tool() -> None:
    whole = made.release(made.ALL)
    for licence, strict, paper in (("", 2, 1), ("CC-BY-NC-4.0", 2, 1), ("CC-BY-4.0", 1, 1), ("Undisclosed", 2, 2)):
        facts = replace(whole, parts={**whole.parts, Part.DATASETS: made.released(licence)})
        found = verdicts(facts)
        assert (found["mof-strict"].value, found["mof-paper"].value) == (strict, paper)
    closed = replace(whole, parts={**whole.parts, Part.DATASETS: Component(State.CLOSED)})
    assert verdicts(closed)["mof-paper"].value == 2


def test_the_base_models_limits_bind_what_was_made_from_it() -> None:
    own = made.release(made.ALL)
    assert verdicts(own)["aa"].vector["weights licence"] == 3
    derived = replace(own, base_licences=(made.PERMISSIVE, made.NONCOMMERCIAL))
    assert verdicts(derived)["aa"].vector["weights licence"] == 0


def test_the_index_asked_fourteen_questions_until_the_thirteenth_of_march() -> None:
    twelve, fourteen = RUBRICS["osai-12"], RUBRICS["osai-14"]
    for day, in_force in ((date(2026, 3, 12), fourteen), (date(2026, 3, 13), twelve)):
        assert [rubric for rubric in (twelve, fourteen) if rubric.in_force(day)] == [in_force]
    facts = made.release(made.ALL)
    assert len(verdicts(facts)["osai-12"].vector) == 12
    assert len(verdicts(facts)["osai-14"].vector) == 14
    assert (verdicts(facts)["osai-12"].value, verdicts(facts)["osai-14"].value) == (12, 14)


def test_the_indexs_own_grades_go_before_what_is_known_otherwise() -> None:
    graded = {Part.MODEL_CARD: Component(State.PARTIAL, None, "assessment:7")}
    own = Component(State.PARTIAL, None, "assessment:8")
    facts = replace(made.release(made.ALL), osai=graded, osai_licences=own)
    found = verdicts(facts)["osai-12"]
    assert found.value == 11
    assert (found.vector["modelcard"], found.vector["licenses"]) == ("partial", "partial")
    assert {need.evidence for need in found.missing} == {"assessment:7", "assessment:8"}
    assert found.tags == ("assessed by the index",)


def test_every_verdict_can_be_written_down() -> None:
    for found in verdicts(made.release(made.CLASS_II, made.LABELS)).values():
        written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        assert set(written) == {
            *("rubric", "version", "value", "label", "certain", "decided_by", "missing", "next_step", "vector"),
            *("evidence", "tags", "more"),
        }
        assert written["version"] == RUBRICS[written["rubric"]].version
        assert all(written["version"] and need["words"] and need["step"] for need in written["missing"])


def test_in_brief_what_decides_is_kept_and_the_rest_is_counted() -> None:
    whole = verdicts(made.release((), None, made.Access.API))["mof-strict"]
    brief = whole.to_dict(brief=True)
    assert brief["missing"] == [brief["decided_by"]]
    assert brief["more"] == len(whole.missing) - 1 == 13
    assert brief["next_step"] == "Release the code of the architecture."
    assert whole.to_dict()["more"] == 0


def test_no_label_calls_weights_alone_open_source() -> None:
    for licence in (made.PERMISSIVE, made.LABELS, made.NONCOMMERCIAL):
        for found in verdicts(made.release(made.CLASS_II, licence)).values():
            assert "open source" not in found.label.replace("not open source", "")


def test_the_terms_are_read_as_the_catalogue_writes_them() -> None:
    terms = LicenceTerms.from_values(
        "example",
        "Example License",
        "",
        "unread",
        "threshold",
        {
            "mau_threshold": 5,
            "threshold_effect": "need-licence",
            "aup": "unread",
            "field_of_use": ["weapons"],
            "geo_exclusions": [{"region": "EU", "scope": ""}],
            "governing_law": "",
            "clauses": [{"fact": "mau_threshold", "quote": "five users", "where": "1", "document": "licence"}],
        },
    )
    assert (terms.osi_approved, terms.aup, terms.commercial) == (None, None, "threshold")
    assert terms.geo_exclusions == (("EU", ""),)
    assert terms.quote("threshold_effect", "mau_threshold").text == "five users"
    assert [one.limit for one in limits(terms)] == [Limit.THRESHOLD, Limit.PLACE, Limit.USE]
