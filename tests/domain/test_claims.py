"""A claim's test is read strictly, and each kind of test finds what it asks for in what is known."""

from datetime import date

import pytest

from tracker.domain.claim_known import (
    Known,
    KnownBenchmark,
    KnownLicence,
    KnownModel,
    KnownPrice,
    KnownScore,
    Question,
)
from tracker.domain.claim_ruling import Verdict
from tracker.domain.claims import KINDS, ClaimDefinition, judge, reading

AS_OF = date(2026, 8, 1)

FIELDS = {
    "title": "Open models trail",
    "quote": "they trail",
    "author": "Somebody",
    "date": "2026-05-01",
    "publication": "A Paper",
    "topic": "gap",
    "test": {"kind": "lag", "estimator": "L1", "at_least": 8},
}


def claim(**changed: object) -> ClaimDefinition:
    return ClaimDefinition.from_toml("example", {**FIELDS, **changed})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"date": ""}, "field date is missing"),
        ({"quote": "word " * 24 + "word"}, "has 25 words; allowed: under 25"),
        ({"colour": "red"}, "unknown field colour"),
        ({"test": {"kind": "guess"}}, "field kind is 'guess'; allowed: lag, lag-versus"),
        ({"test": {"kind": "lag", "estimator": "L9", "at_least": 1}}, "field estimator is 'L9'"),
        ({"test": {"kind": "lag", "estimator": "L1"}}, "one of at_least, more_than, at_most, less_than is missing"),
        ({"test": {"kind": "lag", "estimator": "L1", "at_least": 9, "at_most": 8}}, "no figure is at least 9"),
        ({"test": {"kind": "lag", "estimator": "L1", "at_least": 1, "more_than": 1}}, "cannot both be given"),
        ({"test": {"kind": "lag", "estimator": "L1", "at_least": 1, "scope": "juggling"}}, "juggling is no scope"),
        ({"test": {"kind": "lag", "estimator": "L1", "at_least": 1, "as_of": "2026-05"}}, "must be a day"),
        ({"test": {"kind": "lag", "estimator": "L1", "at_least": 1, "vary": ["mood"]}}, "field vary holds 'mood'"),
        ({"test": {"kind": "trend", "series": "lag", "direction": "steady", "since": "2025-01-01"}}, "field within"),
        ({"test": {"kind": "licence-term", "licences": ["mit"], "term": "smell", "one_of": ["no"]}}, "field term"),
        ({"test": {"kind": "model-fact", "models": [], "field": "access", "one_of": ["api"]}}, "at least one"),
        ({"test": {"kind": "model-fact", "models": ["a"], "field": "released_on"}}, "field on belongs"),
        ({"test": {"kind": "benchmark-state", "benchmarks": ["a"], "states": ["asleep"]}}, "field states holds"),
        ({"test": {"kind": "stated", "what": "x", "at_least": 1}}, "an \\[\\[evidence\\]\\] without choice is missing"),
        ({"test": {"kind": "none", "missing": ""}}, "field missing"),
        ({"forecast": {"due": "2026"}}, "field due is 2026; it must be a day"),
        ({"forecast": {"due": "2026-12-03", "probability": 2}}, "allowed: 0 to 1"),
    ],
)
def test_a_file_that_is_not_a_claim_is_refused_with_its_place(changed, said):
    with pytest.raises(ValueError, match=said) as refusal:
        claim(**changed)
    assert "claims/example.toml" in str(refusal.value)


# What is found

ESTIMATE = {"reason": "", "low": None, "high": None}


def report(**values: float | None) -> dict:
    """An answer as a run stores it, its frontiers two steps a side."""
    open_steps = [("Birch 1", "2025-01-01", 100.0), ("Birch 2", "2026-01-01", 110.0)]
    closed_steps = [("Acme 1", "2024-07-01", 100.0), ("Acme 2", "2025-03-01", 110.0), ("Acme 3", "2026-02-01", 120.0)]
    sides = {"open": open_steps, "closed": closed_steps}
    return {
        "estimates": {
            name: {**ESTIMATE, "value": values.get(name), "reason": "not identified", "rows": []}
            for name in ("L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8")
        },
        "frontier": {
            side: [{"model": name, "released_on": on, "value": value} for name, on, value in steps]
            for side, steps in sides.items()
        },
        "series": {"lag": [], "gap": []},
    }


