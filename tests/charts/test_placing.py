"""Names never lie over each other or over a line, and a name without room is left out."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tracker.charts.placing import Box, Wish, place, spread

SHEET = Box(0, 0, 400, 300)
wishes = st.lists(
    st.builds(
        Wish,
        text=st.text("abcdefg ", min_size=1, max_size=24),
        x=st.floats(0, 400),
        y=st.floats(0, 300),
        colour=st.just("#000000"),
        above=st.booleans(),
        weight=st.floats(0, 10),
    ),
    max_size=30,
)


def placed(wanted, obstacles=(), most=30):
    return place(
        wanted, inside=SHEET, obstacles=obstacles, dust=[], width=lambda text: 7 * len(text), size=12, most=most
    )


@given(wishes)
def test_names_never_overlap_and_stay_on_the_sheet(wanted):
    found = placed(wanted)
    for nth, one in enumerate(found):
        assert 0 <= one.box.left <= one.box.right <= 400
        assert 0 <= one.box.top <= one.box.bottom <= 300
        assert all(one.box.overlap(two.box) == 0 for two in found[nth + 1 :])


@given(wishes, st.floats(0, 280))
def test_names_keep_off_lines(wanted, height):
    line = Box(0, height, 400, height + 3)
    assert all(one.box.overlap(line) == 0 for one in placed(wanted, [line]))


def test_the_heaviest_name_is_placed_first_and_the_rest_is_left_out():
    wanted = [Wish(f"name {nth}", 200, 150, "#000000", True, nth) for nth in range(9)]
    assert [one.wish.text for one in placed(wanted, most=2)] == ["name 8", "name 7"]


@given(st.lists(st.floats(0, 300), min_size=1, max_size=6))
def test_end_labels_are_spread_in_their_order(wanted):
    found = spread(wanted, gap=20, low=0, high=300)
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    heights = [found[at] for at in order]
    assert all(two - one >= 20 - 1e-6 for one, two in pairwise(heights))
    assert min(heights) >= -1e-6
    assert max(heights) <= 300 + 1e-6
