"""The issue as a whole: what is chosen, in which order, when a week is quiet, and what an editor's hand does to it."""

from dataclasses import replace
from datetime import UTC, date, datetime

from tests.domain.notable_weeks import lag, standing, step, turn, week
from tracker.domain.notable import HEADLINE, Content, Item, Topic, Wishes, chosen, cut
from tracker.domain.notable_facts import Correction, Week
from tracker.domain.notable_issue import MOST, OF_ONE_TOPIC, compose, ranked


def item(number: int, topic: Topic = Topic.DATA, weight: float = 4.0, **more) -> Item:
    return Item(f"id:{number}", topic, f"Title {number}", "Text.", "/?as_of=2026-11-22", weight, **more)


def test_the_same_week_gives_the_same_bytes_however_its_rows_come():
    turns = tuple(turn(slug=f"claim-{n}", after="fails") for n in range(6))
    steps = tuple(step(slug=f"model-{n}", value=150.0 + n) for n in range(3))
    orders = [(turns, steps), (turns[::-1], steps[::-1]), (turns[3:] + turns[:3], steps[1:] + steps[:1])]
    told = {str(compose("2026-W47", week(turns=some, steps=others)).plain()) for some, others in orders}
    assert len(told) == 1


def test_an_issue_comes_back_from_json_as_it_went_in():
    content = compose("2026-W47", week(turns=(turn(),), steps=(step(),)))
    assert Content.read(content.plain()) == content


def test_what_changes_belief_most_stands_first_and_of_each_topic_only_a_few():
    many = [item(n, weight=2.0 + n / 100) for n in range(30)] + [item(99, Topic.CLAIMS, 9.0)]
    found = ranked(many)
    assert [one.id for one in found] == ["id:99", "id:29", "id:28", "id:27", "id:26"]
    assert len(found) == 1 + OF_ONE_TOPIC


def test_a_topic_stands_together_in_the_place_of_its_weightiest_item():
    some = [item(1, Topic.DATA, 2.0), item(2, Topic.MODELS, 8.0), item(3, Topic.DATA, 5.0), item(4, Topic.MODELS, 3.0)]
    ahead = item(5, Topic.AHEAD, 9.0)
    assert [one.id for one in ranked([*some, ahead])] == ["id:2", "id:4", "id:3", "id:1", "id:5"]


def test_an_issue_holds_at_most_twelve_items():
    topics = [topic for topic in Topic for _ in range(OF_ONE_TOPIC)]
    assert len(ranked(item(n, topic) for n, topic in enumerate(topics))) == MOST == 12


def test_what_to_watch_has_the_last_place_however_much_happened():
    many = [item(n, topic, 6.0) for n, topic in enumerate(t for t in Topic for _ in range(OF_ONE_TOPIC))]
    watch = Item("ahead:forecasts", Topic.AHEAD, "One falls due", "Text.", "/forecasts/?as_of=2026-11-22", 2.0)
    found = ranked([*many, watch])
    assert (found[-1], len(found)) == (watch, MOST)
    assert ranked([item(1), watch]) == (item(1), watch)


def test_a_week_without_news_says_so_and_says_little():
    notes = week(corrections=(Correction("A source", "a-source", 3, 1),))
    content = compose("2026-W47", notes)
    assert content.quiet
    assert content.subject == "A quiet week: open models trail closed ones by 3.0 months, as a week ago"
    assert [one.id for one in content.items] == [HEADLINE, "data:corrections"]


def test_a_headline_that_left_its_interval_makes_a_week_loud():
    content = compose("2026-W47", week(now=standing(L1=lag("L1", 5.0, 4.5, 5.5))))
    assert not content.quiet
    assert content.items[0].flips


def test_the_subject_tells_the_weightiest_news_and_the_line_beside_it_the_rest():
    content = compose("2026-W47", week(turns=(turn(title="Open models have caught up", after="fails"),)))
    assert content.subject == "“Open models have caught up” now fails"
    assert content.preheader == "Open models trail closed ones by 3.0 months, as a week ago"


def test_without_any_run_there_is_nothing_to_report():
    content = compose("2026-W10", Week(date(2026, 3, 8), date(2026, 3, 1), datetime(2026, 3, 8, tzinfo=UTC)))
    assert (content.items, content.pictures, content.quiet) == ((), (), True)
    assert content.subject == "Nothing to report this week"


def test_every_line_leads_to_a_page_of_this_site_as_it_was_known_then():
    content = compose("2026-W47", week(turns=(turn(),), steps=(step(),)))
    for one in (*content.items, *content.pictures):
        assert one.url.startswith("/")
        assert "as_of=2026-11-22" in one.url.partition("#")[0]


def test_an_editor_drops_and_moves_items_and_the_subject_follows():
    content = compose("2026-W47", week(turns=(turn(slug="one", after="fails"),), steps=(step(),)))
    names = [one.id for one in content.items]
    assert names[:3] == [HEADLINE, "claim:one", "frontier:open:foo-3"]
    arranged = content.arranged(["claim:one"], ["frontier:open:foo-3", "nobody-knows"])
    assert [one.id for one in arranged.items] == ["frontier:open:foo-3", HEADLINE]
    assert arranged.subject == "Foo 3 by Foo Labs is now the best open-weight model"
    assert content.arranged([], []) is content
    assert content.arranged(names, []).subject == "Nothing to report this week"


def test_pictures_say_in_words_what_they_show():
    frontier, of_lag = compose("2026-W47", week()).pictures
    assert (frontier.name, of_lag.name) == ("frontier", "lag")
    assert "Foo 3 at 149.0 points" in frontier.alt
    assert "Between them lie 3.5 points" in frontier.alt
    assert of_lag.alt.endswith("On 21 November 2026 it was 3.2 months, on 21 November 2025 6.1.")


def test_the_third_picture_is_that_of_the_weeks_topic():
    from tests.domain.test_notable_items import prices

    (third,) = compose("2026-W47", week(prices=prices())).pictures[2:]
    assert third.name == "price-capability"
    assert third.alt.endswith("ends with Old: 150.0 points for $3.00.")


def test_a_reader_hears_of_the_labs_and_topics_asked_for_and_of_what_concerns_everybody():
    items = (
        item(1, Topic.MODELS, labs=("acme",)),
        item(2, Topic.MODELS, labs=("birch",)),
        item(3, Topic.GAP),
        item(4, Topic.CLAIMS, flips=True),
    )
    wishes = Wishes(topics=frozenset({Topic.MODELS, Topic.GAP}), labs=frozenset({"acme"}))
    assert [one.id for one in chosen(items, wishes)] == ["id:1", "id:3"]
    assert chosen(items[:3], Wishes(only_flips=True)) == ()
    assert chosen(items, Wishes(only_flips=True)) == items


def test_a_cut_ends_at_a_word():
    assert cut("one two three", 13) == "one two three"
    assert cut("one two, three", 10) == "one two…"
    assert len(cut("word " * 60, 90)) <= 90


def test_what_is_not_told_this_week_is_not_compared():
    unknown = replace(standing(), lags={})
    assert compose("2026-W47", week(now=unknown)).items[0].title.startswith("The data do not tell this week")
