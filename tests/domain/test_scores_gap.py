"""The contract of `gap --scores`: one table in, index, frontiers and lags out."""

import json
from datetime import date, timedelta

import numpy as np
import pytest

from tests.domain.synthetic import SHAPES, hub_table, synthetic
from tracker.domain.index import IndexInputError, Observation, fit
from tracker.domain.score_table import ScoreTable, TableModel, TableScore, read_score_table
from tracker.domain.scores_gap import answer, gap_of_scores

TODAY = date(2026, 1, 1)


def table(*, until: date = TODAY) -> ScoreTable:
    """The dense synthetic scores with dates that rise with the index, every third model open and half a year late."""
    rows = synthetic(SHAPES[0])
    ranked = sorted(fitted.models, key=fitted.value) if (fitted := fit(rows)) else []
    models = []
    for at, name in enumerate(ranked):
        free = at % 3 == 1 and name not in ("GPT-5", "Claude 3.5 Sonnet")
        released = date(2023, 1, 1) + timedelta(days=20 * at + (180 if free else 0))
        models.append(TableModel(name, released, free))
    return ScoreTable(tuple(models), tuple(TableScore(r.model, r.benchmark, r.value) for r in rows))


def test_the_answer_has_the_keys_of_the_contract_first_and_is_plain_json():
    found = json.loads(json.dumps(answer(table(), TODAY, draws=20), allow_nan=False))
    assert list(found)[:5] == ["index", "difficulty", "frontier", "lags", "estimates"]
    assert list(found["lags"]) == [f"L{k}" for k in range(1, 9)]
    assert all(value is None or isinstance(value, float) for value in found["lags"].values())
    assert found["index"]["GPT-5"] == 150
    assert found["index"]["Claude 3.5 Sonnet"] == 130
    assert {"model", "released_on", "value"} <= set(found["frontier"]["open"][0])
    assert found["lags"]["L7"] == found["estimates"]["L7"]["value"]


def test_the_index_is_that_of_the_fit_without_any_filter():
    whole = table()
    rows = [Observation(s.model, s.benchmark, s.value) for s in whole.scores]
    fitted = fit(rows)
    found = answer(whole, TODAY, draws=0)["index"]
    assert found == {name: pytest.approx(fitted.value(name), abs=1e-6) for name in fitted.models}
    lonely = ScoreTable(
        (*whole.models, TableModel("old", date(2019, 1, 1), True)), (*whole.scores, TableScore("old", "b1", 0.1))
    )
    assert "old" in answer(lonely, TODAY, draws=0)["index"]


def test_models_released_after_the_day_are_not_used_at_all():
    whole = table()
    known = whole.released_by(date(2024, 6, 1))
    early = answer(whole, date(2024, 6, 1), draws=0)
    assert early == answer(known, date(2024, 6, 1), draws=0)
    assert set(early["index"]) == {model.name for model in known.models}
    assert early["scale"] == "logit"
    assert "GPT-5 is not in the data" in early["fit"]["notes"][-1]


def test_the_same_seed_gives_the_same_answer():
    whole = table()
    assert answer(whole, TODAY, draws=20) == answer(whole, TODAY, draws=20)


def test_late_open_models_are_seen_to_trail_under_every_estimator():
    _, report = gap_of_scores(table(), TODAY, draws=100)
    values = [report.estimate(f"L{k}").value for k in range(1, 9)]
    assert all(value is not None and value > 0 for value in values)
    for name in ("L1", "L2", "L3", "L5", "L6", "L8"):
        found = report.estimate(name)
        assert found.low <= found.high
        assert np.isfinite([found.low, found.high]).all()
    assert {layer.id.value for layer in report.benchmarks} == {f"L{k}" for k in range(1, 9)}


def test_too_few_models_are_refused_with_the_reason():
    small = read_score_table("model,benchmark,score,released_on,open\na,x,0.5,2025-01-02,true\n")
    with pytest.raises(IndexInputError, match="hold 1"):
        answer(small, TODAY)
    with pytest.raises(IndexInputError, match="hold 0"):
        answer(small, date(2020, 1, 1))


def test_two_models_on_one_benchmark_are_enough_for_an_answer():
    text = "model,benchmark,score,released_on,open\na,x,0.5,2025-01-02,true\nb,x,0.8,2024-01-02,false\n"
    found = answer(read_score_table(text), TODAY, draws=20)
    assert found["index"]["b"] > found["index"]["a"]
    assert found["lags"]["L1"] is not None
    json.dumps(found, allow_nan=False)


def test_on_the_stored_files_the_gap_lies_within_the_published_intervals():
    """Epoch AI, insight of 30 October 2025: 3.5 months [1.1, 5.3] and 7 points [0, 14] on its index (L3 and L8)."""
    report = gap_of_scores(hub_table("2026-04"), date(2025, 10, 30), draws=0)[1]
    assert report.open_models > 30
    assert report.closed_models > 30
    assert 1.1 <= report.estimate("L3").value <= 5.3
    assert 0 <= report.estimate("L8").value <= 14
