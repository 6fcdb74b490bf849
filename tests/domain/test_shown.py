"""What a page shows of very many models: the picture and the first rows are those of all of them."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.shown import NEAREST, ROWS, nearest, shown

DAY = date(2024, 1, 1)


def point(at: int, side: str, value: float, *, step: bool = False) -> dict[str, object]:
    on = (DAY + timedelta(days=at)).isoformat()
    return {"model": f"{side} {at}", "side": side, "released_on": on, "value": value, "on_frontier": step}


def report(*points: dict[str, object]) -> dict[str, object]:
    return {"points": sorted(points, key=lambda one: str(one["released_on"])), "lags": {"L1": 3.0}}


def many(side: str, count: int) -> list[dict[str, object]]:
    return [point(at, side, -float(at * 7919 % 1000)) for at in range(count)]


def test_where_all_are_drawn_nothing_is_kept_beside_the_answer():
    steps = [point(0, "open", 1.0, step=True), point(1, "closed", 2.0, step=True)]
    assert shown(report(*steps, *many("open", NEAREST), *many("closed", NEAREST))) is None
    assert shown(report()) is None


def test_steps_the_nearest_and_the_newest_stay_and_so_does_all_that_is_no_place():
    steps = [point(0, "open", 0.5, step=True), point(900, "open", 5.0, step=True)]
    far = [point(1000 + at, "open", -9000.0) for at in range(ROWS)]
    whole = report(*steps, *many("open", 800), point(3, "closed", 4.0), *far)
    found = shown(whole)
    assert found is not None
    assert found["lags"] == whole["lags"]
    assert [one for one in found["points"] if one["on_frontier"]] == steps
    assert found["points"][-ROWS:] == far
    assert point(3, "closed", 4.0) in found["points"]
    others = [one for one in found["points"] if one["side"] == "open" and not one["on_frontier"] and one not in far]
    assert len(others) == NEAREST + 1, "one more than is drawn tells that there are more"
    farthest = max(-one["value"] for one in others)
    left = [one for one in whole["points"] if one not in found["points"]]
    assert all(-one["value"] >= farthest for one in left)


def test_a_side_without_a_line_shows_as_many_as_one_with():
    found = shown(report(*many("closed", 2 * NEAREST)))
    assert found is not None
    assert NEAREST < len(found["points"]) <= NEAREST + 1 + ROWS


placed = st.tuples(st.integers(0, 40).map(lambda days: DAY + timedelta(days=days)), st.integers(-5, 5).map(float))


@given(st.lists(placed, max_size=40), st.lists(placed, max_size=5).map(sorted), st.integers(0, 12), st.data())
def test_of_those_that_are_kept_the_nearest_are_those_of_all(others, lead, most, data):
    kept = set(nearest(others, lead, most)) | set(
        data.draw(st.sets(st.sampled_from(range(len(others))))) if others else ()
    )
    some = [others[at] for at in sorted(kept)]
    assert [some[at] for at in nearest(some, lead, most)] == [others[at] for at in nearest(others, lead, most)]
