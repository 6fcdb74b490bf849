"""`gap` from stored facts: what a run has stored, what is computed for the asking, and what was known on a day."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.utils import timezone

from tests.commands.conftest import Call
from tests.pages.world import FIRST, NOW
from tracker.models import GapResult, IndexRun
from tracker.pipeline import fitting, recompute
from tracker.pipeline.beliefs import beliefs

LAGS = [f"L{number}" for number in range(1, 9)]
UNANSWERED = {"lags": dict.fromkeys(LAGS), "estimates": {}, "frontier": {"open": [], "closed": []}, "spread": None}
DAY = "2026-05-01"  # between the world's two vintages


def asked(call: Call, *arguments: str) -> Any:
    return json.loads(call("gap", *arguments, "--json"))


def stored(**question: object) -> dict[str, Any]:
    run = IndexRun.objects.get(historic=False)
    where = {"scope": "all", "open_means": "weights", "region": "", "max_parameters": 0.0, **question}
    report: dict[str, Any] = GapResult.objects.get(run=run, **where).report
    return report


@pytest.mark.parametrize(
    ("arguments", "question"),
    [
        ((), {}),
        (("--scope", "reasoning"), {"scope": "reasoning"}),
        (("--scope", "public", "--open-means", "osi"), {"scope": "public", "open_means": "osi"}),
        (("--region", "china"), {"region": "china"}),
        (("--max-params", "40B"), {"max_parameters": 40e9}),
        (("--max-params", "40e9"), {"max_parameters": 40e9}),
        (("--effort", "default"), {"scope": "all/default"}),
        (("--effort", "default", "--scope", "public"), {"scope": "public/default"}),
        (("--family", "glm"), {"scope": "all/family:glm"}),
    ],
)
def test_a_question_that_the_run_has_answered_gets_the_stored_answer(
    arguments: tuple[str, ...], question: dict[str, Any], world: None, call: Call
) -> None:
    found, report = asked(call, *arguments), stored(**question)
    for part in ("lags", "estimates", "frontier", "spread"):
        assert found[part] == report.get(part, UNANSWERED.get(part))
    assert list(found["lags"]) == LAGS
    assert found["question"]["scope"] == question.get("scope", "all").partition("/")[0]
    assert found["question"]["max_parameters"] == question.get("max_parameters")
    assert found["run"]["id"] == IndexRun.objects.get(historic=False).pk
    assert found["as_of"] == "2026-09-01"
    assert found["known_at"] == NOW.isoformat()


@pytest.mark.parametrize("arguments", [(), ("--scope", "public"), ("--region", "china"), ("--effort", "default")])
def test_with_a_tolerance_l1_is_l2_and_the_others_have_their_own_form(
    arguments: tuple[str, ...], world: None, call: Call
) -> None:
    plain, sure = asked(call, *arguments), asked(call, *arguments, "--tolerance", "95")
    assert "L1" not in sure["estimates"]
    assert sure["lags"]["L1"] is None
    assert list(sure["lags"]) == LAGS
    for name in ("L2", "L4", "L6", "L8"):
        assert sure["estimates"][name] == plain["estimates"][name]
    where = dict(pair for pair in [("region", "china")] if "china" in arguments)
    scope = {"public": "public", "default": "all/default"}.get(arguments[-1] if arguments else "", "all")
    tolerant = stored(scope=scope, **where)["tolerant"]
    assert set(tolerant) == {"L3", "L5", "L7"}
    for name, estimate in tolerant.items():
        assert sure["estimates"][name] == estimate
        assert sure["lags"][name] == estimate["value"]
    months = [
        row["value"] for row in sure["estimates"].values() if row["unit"] == "months" and row["value"] is not None
    ]
    assert sure["spread"] == [min(months), max(months)]


def test_a_tolerant_answer_that_no_run_has_stored_is_computed_with_its_tolerance(world: None, call: Call) -> None:
    arguments = ("--scope", "public", "--region", "china", "--effort", "default")
    plain, sure = asked(call, *arguments), asked(call, *arguments, "--tolerance", "95")
    assert not GapResult.objects.filter(scope="public/default", region="china").exists()
    assert plain["lags"]["L1"] is not None
    assert sure["lags"]["L1"] is None
    assert sure["lags"]["L2"] == plain["lags"]["L2"]
    assert (sure["question"]["effort"], sure["question"]["tolerance"]) == ("default", "95")


def test_a_family_is_the_open_side_only(world: None, call: Call) -> None:
    """The world has no model of a named family: the answer says that there is none, as the explorer does."""
    found = asked(call, "--family", "deepseek")
    assert found["question"]["family"] == "deepseek"
    assert found["reason"] == stored(scope="all/family:deepseek")["reason"]
    assert "No open model" in found["reason"]
    assert "(family DeepSeek)" in call("gap", "--family", "deepseek")


def test_effort_and_tolerance_are_said_under_the_table(world: None, call: Call) -> None:
    text = call("gap", "--effort", "default", "--tolerance", "95")
    assert "Scores at the default effort only" in text
    assert "beats the open one in more than 95 % of the draws" in text
    plain = call("gap")
    assert "default effort" not in plain
    assert "95 % of the draws: L1 is L2" not in plain


def test_a_scope_goes_by_its_short_name_too(world: None, call: Call) -> None:
    found = asked(call, "--scope", "math")
    assert found["question"]["scope"] == "mathematics"
    assert found["reason"] == stored(scope="mathematics")["reason"]  # the world has one exam of that kind


def test_a_question_that_no_run_has_answered_is_computed_on_the_same_facts(world: None, call: Call) -> None:
    found = asked(call, "--scope", "public", "--max-params", "50B", "--open-means", "commercial")
    run = IndexRun.objects.get(historic=False)
    fit = fitting.fitted(beliefs(run.known_at), run.as_of)
    question = fitting.Asked("public", fitting.OpenMeans.COMMERCIAL, max_parameters=50e9)
    report, _ = fitting.answer(fit, question)
    assert found["lags"]["L8"] == pytest.approx(report.estimate("L8").value, abs=1e-3)
    assert {step["model"] for step in found["frontier"]["open"]} == {step.model for step in report.open_frontier}
    assert found["run"]["id"] == run.pk


def test_what_is_computed_for_the_asking_is_what_the_run_then_stores(world: None, call: Call) -> None:
    past = IndexRun.objects.get(known_at=FIRST)
    assert not GapResult.objects.filter(run=past, scope="reasoning").exists()
    before = asked(call, "--as-of", DAY, "--scope", "reasoning")
    while recompute.advance(past.pk, clock=timezone.now, by="worker"):
        pass
    assert GapResult.objects.filter(run=past, scope="reasoning").exists()
    after = asked(call, "--as-of", DAY, "--scope", "reasoning")
    assert after["lags"]["L1"] is not None
    assert after == before


def test_as_of_a_day_nothing_learned_later_is_in_the_answer(world: None, call: Call) -> None:
    past, today = asked(call, "--as-of", DAY), asked(call)
    assert (past["as_of"], past["known_at"]) == ("2026-04-01", FIRST.isoformat())
    assert past["question"]["as_of"] == DAY
    newest = max(step["released_on"] for side in past["frontier"].values() for step in side)
    assert newest < "2026-04-01" < max(step["released_on"] for step in today["frontier"]["closed"])


def test_a_day_whose_run_is_still_to_be_made_is_computed_and_not_taken_from_an_older_one(
    world: None, call: Call
) -> None:
    IndexRun.objects.exclude(known_at=FIRST).delete()
    found = asked(call, "--as-of", "2026-09-01")
    assert (found["as_of"], found["run"]) == ("2026-09-01", None)
    assert asked(call, "--as-of", DAY)["run"]["historic"] is True


def test_a_day_before_anything_was_known_is_refused_in_words(world: None, call: Call) -> None:
    with pytest.raises(CommandError, match=r"No benchmark data were known by the end of 2025-01-01.*manage\.py load"):
        call("gap", "--as-of", "2025-01-01")


def test_a_day_to_come_is_refused(world: None, call: Call) -> None:
    soon = datetime.now(UTC).date() + timedelta(days=2)
    with pytest.raises(CommandError, match="has not come yet"):
        call("gap", "--as-of", soon.isoformat())


def test_a_question_without_an_answer_says_why_and_has_every_lag_open(world: None, call: Call) -> None:
    found = asked(call, "--region", "europe", "--open-means", "osaid")
    assert found["lags"] == dict.fromkeys(LAGS)
    assert found["frontier"] == {"open": [], "closed": []}
    assert found["reason"]
    assert f"No estimate: {found['reason']}" in call("gap", "--region", "europe", "--open-means", "osaid")


def test_no_number_is_printed_without_its_definition(world: None, call: Call) -> None:
    text, report = call("gap", "--region", "china"), stored(region="china")
    for name, estimate in report["estimates"].items():
        (line,) = [line for line in text.splitlines() if line.startswith(f"{name}  ")]
        if estimate["value"] is not None:
            assert f"{estimate['value']:.1f} {estimate['unit']}" in line
        if estimate["low"] is not None:
            assert f"{estimate['low']:.1f} to {estimate['high']:.1f}" in line
        if estimate["window"] is not None:
            assert " to ".join(estimate["window"]) in line
        if estimate["censored"] is not None:
            assert f"{estimate['censored']:.0%}" in line
        assert estimate["question"] in text
        assert estimate["reason"] in text
    run = IndexRun.objects.get(historic=False)
    for said in (
        'Benchmarks: all; "open" means weights (region china)',
        "As of 2026-09-01, on the facts known at 2026-09-02 12:00 UTC",
        f"Index run {run.pk}: {run.method}, 500 draws with seed {run.seed}",
        f"Frontier, open: {report['frontier']['open'][-1]['model']}, ",
    ):
        assert said in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("flag", "value", "said"),
    [
        ("--scope", "maths", "maths is no scope; there are all, agentic"),
        ("--as-of", "01.05.2026", "is not a day such as 2026-05-01"),
        ("--max-params", "40X", "is not a number of parameters"),
        ("--max-params", "-3B", "is not a number of parameters"),
        ("--max-params", "1.2.3", "is not a number of parameters"),
        ("--region", "mars", "invalid choice"),
        ("--family", "nobody", "invalid choice"),
        ("--effort", "high", "invalid choice"),
        ("--tolerance", "90", "invalid choice"),
        ("--open-means", "source", "invalid choice"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_words(flag: str, value: str, said: str, call: Call) -> None:
    with pytest.raises(CommandError, match=said):
        call("gap", f"{flag}={value}")


@pytest.mark.parametrize("flags", [("--family", "glm"), ("--effort", "default"), ("--tolerance", "95")])
def test_what_only_stored_facts_tell_does_not_go_with_a_file(flags: tuple[str, str], call: Call) -> None:
    with pytest.raises(CommandError, match=f"{flags[0]} asks about stored facts"):
        call("gap", "--scores", "scores.csv", *flags)


def test_draws_belong_to_a_file(call: Call) -> None:
    with pytest.raises(CommandError, match="--draws belongs to --scores"):
        call("gap", "--draws", "10")


def test_without_facts_it_says_where_they_come_from(db: None, call: Call) -> None:
    with pytest.raises(CommandError, match=r"No benchmark data were known yet.*manage\.py load.*manage\.py collect"):
        call("gap")


def test_the_day_is_the_facts_and_not_the_clocks(world: None, call: Call) -> None:
    """Lags are counted to the last day on which benchmark data were confirmed, however late it is asked."""
    assert date.fromisoformat(asked(call)["as_of"]) < timezone.now().date()
