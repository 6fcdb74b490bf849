"""The cheapest model near the best one, on entrants small enough to be worked out by hand."""

import math
import random
import tomllib
from itertools import product
from pathlib import Path

import pytest

from tracker.domain import specialists
from tracker.domain.specialists import (
    FIELDS,
    NEAR,
    Bench,
    Entrant,
    error_of,
    field_of,
    headline,
    level_of,
    standing,
)

SHARE = Bench("proportion")


def at(found, rule):
    return next(level for level in found.levels if level.asked == rule)


def test_a_benchmark_belongs_to_the_field_that_it_tests():
    assert field_of("formal-proofs", "mathematics") == "formal-proofs"
    assert field_of("general", "mathematics") == "mathematics"
    assert field_of("science", "coding") == "coding"
    assert field_of("banking", "agentic") == "service"
    assert field_of("games", "agentic") == ""


def test_every_field_has_a_benchmark_of_the_catalogue():
    folder = Path(__file__).parents[2] / "tracker" / "catalog" / "benchmarks"
    files = [tomllib.loads(path.read_text("utf-8")) for path in folder.glob("*.toml")]
    assert {field_of(file.get("domain", ""), file["category"]) for file in files} - {""} == {f.key for f in FIELDS}


def test_the_reported_error_goes_before_that_of_the_number_of_items():
    assert error_of(Entrant("m", 0.5, error=0.03), Bench("proportion", items=100)) == 0.03
    assert error_of(Entrant("m", 0.5), Bench("proportion", items=100)) == pytest.approx(0.05)
    assert error_of(Entrant("m", 0.5), SHARE) is None
    assert error_of(Entrant("m", 1.0), Bench("proportion", items=50)) == pytest.approx(math.sqrt(0.99 * 0.01 / 50))
    assert error_of(Entrant("m", 1400.0), Bench("elo", items=100)) is None


def test_near_the_best_is_two_standard_errors_below_it_or_95_percent_without_an_error():
    assert level_of(0.8, 0.02, NEAR, SHARE) == (pytest.approx(0.76), NEAR)
    assert level_of(0.8, None, NEAR, SHARE) == (pytest.approx(0.76), "95")
    assert level_of(0.8, 0.02, "80", SHARE) == (pytest.approx(0.64), "80")


def test_where_less_is_better_the_level_lies_above_the_best():
    less = Bench("points", lower_is_better=True)
    assert level_of(10.0, 1.0, NEAR, less) == (pytest.approx(12.0), NEAR)
    assert level_of(9.0, None, "90", less) == (pytest.approx(10.0), "90")


def test_a_share_of_an_elo_rating_is_one_of_wins():
    level, _ = level_of(1500.0, None, "90", Bench("elo"))
    assert 1 / (1 + 10 ** ((1500 - level) / 400)) == pytest.approx(0.45)


def test_dollars_earned_have_no_share():
    assert level_of(-20.0, None, "90", Bench("dollars")) is None
    assert level_of(-20.0, 5.0, NEAR, Bench("dollars")) == (-30.0, NEAR)


BEST = Entrant("best", 0.80, price=10.0, overall=150.0, open=False)
SMALL = Entrant("small", 0.77, price=0.5, overall=120.0, open=True, size=7e9)
TINY = Entrant("tiny", 0.60, price=0.1, overall=110.0, open=True)
UNPRICED = Entrant("unpriced", 0.79, overall=155.0)


def test_the_cheapest_near_the_best_and_the_generalist_that_still_beats_it():
    found = standing([TINY, SMALL, UNPRICED, BEST], SHARE)
    near = at(found, NEAR)
    assert near.rule == "95"
    assert (found.best, found.best_priced, found.models, found.priced) == ("best", "best", 4, 3)
    assert (near.cheapest, near.ratio, near.reaching, near.leader) == ("small", 20.0, 2, "unpriced")
    assert at(found, "80").cheapest == "small"
    assert (near.low, near.high) == (None, None)


def test_where_the_best_model_has_no_price_the_ratio_is_to_the_best_that_has_one():
    found = standing([Entrant("secret", 0.81, overall=160.0), SMALL, BEST], SHARE)
    assert (found.best, found.best_priced) == ("secret", "best")
    assert at(found, "95").ratio == 20.0


def test_the_best_model_is_its_own_cheapest_and_nobody_leads_it():
    near = at(standing([BEST], SHARE), "95")
    assert (near.cheapest, near.ratio, near.leader) == ("best", 1.0, "")


def test_a_level_that_no_priced_model_reaches_is_left_out():
    found = standing([Entrant("secret", 0.9), TINY], SHARE)
    assert found.levels == ()


def test_without_a_measured_model_or_a_price_nothing_is_said():
    assert standing([], SHARE) is None
    assert standing([UNPRICED], SHARE).levels == ()


def test_the_interval_is_wide_where_a_model_may_or_may_not_reach_the_level():
    # Its score is the level itself: in about half of the draws another and dearer model is the cheapest.
    border = Entrant("border", 0.76, error=0.02, price=0.5)
    best = Entrant("best", 0.80, error=0.02, price=10.0)
    near = at(standing([best, border], SHARE), NEAR)
    assert (near.cheapest, near.ratio) == ("border", 20.0)
    assert (near.low, near.high) == (1.0, 20.0)