def known(**changed: object) -> Known:
    base = {
        "as_of": AS_OF,
        "reports": {
            Question(): report(L1=6.5, L2=5.0, L8=4.5),
            Question("private"): report(L1=10.9),
            Question("public"): report(L1=5.9),
        },
        "models": {
            "acme": KnownModel("acme", "Acme", "acme", released_on=date(2025, 1, 1), access="api", value=140.0),
            "acme-next": KnownModel(
                "acme-next", "Acme Next", "acme", region="us", released_on=date(2026, 1, 1), access="api", value=150.0,
            ),
            "birch": KnownModel(
                "birch", "Birch", "birch", region="china", released_on=date(2025, 9, 1), access="weights",
                licence="mit", open_means=("weights",), value=139.0, low=135.0, high=141.0,
            ),
        },
    }  # fmt: skip
    return Known(**{**base, **changed})


def verdict(test: dict, facts: Known | None = None, **changed: object) -> tuple[Verdict, str]:
    ruling = judge(claim(test=test, **changed), facts or known()).ruling
    return ruling.verdict, ruling.assumption or ruling.missing or ruling.flip


def test_a_lag_that_only_private_benchmarks_bear_out_depends_on_which_benchmarks():
    found, assumption = verdict({"kind": "lag", "estimator": "L1", "at_least": 8, "vary": ["scope"]})
    assert found is Verdict.DEPENDS
    assert "holds with L1 over private benchmarks (10.9 months)" in assumption
    assert "L1 over all benchmarks (6.5 months)" in assumption


def test_a_lag_that_names_its_definition_is_tested_under_it_alone():
    assert verdict({"kind": "lag", "estimator": "L1", "at_least": 8, "vary": []})[0] is Verdict.FAILS


def test_a_lag_of_an_earlier_day_is_counted_on_the_stored_frontiers():
    test = {"kind": "lag", "estimator": "L8", "at_least": 10, "at_most": 10, "vary": []}
    assert verdict({**test, "as_of": "2025-06-01"})[0] is Verdict.HOLDS  # 110 against 100
    assert verdict({**test, "as_of": "2026-01-15"})[0] is Verdict.FAILS  # 110 against 110
    assert verdict({**test, "as_of": "2024-10-01"})[0] is Verdict.UNTESTABLE  # no open model was out


def test_what_rests_on_draws_is_not_counted_to_an_earlier_day():
    found, missing = verdict({"kind": "lag", "estimator": "L2", "at_least": 1, "as_of": "2026-01-15", "vary": []})
    assert found is Verdict.UNTESTABLE
    assert "cannot be told from the stored frontiers" in missing


def test_a_question_that_no_run_answered_is_untestable_with_the_reason():
    asked = {"kind": "lag", "estimator": "L1", "at_least": 1, "scope": "coding", "vary": []}
    found, missing = verdict(asked)
    assert (found, "the run has not answered" in missing) == (Verdict.UNTESTABLE, True)
    facts = known(reports={Question("coding"): {"estimates": {}, "reason": "No open model has enough scores."}})
    assert "No open model has enough scores." in verdict(asked, facts)[1]


def test_a_forecast_waits_for_its_day_and_is_scored_on_it():
    test = {"kind": "lag", "estimator": "L8", "at_most": 0, "vary": []}
    waiting = judge(claim(test=test, forecast={"due": "2026-12-03"}), known())
    assert (waiting.ruling.verdict, waiting.brier) == (Verdict.UNTESTABLE, None)
    assert "2026-12-03" in waiting.ruling.missing
    assert "4.5 points" in waiting.ruling.missing
    due = judge(claim(test=test, forecast={"due": "2026-12-03"}), known(as_of=date(2026, 12, 3)))
    assert (due.ruling.verdict, due.brier) == (Verdict.FAILS, 1.0)
    unsure = judge(claim(test=test, forecast={"due": "2026-12-03", "probability": 0.25}), known(as_of=date(2027, 1, 1)))
    assert unsure.brier == pytest.approx(0.0625)


