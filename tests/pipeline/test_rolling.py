"""A document that is a window onto a longer list: what leaves it stays known, what it shows still supersedes."""

import pytest

from tests.pipeline.steps import at, endpoint, take_in
from tests.pipeline.vintages import OFFERS, PRICES, prices
from tracker.models import DataVersion, News, Price, Unresolved
from tracker.pipeline import ingest
from tracker.queries.news import latest_news

pytestmark = pytest.mark.usefixtures("installed")

FEED = "https://openai.com/news/rss.xml"
MIRROR = "https://raw.githubusercontent.com/Olshansk/rss-feeds/main/feeds/feed_openai_research.xml"
OTHER = "https://raw.githubusercontent.com/mibuhand/AI-News-Direct/main/feeds/deepseek_news.xml"


def feed(*days: int, **titles: str) -> bytes:
    """A feed of one notice for each of these days of September, newest first; `d3="..."` titles the third's."""
    items = "".join(
        f"<item><title>{titles.get(f'd{day}', f'Notice of day {day}')}</title>"
        f"<link>https://openai.com/index/{day}</link><pubDate>{day:02} Sep 2026 00:00:00 GMT</pubDate></item>"
        for day in sorted(days, reverse=True)
    )
    return f"<rss version='2.0'><channel><title>Example</title>{items}</channel></rss>".encode()


def known(when=None) -> dict[str, str]:
    return dict(News.objects.known(when).order_by("key").values_list("key", "title"))


def named(*days: int) -> dict[str, str]:
    return {f"https://openai.com/index/{day}": f"Notice of day {day}" for day in days}


def test_a_notice_that_left_the_feed_is_not_withdrawn():
    take_in(FEED, feed(1, 2, 3), at(4))
    second = take_in(FEED, feed(3, 4, 5), at(6))
    assert second.state == "ingested", second.message
    assert (second.counts["added"], second.counts["closed"], second.counts["unchanged"]) == (2, 0, 1)
    assert known() == named(1, 2, 3, 4, 5)
    assert not News.objects.exclude(known_to=None).exists()


def test_a_feed_that_holds_nothing_of_what_it_held_is_still_read():
    take_in(FEED, feed(*range(1, 11)), at(11))
    second = take_in(FEED, feed(20), at(21))
    assert (second.state, second.counts["closed"]) == ("ingested", 0)
    assert len(known()) == 11


def test_a_changed_title_supersedes_and_is_known_from_its_own_day():
    take_in(FEED, feed(1, 2, 3), at(4))
    second = take_in(FEED, feed(2, 3, d3="Corrected"), at(6))
    assert (second.counts["superseded"], second.counts["added"], second.counts["closed"]) == (1, 0, 0)
    assert known(at(5)) == named(1, 2, 3)
    assert known() == named(1, 2) | {"https://openai.com/index/3": "Corrected"}


def test_a_notice_that_comes_back_as_it_was_is_the_same_fact():
    take_in(FEED, feed(1, 2), at(3))
    before = News.objects.get(key="https://openai.com/index/1").pk
    take_in(FEED, feed(2, 3), at(4))
    third = take_in(FEED, feed(1, 2, 3), at(5))
    assert (third.counts["added"], third.counts["unchanged"]) == (0, 3)
    assert News.objects.get(key="https://openai.com/index/1").pk == before


def test_a_notice_that_comes_back_changed_supersedes_what_had_left():
    take_in(FEED, feed(1, 2), at(3))
    take_in(FEED, feed(2, 3), at(4))
    take_in(FEED, feed(1, 2, 3, d1="Again"), at(5))
    old, new = News.objects.filter(key="https://openai.com/index/1").order_by("pk")
    assert (old.known_to, old.superseded_by, new.title) == (at(5), new, "Again")


def test_a_second_reading_of_a_window_writes_nothing_and_closes_nothing():
    take_in(FEED, feed(1, 2, 3), at(4))
    take_in(FEED, feed(3, 4), at(5))
    version = DataVersion.objects.get().value
    assert ingest.reingest(endpoint(FEED).pk, now=at(6)).changes == 0
    assert (known(), DataVersion.objects.get().value) == (named(1, 2, 3, 4), version)


def test_in_a_document_that_is_no_window_what_vanished_is_closed_as_before():
    take_in(PRICES, prices(), at(1))
    second = take_in(PRICES, prices(*OFFERS[:4]), at(2))
    assert second.counts["closed"] == 2
    assert Price.objects.known().count() == 4


def test_no_news_come_from_a_page_in_place_of_the_feed():
    take_in(FEED, feed(1, 2), at(3))
    page = take_in(FEED, b"<!doctype html><html><body>Back soon</body></html>", at(4))
    assert page.state == "quarantined"
    assert known() == named(1, 2)


def test_the_latest_news_stand_first_each_once_with_the_fact_it_is_from():
    take_in(FEED, feed(1, 3, 5), at(6))
    take_in(MIRROR, feed(3, 4, d3="The mirror's words"), at(6))  # 3 is the same page
    rows = latest_news()
    assert [(row.published, row.title) for row in rows] == [
        ("2026-09-05", "Notice of day 5"),
        ("2026-09-04", "Notice of day 4"),
        ("2026-09-03", "Notice of day 3"),
        ("2026-09-01", "Notice of day 1"),
    ]
    assert [News.objects.get(pk=row.fact).title for row in rows] == [row.title for row in rows]
    assert {(row.lab, row.lab_slug, row.source_slug) for row in rows} == {("OpenAI", "openai", "lab_feeds")}
    assert rows[0].url == "https://openai.com/index/5"


def test_news_are_of_one_lab_since_a_day_or_as_they_were_known():
    take_in(FEED, feed(1, 5), at(6))
    take_in(OTHER, feed(2), at(7))
    assert [row.lab for row in latest_news(lab="deepseek")] == ["DeepSeek"]
    assert [row.published for row in latest_news(since=at(2).date())] == ["2026-09-05", "2026-09-02"]
    assert [row.published for row in latest_news(known_at=at(6))] == ["2026-09-05", "2026-09-01"]
    assert len(latest_news(limit=1)) == 1


def test_news_of_a_source_that_may_not_be_shown_are_not_shown():
    take_in(FEED, feed(1), at(6))
    source = endpoint(FEED).source
    source.may_display = False
    source.save()
    assert latest_news() == ()


def test_a_lab_that_the_catalogue_does_not_know_waits():
    """The tests' catalogue has three labs."""
    read = take_in("https://stability.ai/news?format=rss", feed(1, 2), at(6))
    assert (read.counts["unresolved"], known()) == (2, {})
    assert Unresolved.objects.get().name == "Stability AI"
