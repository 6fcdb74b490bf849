"""The gap in a digest: the headline beside last week's value, and what else about it is news."""

from dataclasses import replace

from tests.domain.notable_weeks import lag, standing, week
from tracker.domain import notable_gap


def headline(**lags):
    return next(iter(notable_gap.items(week(now=standing(**lags)))))


def test_the_headline_stands_beside_last_weeks_value_and_says_that_it_stayed_inside_the_interval():
    found = headline(L1=lag("L1", 3.4, 2.4, 4.4))
    assert found.title == "Open models trail closed ones by 3.4 months, 0.4 more than a week ago"
    assert "90 % interval 2.4 to 4.4 months" in found.text
    assert "A week ago it was 3.0 months (2.0 to 4.0); the new figure lies inside that interval." in found.text
    assert not found.flips


def test_the_headline_says_that_it_left_the_interval():
    found = headline(L1=lag("L1", 1.9, 1.5, 2.2))
    assert found.title.endswith("1.9 months, 1.1 less than a week ago")
    assert "outside that interval" in found.text
    assert found.flips


def test_a_figure_left_its_interval_only_where_the_printed_numbers_show_it():
    assert not headline(L1=lag("L1", 4.04, 3.0, 5.0)).flips
    assert headline(L1=lag("L1", 4.06, 3.0, 5.0)).flips


def test_the_headline_names_both_leaders_and_the_points_between_them():
    assert (
        "Bar 9, the best closed model (152.5 index points), stands 4.2 points above Foo 3, the best open one (149.0); "
        "a week ago it was 3.5 points." in headline(L8=lag("L8", 4.2, 3.9, 4.4)).text
    )


def test_open_models_that_lead_are_said_to_lead():
    found = headline(L1=lag("L1", -0.5, -1.0, 0.5), L8=lag("L8", -1.0, -2.0, 0.0))
    assert found.title.startswith("By the headline measure open models are 0.5 months ahead of closed ones")
    assert "1.0 points below Foo 3" in found.text


def test_a_new_definition_of_the_index_is_told_because_it_alone_moves_figures():
    (found,) = notable_gap.items(week(now=replace(standing(), method="index-2")))
    assert "the definition of the index changed (index-1 to index-2)" in found.text


def test_the_first_issue_compares_with_nothing():
    (found,) = notable_gap.items(week(before=None))
    assert found.title == "Open models trail closed ones by 3.0 months"
    assert "no figure of the week before" in found.text


def test_another_measure_that_left_its_interval_is_told_in_plain_words():
    _, found = notable_gap.items(week(now=standing(L8=lag("L8", 6.0, 5.0, 7.0))))
    assert found.title == "The distance between the best models in index points (L8) left its interval of a week ago"
    assert "is 6.0 points (5.0 to 7.0), a week ago 3.5 points (2.5 to 4.5)." in found.text


def test_definitions_are_told_where_their_share_moved_by_a_twentieth():
    _, found = notable_gap.items(week(now=replace(standing(), longer=0.46)))
    assert found.title.startswith("46 % of all definitions")
    assert len(list(notable_gap.items(week(now=replace(standing(), longer=0.44))))) == 1