def test_one_model_is_measured_from_the_first_closed_model_of_its_level():
    test = {"kind": "model-lag", "model": "birch", "at_least": 7, "at_most": 9}
    found, assumption = verdict(test)
    assert found is Verdict.DEPENDS  # 8 months, but the upper end of its interval passes every model but the last
    assert "139.0 (8.0 months)" in assumption
    assert verdict({**test, "model": "acme-nine"})[0] is Verdict.UNTESTABLE


def test_labs_near_the_frontier_are_counted_once_each_and_nearness_is_named():
    test = {"kind": "near-frontier", "points": 12, "other_points": [5], "at_least": 1}
    found, assumption = verdict(test)
    assert found is Verdict.DEPENDS
    assert assumption.startswith("How near is near: holds with 12 points of Acme Next (150.0)")
    assert verdict({**test, "other_points": []})[0] is Verdict.HOLDS
    assert verdict({**test, "other_points": [], "regions": ["us"]})[0] is Verdict.FAILS


def score(fact: int, model: str, value: float, evaluator: str, **more: object) -> KnownScore:
    return KnownScore(fact, model, "repair", value, evaluator, **more)


def scored(*scores: KnownScore, **benchmark: object) -> Known:
    rows: dict[tuple[str, str], tuple[KnownScore, ...]] = {}
    for one in scores:
        rows[one.model, "repair"] = (*rows.get((one.model, "repair"), ()), one)
    bench = KnownBenchmark("repair", "Repair", "proportion", "live", 0.6, "Birch", 0.7, "Acme", **benchmark)
    return known(scores=rows, benchmarks={"repair": bench})


def test_an_independent_run_decides_and_the_labs_own_is_a_neighbour():
    facts = scored(score(1, "birch", 0.806, "first-party"), score(2, "birch", 0.776, "third-party"))
    found, assumption = verdict({"kind": "score", "benchmark": "repair", "model": "birch", "more_than": 0.8}, facts)
    assert found is Verdict.DEPENDS
    assert (
        assumption == "Who measured it: holds with the lab's own run (80.6 %); fails with an independent run (77.6 %)."
    )


def test_where_less_is_better_the_best_setting_is_the_least_and_the_better_side_too():
    facts = scored(score(1, "birch", 0.3, "third-party"), score(2, "birch", 0.2, "third-party"), lower_is_better=True)
    test = {"kind": "score", "benchmark": "repair", "model": "birch", "less_than": 0.25}
    assert verdict(test, facts)[0] is Verdict.HOLDS
    share = {"kind": "side-gap", "benchmarks": ["repair"], "measure": "relative", "more_than": 0.16}
    assert verdict(share, facts)[0] is Verdict.HOLDS  # 0.1 of 0.6; of 0.7 it would be 0.14
    assert verdict(share, scored())[0] is Verdict.FAILS


def test_of_nothing_there_is_no_share():
    bench = KnownBenchmark("repair", "Repair", "proportion", "live", 0.0, "Birch", 0.0, "Acme")
    share = {"kind": "side-gap", "benchmarks": ["repair"], "measure": "relative", "less_than": 0.1}
    assert verdict(share, known(benchmarks={"repair": bench}))[0] is Verdict.UNTESTABLE


def test_two_scores_are_compared_only_where_one_kind_of_evaluator_measured_both():
    test = {"kind": "score-versus", "benchmark": "repair", "model": "birch", "against": ["acme"], "more_than": 0}
    both = scored(score(1, "birch", 0.8, "third-party"), score(2, "acme", 0.7, "third-party"))
    assert verdict(test, both)[0] is Verdict.HOLDS
    mixed = scored(score(1, "birch", 0.8, "first-party"), score(2, "acme", 0.7, "third-party"))
    assert verdict(test, mixed)[0] is Verdict.UNTESTABLE
    errors = {"stderr": 0.05}
    close = scored(score(1, "birch", 0.75, "third-party", **errors), score(2, "acme", 0.7, "third-party", **errors))
    assert verdict(test, close)[0] is Verdict.DEPENDS


