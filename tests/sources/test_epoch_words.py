from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.records import ReleaseRecord, ScoreRecord, When
from tracker.sources.epoch_words import releases_of

JANUARY, MARCH, MAY = (When(date(2026, month, 15)) for month in (1, 3, 5))


def scored(*dates, model="example-1", lab="Example Lab"):
    return [
        ScoreRecord(f"bench:{number}", model, "bench", 0.5, released=on, lab=lab) for number, on in enumerate(dates)
    ]


def test_a_scored_model_with_a_date_is_a_release():
    assert list(releases_of(scored(MARCH))) == [
        ReleaseRecord("scored:example-1", "example-1", lab="Example Lab", released=MARCH)
    ]


def test_the_date_that_most_rows_give_wins_over_an_earlier_one():
    (release,) = releases_of(scored(JANUARY, MAY, MAY))
    assert release.released == MAY


def test_of_dates_given_equally_often_the_earlier_wins():
    (release,) = releases_of(scored(MAY, JANUARY, MARCH, MAY, JANUARY))
    assert release.released == JANUARY


def test_rows_without_a_date_have_no_vote_and_make_no_release():
    (release,) = releases_of(scored(None, None, MARCH))
    assert release.released == MARCH
    assert not list(releases_of(scored(None, None)))


def test_a_model_that_a_table_of_releases_has_told_is_left_out():
    rows = scored(MARCH) + scored(MAY, model="example-2")
    assert [release.model for release in releases_of(rows, told=frozenset({"example-1"}))] == ["example-2"]


def test_the_lab_is_taken_from_the_first_row_that_names_one():
    rows = scored(MARCH, lab="") + scored(MARCH) + scored(MARCH, lab="Another Lab")
    assert [release.lab for release in releases_of(rows)] == ["Example Lab"]
    assert [release.lab for release in releases_of(scored(MARCH, lab=""))] == [""]


@given(st.lists(st.sampled_from([JANUARY, MARCH, MAY, None]), max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_move_a_release(dates, random):
    shuffled = list(dates)
    random.shuffle(shuffled)
    assert list(releases_of(scored(*shuffled))) == list(releases_of(scored(*dates)))