def test_the_interval_is_a_point_where_the_scores_leave_no_doubt():
    best = Entrant("best", 0.80, error=0.001, price=10.0)
    sure = Entrant("sure", 0.799, error=0.001, price=0.5)
    below = Entrant("below", 0.20, error=0.001, price=0.1)
    near = at(standing([best, sure, below], SHARE), "90")
    assert (near.low, near.ratio, near.high) == (20.0, 20.0, 20.0)


def test_a_tie_at_the_top_is_left_to_the_cheaper_model():
    found = standing([Entrant("dear", 0.8, price=10.0), Entrant("cheap", 0.8, price=1.0)], SHARE)
    assert (found.best, at(found, "80").ratio) == ("cheap", 1.0)


def test_the_same_scores_give_the_same_interval():
    rows = [Entrant("a", 0.8, error=0.03, price=9.0), Entrant("b", 0.75, error=0.03, price=1.0)]
    assert standing(rows, SHARE) == standing(rows[::-1], SHARE)


def test_the_finding_is_a_model_that_beats_one_of_ten_times_its_price():
    dear = Entrant("dear", 0.70, price=5.0, overall=140.0)
    dearer = Entrant("dearer", 0.65, price=50.0, overall=135.0)
    nearly = Entrant("nearly", 0.60, price=4.9, overall=170.0)
    found = standing([BEST, SMALL, dear, dearer, nearly], Bench("proportion", items=1000)).finding
    assert (found.model, found.beaten, found.times, found.many) == ("small", "dear", 10.0, 2)
    assert found.sure
    assert not standing([SMALL, dear], Bench("proportion", items=20)).finding.sure
    assert not standing([SMALL, dear], SHARE).finding.sure
    assert standing([SMALL, nearly], SHARE).finding is None


def test_a_draw_where_less_is_better_is_not_turned_round():
    less = Bench("points", lower_is_better=True)
    rows = [Entrant("best", 10.0, error=0.5, price=10.0), Entrant("cheap", 10.5, error=0.5, price=1.0)]
    found = standing([*rows, Entrant("bad", 40.0, error=0.5, price=0.1)], less)
    near = at(found, NEAR)
    assert (found.best, near.cheapest, near.ratio) == ("best", "cheap", 10.0)
    assert near.high == 10.0
    assert math.isclose(near.level, 11.0)


def crowd(seed: int) -> list[Entrant]:
    """Models with few different scores, errors, prices and places, so that many of them are equal."""
    chance = random.Random(seed)  # noqa: S311  rows of a test
    return [
        Entrant(
            f"m{n:02}",
            round(chance.random(), chance.choice((1, 2, 4))),
            error=chance.choice((None, 0.001, 0.02, 0.1)),
            price=chance.choice((None, 0.1, 0.3, 1.0, 3.0, 10.0)),
            overall=chance.choice((None, 0.0, 110.0, 120.0, 130.0)),
        )
        for n in range(chance.choice((2, 6, 40)))
    ]


def of_all_pairs(rows: list[Entrant], test: Bench) -> tuple[str, str, bool, int] | None:
    """The finding as it is defined: pair by pair."""
    sign = -1 if test.lower_is_better else 1
    priced = sorted((row for row in rows if row.price), key=lambda row: (-sign * row.score, row.price, row.model))
    pairs = []
    for row, other in product(priced, priced):
        if other.price >= 10 * row.price and sign * other.score < sign * row.score:
            errors = error_of(row, test), error_of(other, test)
            sure = None not in errors and abs(row.score - other.score) > 1.645 * math.hypot(*errors)
            pairs.append((row, other, sure))
    if not pairs:
        return None
    row, other, sure = max(pairs, key=lambda p: (p[2], p[1].overall or -math.inf, sign * p[0].score, p[0].model))
    return row.model, other.model, sure, sum(winner is row for winner, _, _ in pairs)


def test_the_finding_is_the_one_that_a_look_at_every_pair_finds():
    kinds = set()
    for seed in range(300):
        test = Bench("proportion", items=(None, 30, 3000)[seed % 3], lower_is_better=seed % 2 == 1)
        rows = crowd(seed)
        found = standing(rows, test, draws=2).finding
        told = found and (found.model, found.beaten, found.sure, found.many)
        assert told == of_all_pairs(rows, test), seed
        kinds.add(found and found.sure)
    assert kinds == {None, True, False}


def test_draws_that_are_made_some_at_a_time_are_those_of_one_go(monkeypatch):
    test = Bench("proportion", items=50)
    whole = [standing(crowd(seed), test, draws=50) for seed in range(20)]
    monkeypatch.setattr(specialists, "_NUMBERS", 120)
    monkeypatch.setattr(specialists, "_ASKED", 3)
    assert [standing(crowd(seed), test, draws=50) for seed in range(20)] == whole
    assert any(level.low != level.high for one in whole for level in one.levels)


def test_the_live_benchmark_with_most_priced_models_stands_for_its_field():
    fields = {
        "law": [("old", "saturated", 90), ("new", "live", 20), ("newer", "live", 30)],
        "medicine": [("board", "", 5), ("quiz", "saturated", 7)],
        "science": [("none", "live", 0)],
    }
    assert headline(fields) == {"law": "newer", "medicine": "quiz"}
