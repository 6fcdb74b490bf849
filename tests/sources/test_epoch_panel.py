from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from tests.sources.conftest import document, files, zipped
from tracker.domain.records import Evaluator, ReleaseRecord, ScoreRecord, When
from tracker.sources import epoch_benchmarks
from tracker.sources.base import ParseError
from tracker.sources.epoch_panel import ALREADY_DIVIDED, FROZEN_AT, SOURCE


@pytest.fixture
def panel(example):
    return example("epoch_panel/benchmark_scores.csv")


def scores(records):
    return [record for record in records if isinstance(record, ScoreRecord)]


def releases(records):
    return [record for record in records if isinstance(record, ReleaseRecord)]


def test_a_score_is_read_whole(panel):
    assert SOURCE.records(panel)[0] == ScoreRecord(
        "gpqa_diamond:example-1_high",
        "example-1_high",
        "gpqa_diamond",
        0.75,
        evaluator=Evaluator.THIRD_PARTY,
        released=When(date(2026, 1, 15)),
        url="https://epoch.ai/data/benchmark_data.zip",
    )


def test_a_percentage_that_was_divided_is_not_divided_again(panel):
    assert [score.value for score in scores(SOURCE.records(panel)) if score.benchmark == "aider_polyglot"] == [0.418]


def test_another_column_than_the_hubs_is_another_benchmark(panel):
    found = {score.benchmark: score.value for score in scores(SOURCE.records(panel))}
    assert (found["metr_average_score"], found["apex_agents_mean_score"]) == (0.71, 0.455)
    assert not {"metr_time_horizons", "apex_agents"} & set(found)


def test_blank_scores_and_artificial_analysis_are_dropped(panel):
    found = {score.benchmark for score in scores(SOURCE.records(panel))}
    assert not {"webdev_arena", "geobench", "scicode", "critpt"} & found


def test_a_model_twice_on_a_benchmark_is_two_facts(panel):
    found = [score for score in scores(SOURCE.records(panel)) if score.benchmark == "gsm8k"]
    assert [score.key for score in found] == ["gsm8k:open-example-9b", "gsm8k:open-example-9b#2"]


def test_who_measured_is_no_more_than_the_panel_knows(panel):
    found = {score.key: score.evaluator for score in scores(SOURCE.records(panel))}
    assert found["gsm8k:open-example-9b"] is Evaluator.UNSTATED  # somebody's paper, on somebody's model
    assert found["gsm8k:open-example-9b#2"] is Evaluator.THIRD_PARTY  # HELM
    assert found["arc_agi_2:example-1"] is Evaluator.LEADERBOARD  # the file is that board's
    assert found["new_one:example-1"] is Evaluator.UNSTATED


def test_a_model_with_a_date_is_a_release_and_one_without_is_none(panel):
    assert releases(SOURCE.records(panel)) == [
        ReleaseRecord(f"scored:{model}", model, released=When(date(2026, 1, 15)))
        for model in ("example-1_high", "example-1", "open-example-9b")
    ]
    undated = replace(panel, body=panel.body.replace(b",2026-01-15,", b",,"))
    assert not releases(SOURCE.records(undated))


def test_the_same_bytes_give_the_same_records(panel):
    assert SOURCE.records(panel) == SOURCE.records(panel)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"score_scale", b"scale", "no column score_scale"),
        (b",0.75,", b",75.0,", r"row 2 \(gpqa_diamond, example-1_high\): the score is 75.0, not a fraction"),
        (b",0.418,", b",0.00418,", "aider_polyglot goes up to 0.00418: it was divided by 100 twice"),
        (b"mean_score,proportion", b"mean_score,percentage", "on the scale 'percentage'"),
        (b",epoch,", b",nobody,", "evaluated by 'nobody'"),
        (b"20260809T212305Z", b"20261001T000000Z", "archived 20261001T000000Z"),
        (b",0.75,", b",high,", "'high' is not a number"),
    ],
)
def test_what_is_not_recognised_is_refused_by_name(panel, old, new, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(replace(panel, body=panel.body.replace(old, new)))


@pytest.mark.parametrize(("body", "reason"), [(b"", "no column"), (b"<!doctype html>", "web page")])
def test_what_is_no_table_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(document(body))


def test_a_table_cut_off_within_a_row_is_refused(panel):
    with pytest.raises(ParseError, match="fewer cells"):
        SOURCE.records(replace(panel, body=panel.body[:-30]))


@pytest.fixture
def stored(sample):
    body = sample("epoch-benchmarks/2026-08-panel/derived/benchmark_scores.csv").read_bytes()
    return SOURCE.records(document(body))


def test_the_panel_is_read_whole(stored):
    read = scores(stored)
    assert len(read) == 4337
    assert len({score.benchmark for score in read}) == 62
    assert len({score.model for score in read}) == 761
    assert Counter(score.evaluator for score in read) == {
        Evaluator.LEADERBOARD: 1940,
        Evaluator.THIRD_PARTY: 1199,
        Evaluator.UNSTATED: 1198,
    }
    assert max(score.released.on for score in read if score.released) == date(2026, 8, 2)
    assert FROZEN_AT.date() == date(2026, 8, 9)


def test_every_dated_model_of_the_panel_is_one_release(stored):
    found = releases(stored)
    assert len(found) == len({release.model for release in found}) == 737
    # The panel gives a model one date on all its rows, and no lab, access or licence.
    dates = {(score.model, score.released) for score in scores(stored) if score.released}
    assert {(release.model, release.released) for release in found} == dates
    assert not [release for release in found if release.lab or release.access or release.licence]


def test_the_panels_scales_agree_with_the_hubs_own_files(stored, sample):
    """The comparison that told which columns to divide: four months apart, nearly every shared figure is the same."""
    archive = zipped(files(sample("epoch-benchmarks/2026-04"), "*.csv"))
    hub: dict[tuple[str, str], set[float]] = {}
    for record in epoch_benchmarks.SOURCE.records(document(archive)):
        if isinstance(record, ScoreRecord):
            hub.setdefault((record.benchmark, record.model), set()).add(round(record.value, 9))
    shared, same = Counter(), Counter()
    for score in scores(stored):
        if values := hub.get((score.benchmark, score.model)):
            shared[score.benchmark] += 1
            same[score.benchmark] += round(score.value, 9) in values
    assert len(shared) == 42
    assert sum(same.values()) / sum(shared.values()) > 0.95
    assert all(same[name] / shared[name] > 0.8 for name in shared)
    assert set(shared) >= ALREADY_DIVIDED - {"forecastbench"}
