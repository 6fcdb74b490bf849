"""The answer on the front page and under every question."""

import re
from itertools import product

import pytest

from tests.pages.reading import read
from tracker.domain.openness import OpenMeans
from tracker.models import GapResult, IndexRun
from tracker.pipeline.recompute import questions
from tracker.queries.gap import CUTS, EFFORTS, FAMILIES, REGIONS, SCOPES, SIZES, Question
from tracker.queries.runs import run_for

pytestmark = pytest.mark.usefixtures("world")


def stored(**where):
    return GapResult.objects.get(run__historic=False, **{"scope": "all", "open_means": "weights", **where}).report


@pytest.mark.parametrize("address", ["/", "/gap/"])
def test_the_answer_is_printed_with_all_that_it_must_not_be_printed_without(client, address):
    page = read(client.get(address))
    lead = stored(region="", max_parameters=0)["estimates"]["L1"]
    assert f"{lead['value']:.1f} months" in page.within("answer")
    assert f"90 % interval {lead['low']:.1f} to {lead['high']:.1f} months" in page.text
    assert f"{lead['name']} (L1)" in page.text
    assert re.search(r"mean of \d+ \w+ 20\d\d to \d+ \w+ 20\d\d", page.text)
    assert re.search(r"\d+ models with open weights against \d+ closed ones", page.text)
    assert re.search(r"index run \d+ of 1 September 2026", page.text)


def test_the_spread_over_definitions_is_that_of_the_estimators(client):
    values = [row["value"] for row in stored(region="", max_parameters=0)["estimates"].values()]
    months = values[:-1]  # L8 is in points
    assert f"{min(months):.1f} to {max(months):.1f}" in read(client.get("/")).within("answer")


def test_every_meaning_of_open_has_its_own_answer(client):
    text = read(client.get("/")).text
    for means in ("weights", "commercial", "osi"):
        lead = stored(open_means=means, region="", max_parameters=0)["estimates"]["L1"]
        assert f"{lead['value']:.1f} months" in text
    assert "not told by the data" in text  # nothing here is OSAID-open


def test_the_eight_estimators_stand_side_by_side_with_their_intervals(client):
    rows = read(client.get("/gap/")).rows("Estimator", "Value")
    assert [row[0].split()[0] for row in rows] == [f"L{n}" for n in range(1, 9)]
    for row, told in zip(rows, stored(region="", max_parameters=0)["estimates"].values(), strict=True):
        assert row[1] == f"{told['value']:.1f} {told['unit']}"
        assert row[2] == f"{told['low']:.1f} to {told['high']:.1f}"
        assert row[6].startswith(told["question"])


def keys(asked):
    """The question as an address asks it."""
    size = f"{asked.max_parameters / 1e9:.0f}" if asked.max_parameters else ""
    return {
        "scope": asked.scope,
        "open": asked.open_means.value,
        "effort": asked.effort.value,
        "region": asked.region,
        "size": size,
        "family": asked.family,
    }


def test_the_questions_that_runs_answer_are_those_that_pages_expect_an_answer_to():
    names = ("scope", "open", "effort", "region", "size", "family")
    every = product(SCOPES, CUTS, EFFORTS, REGIONS, SIZES, ("", *FAMILIES))
    expected = {values for values in every if Question.of(dict(zip(names, values, strict=True))).planned}
    planned = [tuple(keys(one)[name] for name in names) for one in questions()]
    assert len(planned) == len(set(planned))
    assert set(planned) == expected
    # With a tolerance the same stored answers are read.
    assert Question(tolerance="95").planned


@pytest.mark.parametrize("asked", questions()[::5], ids=str)
def test_every_question_that_a_run_answers_has_a_page(client, asked):
    query = keys(asked)
    page = read(client.get("/gap/", query))
    report = stored(
        scope=asked.stored_scope, open_means=asked.open_means, region=asked.region, max_parameters=asked.max_parameters
    )
    lead = report["estimates"].get("L1")
    if lead and lead["value"] is not None:
        assert f"{abs(lead['value']):.1f} months" in page.within("answer")
    else:
        assert "do not tell" in page.within("answer")
    assert "not computed" not in page.text


def test_a_question_that_no_run_answers_is_told_from_one_still_being_computed(client):
    never = read(client.get("/gap/?scope=coding&region=china"))
    assert "not among those that are computed" in never.within("answer")
    IndexRun.objects.filter(historic=False).update(state=IndexRun.State.READY)
    GapResult.objects.filter(run__historic=False, scope="coding").delete()
    pending = read(client.get("/gap/?scope=coding"))
    assert "being computed" in pending.within("answer")
    assert "not computed" not in pending.text
    assert "not among" in read(client.get("/gap/?scope=coding&region=china")).within("answer")


def test_a_meaning_still_being_computed_is_said_so_on_the_front_page(client):
    IndexRun.objects.filter(historic=False).update(state=IndexRun.State.READY)
    GapResult.objects.filter(run__historic=False, open_means=OpenMeans.OSI).delete()
    response = client.get("/")
    assert response.status_code == 200
    assert "being computed" in read(response).text


def test_a_run_that_could_not_be_fitted_leaves_the_last_good_answer_up(client):
    before = read(client.get("/")).within("answer")
    good = run_for(None)
    IndexRun.objects.create(
        known_at="2026-09-03T00:00Z",
        created_at="2026-09-03T00:00Z",
        finished_at="2026-09-03T00:00Z",
        as_of="2026-09-03",
        data_version=99,
        method="x",
        state=IndexRun.State.DONE,
        last_error="no model has enough scores",
    )
    assert run_for(None) == good
    assert read(client.get("/")).within("answer") == before
