"""Families, and how slices are named where they are stored."""

from datetime import date

import numpy as np
import pytest

from tracker.domain.frontier import Release
from tracker.domain.gap_slices import OF_THE_SCOPE, families, family_of, slice_row, stored_scope


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("DeepSeek-R1-Distill-Llama-70B", "deepseek"),
        ("Llama 3.1 Nemotron Ultra 253B", "nemotron"),
        ("Llama 4 Maverick", "llama"),
        ("QwQ-32B", "qwen"),
        ("Mixtral 8x22B", "mistral"),
        ("gpt-oss-120b", "gpt-oss"),
        ("GPT-5", ""),
        ("Kimi K2 Thinking", "kimi"),
        ("GLM-5", "glm"),
        ("Gemma 4 31B", "gemma"),
        ("Gemini 3 Pro", ""),
    ],
)
def test_a_model_belongs_to_the_family_that_readers_call_it(name, family):
    assert family_of(name) == family


def test_a_model_with_another_name_takes_the_catalogues_family():
    assert family_of("Marco-o1", "Qwen 2.5") == "qwen"


RELEASES = [
    Release("Closed one", date(2025, 1, 1), False, 100.0),
    Release("Closed two", date(2025, 7, 1), False, 120.0),
    Release("Qwen early", date(2025, 3, 1), True, 90.0),
    Release("Qwen late", date(2025, 9, 1), True, 100.0),
    Release("Kimi first", date(2025, 10, 1), True, 130.0),
]
OF = {release.model: family_of(release.model) for release in RELEASES}


def test_a_family_stands_with_its_best_open_model_and_who_had_its_level_first():
    qwen = next(one for one in families(RELEASES, OF, date(2026, 1, 1), None) if one.name == "qwen")
    assert (qwen.model, qwen.models, qwen.level_first_by, qwen.points) == ("Qwen late", 2, "Closed one", 20.0)
    assert qwen.today == pytest.approx(365 / 30.4375)
    assert qwen.at_release == pytest.approx(243 / 30.4375)


def test_a_family_ahead_of_every_closed_model_has_no_lag_and_negative_points():
    kimi, *_ = families(RELEASES, OF, date(2026, 1, 1), None)
    assert (kimi.name, kimi.today, kimi.at_release, kimi.level_first_by, kimi.points) == ("kimi", None, None, "", -10)


def test_a_familys_interval_is_that_of_the_draws():
    values = np.array([release.value for release in RELEASES])
    drawn = np.array([values + np.array([0, 0, 0, shift, 0]) for shift in (-5.0, 5.0) for _ in range(20)])
    qwen = next(one for one in families(RELEASES, OF, date(2026, 1, 1), drawn) if one.name == "qwen")
    # Half of the draws put it above the first closed model: its level is then as young as the second.
    assert qwen.today_low == pytest.approx((date(2026, 1, 1) - date(2025, 7, 1)).days / 30.4375)
    assert qwen.today_high == pytest.approx(365 / 30.4375)
    assert (qwen.points_low, qwen.points_high) == (15.0, 25.0)


def test_what_has_no_column_stands_behind_the_scope_and_can_be_read_back():
    assert stored_scope("coding") == "coding"
    for scope, effort, family in (
        ("all", "default", ""),
        ("all", "best", "gpt-oss"),
        ("semi-private", "default", "glm"),
    ):
        stored = stored_scope(scope, effort=effort, family=family)
        assert len(stored) <= 40
        found = OF_THE_SCOPE.match(stored)
        assert (found["scope"], found["effort"] or "best", found["family"] or "") == (scope, effort, family)


def test_a_slice_without_an_answer_keeps_its_reason():
    row = slice_row("region", "other", {"estimates": {}, "reason": "No open model."})
    assert (row["estimates"], row["reason"], row["open_models"]) == ({}, "No open model.", 0)


def test_a_level_that_the_first_measured_closed_model_had_already_is_at_least_that_old():
    told = {one.name: one.at_least for one in families(RELEASES, OF, date(2026, 1, 1), None)}
    assert told == {"qwen": True, "kimi": False}