def test_a_price_ratio_leaves_out_what_is_free():
    prices = {
        "birch": (KnownPrice(1, "birch", "gift", 0.0, 0.0), KnownPrice(2, "birch", "birch", 1.0, 2.0)),
        "acme": (KnownPrice(3, "acme", "acme", 5.0, 20.0),),
    }
    test = {"kind": "price-ratio", "cheap": "birch", "dear": "acme", "at_least": 4}
    assert verdict(test, known(prices=prices))[0] is Verdict.HOLDS
    assert verdict({**test, "at_least": 8}, known(prices=prices))[0] is Verdict.DEPENDS  # 10 for output, 5 for input


def test_a_term_that_stands_in_some_versions_only_depends_on_the_version():
    licences = {
        name: KnownLicence(name, name.upper(), "", {"output_training": term, "geo_exclusions": places})
        for name, term, places in (("l2", "banned", []), ("l3", "named", [{"region": "Atlantis", "scope": "all"}]))
    }
    test = {"kind": "licence-term", "licences": ["l2", "l3"], "term": "output_training", "one_of": ["banned"]}
    found, assumption = verdict(test, known(licences=licences))
    assert (found, assumption) == (
        Verdict.DEPENDS,
        "Which one is meant: holds with L2 (banned); fails with L3 (named).",
    )
    places = {"kind": "licence-term", "licences": ["l3"], "term": "geo_exclusions", "one_of": ["Atlantis"]}
    assert verdict(places, known(licences=licences))[0] is Verdict.HOLDS
    assert verdict({**places, "term": "military"}, known(licences=licences))[0] is Verdict.UNTESTABLE


def test_a_figure_of_routing_over_many_models_depends_on_routing():
    source = {"source": "A paper", "url": "https://example.org/", "on": "2025-11-11"}
    rows = [
        {"assumption": "routed to the best of 20", "value": 0.887, **source},
        {"assumption": "the best single model", "value": 0.713, "choice": "routing or one model", **source},
    ]
    test = {"kind": "stated", "what": "The share", "unit": "share", "at_least": 0.887, "evidence": rows}
    found, assumption = verdict(test)
    assert found is Verdict.DEPENDS
    assert "88.7 %" in assumption
    assert "71.3 %" in assumption
    assert all(figure["stated"] for figure in reading(judge(claim(test=test), known()), known())["figures"])


def test_every_kind_tells_its_test_in_words_even_where_nothing_is_known():
    tests = {
        "lag": {"estimator": "L1", "at_least": 8},
        "lag-versus": {"estimator": "L1", "scope": "private", "versus": "public", "more_than": 0},
        "trend": {"series": "gap", "direction": "widening", "since": "2025-01-01"},
        "model-lag": {"model": "nobody", "at_least": 1},
        "model-fact": {"models": ["nobody"], "field": "access", "one_of": ["api"]},
        "index-versus": {"model": "nobody", "against": ["noone"], "more_than": 0},
        "near-frontier": {"points": 5, "at_least": 1},
        "price-ratio": {"cheap": "nobody", "dear": "noone", "at_least": 2},
        "pace": {"side": "open", "months": 12, "at_least": 1},
        "score": {"benchmark": "nothing", "model": "nobody", "at_least": 0.5},
        "score-versus": {"benchmark": "nothing", "model": "nobody", "against": ["noone"], "more_than": 0},
        "side-gap": {"benchmarks": ["nothing"], "at_most": 0.1},
        "benchmark-state": {"benchmarks": ["nothing"], "states": ["saturated"]},
        "licence-term": {"licences": ["none"], "term": "military", "one_of": ["banned"]},
        "none": {"missing": "Nobody counts them"},
    }
    assert tests.keys() | {"stated"} == KINDS.keys()
    for kind, fields in tests.items():
        found = judge(claim(test={"kind": kind, **fields}), Known(as_of=AS_OF))
        assert found.ruling.verdict is Verdict.UNTESTABLE, kind
        assert found.ruling.missing.endswith("."), kind
        assert found.test.endswith("."), kind
