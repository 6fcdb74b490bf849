import time
import tomllib
from datetime import UTC, date, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.conftest import DOCUMENTS, FETCHED_AT
from tracker.domain.definitions import LabDefinition
from tracker.domain.names import normalise
from tracker.domain.records import NewsRecord, When
from tracker.sources import arxiv, github_releases, lab_pages
from tracker.sources.base import Document, ParseError
from tracker.sources.feeds import MOST_ENTRIES
from tracker.sources.lab_feeds import AI_NEWS_DIRECT, FEEDS, RSS_FEEDS, SOURCE, ZONES
from tracker.sources.notices import LONGEST_KEY, LONGEST_TITLE

CATALOG = Path(__file__).parents[2] / "tracker" / "catalog"
OPENAI = "https://openai.com/news/rss.xml"
SEED = AI_NEWS_DIRECT.format("bytedance_seed_blog")


def feed(body: bytes, url: str = OPENAI, fetched_at: datetime = FETCHED_AT) -> Document:
    return Document(url, body, fetched_at)


def rss(*items: str) -> Document:
    """A feed of items whose elements are given."""
    inner = "".join(f"<item>{item}</item>" for item in items)
    return feed(f'<?xml version="1.0"?><rss version="2.0"><channel><title>X</title>{inner}</channel></rss>'.encode())


def only(item: str) -> NewsRecord:
    (record,) = SOURCE.records(rss(item))
    return record


@pytest.fixture
def notices() -> list[NewsRecord]:
    return SOURCE.records(feed((DOCUMENTS / "lab_feeds/rss.xml").read_bytes()))


@pytest.fixture
def by_link(notices):
    return {record.url.rpartition("/")[2]: record for record in notices if record.url}


def test_a_notice_is_its_title_its_link_and_its_day(notices):
    assert notices[0] == NewsRecord(
        "https://openai.com/index/example-5",
        "OpenAI",
        "Introducing Example-5",
        When(date(2026, 9, 8)),
        "https://openai.com/index/example-5",
    )


def test_an_evening_in_new_york_is_that_day_and_not_the_next(by_link):
    assert by_link["evening"].published == When(date(2026, 9, 7))


def test_a_notice_without_a_guid_is_known_by_its_link_and_without_both_by_title_and_day(notices, by_link):
    assert by_link["no-guid"].key == "https://openai.com/index/no-guid"
    (record,) = [record for record in notices if record.title == "Neither guid nor link"]
    assert (record.key, record.url) == ("Neither guid nor link (2026-09-04)", "")


def test_a_title_is_plain_text_on_one_line(by_link):
    assert by_link["no-guid"].title == "No guid & no surprise"
    assert by_link["markup"].title == "Example & friends at work"
    assert by_link["lines"].title == "A title on three lines"


def test_a_link_that_is_a_script_is_dropped_and_the_notice_kept(notices):
    (record,) = [record for record in notices if record.key == "post-1728"]
    assert (record.title, record.url) == ("Pictures", "")


def test_a_day_that_is_missing_still_to_come_or_a_zero_is_not_stated(by_link):
    assert [by_link[name].published for name in ("lines", "future", "zero")] == [None, None, None]


def test_right_to_left_titles_and_emoji_stay_as_they_are(notices):
    (record,) = [record for record in notices if record.key == "post-1724"]
    assert record.title == "إطلاق Example-5 🤖👩‍🔬"
    assert record.url == ""  # it was plain http


def test_a_guid_given_twice_names_two_posts_and_the_same_post_once(notices):
    assert [(record.key, record.title) for record in notices if record.key.startswith("post-1732")] == [
        ("post-1732", "An evening post"),
        ("post-1732 Another post under a guid that is taken", "Another post under a guid that is taken"),
    ]


def test_a_post_without_a_title_is_no_notice(notices):
    assert len(notices) == 11
    assert "post-1720" not in {record.key for record in notices}


def test_an_atom_feed_with_updated_alone_one_link_for_all_and_hashes_for_ids():
    first, second, third = SOURCE.records(feed((DOCUMENTS / "lab_feeds/atom.xml").read_bytes(), SEED))
    assert first == NewsRecord(
        "0123456789abcdef0123456789abcdef",
        "ByteDance Seed",
        "Seed-Example 2.0 发布",
        When(date(2026, 4, 23)),  # 16:00 UTC is midnight in Beijing
        "https://seed.bytedance.com/en/release-notes",
    )
    assert (second.title, second.published, second.url) == ("Seed-Example 1.9", When(date(2026, 3, 1)), first.url)
    # The day it was published, not updated; and a mirror cannot say where a relative link leads.
    assert (third.title, third.published, third.url) == ("Seed-Example 1.8", When(date(2026, 2, 1)), "")


@pytest.mark.parametrize(
    ("words", "published"),
    [
        ("Fri, 14 Aug 2026 00:00:00 +0000", "2026-08-14"),
        ("Fri, 14 Aug 2026 00:00:00 GMT", "2026-08-14"),
        ("Thu, 13 Aug 2026 23:30:00 EDT", "2026-08-13"),
        ("14 Aug 2026", "2026-08-14"),
        ("Fri, 14 Aug 2026", "2026-08-14"),
        ("2026-08-14T01:00:00+08:00", "2026-08-14"),
        ("2026-08-14T23:59:59.123Z", "2026-08-14"),
        ("2026-08-14", "2026-08-14"),
        ("2026-08", "2026-08"),
        ("August 14, 2026", "2026-08-14"),
        ("Sun, 32 Aug 2026 00:00:00 GMT", "None"),
        ("Fri, 14 Aug 2026 25:00:00 GMT", "None"),
        ("Fri, 14 Aug 2026 00:00:00 +9999", "None"),
        ("0001-01-01T00:00:00Z", "None"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "None"),
        ("9999-12-31T23:59:59-12:00", "None"),
        ("last week", "None"),
        ("", "None"),
    ],
)
def test_a_day_is_read_as_it_was_written_or_not_at_all(words, published):
    assert str(only(f"<title>x</title><pubDate>{words}</pubDate>").published) == published


def test_tomorrow_in_the_east_is_no_future_and_the_day_after_is():
    for day, stated in ((10, True), (11, False)):
        words = format_datetime(datetime(2026, 9, day, tzinfo=UTC))
        assert (only(f"<title>x</title><pubDate>{words}</pubDate>").published is not None) is stated


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("AT&amp;amp;T", "AT&T"),
        ("Fast &amp; cheap", "Fast & cheap"),
        ("3 &lt; 4 and 5 &gt; 2", "3 < 4 and 5 > 2"),
        ("<![CDATA[Claude <em>6</em>]]>", "Claude 6"),
        ("&lt;b&gt;GPT&lt;/b&gt;-6", "GPT-6"),
        ("&lt;svg/onload=alert(1)&gt;Six", "Six"),
        ("&lt;style&gt;a{}&lt;/style&gt;Six&lt;!-- seven --&gt;", "Six"),
        ("caf&eacute;", "café"),  # an entity of HTML's, unknown to XML
        ("a & b", "a & b"),  # no XML at all
        ("Six\u202eenoD", "SixenoD"),
        ("שלום Grok", "שלום Grok"),
        ("tab\tand\u00a0blank\u2028line", "tab and blank line"),
        ("https://openai.com/x", "https://openai.com/x"),
    ],
)
def test_whatever_a_title_is_made_of_its_words_are_kept_and_nothing_else(words, title):
    assert only(f"<title>{words}</title>").title == title


def test_a_title_that_goes_on_and_on_is_cut():
    record = only(f"<title>{'word ' * 5000}</title><link>https://openai.com/x</link>")
    assert len(record.title) <= LONGEST_TITLE
    assert record.title.endswith("word…")


def test_a_guid_too_long_for_an_index_stands_as_its_digest():
    record = only(f"<title>x</title><guid isPermaLink='false'>{'long' * 1000}</guid>")
    assert record.key.startswith("sha256:")
    assert len(record.key) < LONGEST_KEY


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "http://openai.com/x",
        "//openai.com/x",
        "/x",
        "https://name:secret@openai.com/",
        "https://openai.com@evil.example/",
        "https://openai.com/a b",
        'https://openai.com/"onmouseover=x',
        "https://openai.com\\@evil.example/",
        "https://localhost/x",
        "https://openai.com:99999/",
        "https://[/",
        "https://openai.com/" + "x" * 3000,
    ],
)
def test_a_link_that_is_not_plainly_https_is_dropped(link):
    assert only(f"<title>x</title><link><![CDATA[{link}]]></link>").url == ""


def test_a_billion_laughs_are_refused_before_one_is_laughed():
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    body = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "lol">{entities}]><rss><channel><item><title>&a9;</title>'
    began = time.perf_counter()
    with pytest.raises(ParseError, match="a document type of its own"):
        SOURCE.records(feed(f"{body}</item></channel></rss>".encode()))
    assert time.perf_counter() - began < 0.05


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!doctype rss [<!ENTITY % x SYSTEM "https://evil.example/x.dtd"> %x;]>',
        "<!-- <rss> --><!DOCTYPE rss [<!ENTITY x 'y'>]>",
        "<?pi <rss?><!DOCTYPE rss [<!ENTITY x 'y'>]>",
        '<!DOCTYPE rss SYSTEM "[" [<!ENTITY x "y">]>',
        "<!DOCTYPE rss []>",
        "<!DOCTYPE rss",
    ],
)
def test_a_document_type_with_an_inside_is_refused_wherever_it_hides(doctype):
    with pytest.raises(ParseError, match="a document type of its own"):
        SOURCE.records(feed(f"{doctype}<rss><channel><item><title>&x;</title></item></channel></rss>".encode()))


def test_an_entity_declared_outside_a_document_type_is_no_feed():
    with pytest.raises(ParseError, match="no RSS or Atom feed"):
        SOURCE.records(feed(b'<!ENTITY x "y"><rss><channel><item><title>&x;</title></item></channel></rss>'))


def test_a_document_type_that_only_names_one_is_let_be():
    old = b'<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://example.org/rss-0.91.dtd">'
    body = b"<rss><channel><item><title>Old</title></item></channel></rss>"
    assert [record.title for record in SOURCE.records(feed(old + body))] == ["Old"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no RSS or Atom feed: it begins with ''"),
        (b"<!doctype html><html><body>News</body></html>", "web page"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"></html>', "no RSS or Atom feed"),
        (b'{"items": []}', "no RSS or Atom feed"),
        (b"<opml><body/></opml>", "no RSS or Atom feed"),
        (b"<rss><channel><title>Empty</title></channel></rss>", "a feed without entries"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>', "a feed without entries"),
        (b"<rss><channel><item><guid>1</guid></item></channel></rss>", "holds 0 records"),
        (b"<rss><channel><item><title>Half a ti", "was cut off"),
        ("<rss>…</rss>".encode("utf-16"), "not UTF-8"),
        (b"<rss>" + b"<item>" * (MOST_ENTRIES + 1) + b"</rss>", f"more than {MOST_ENTRIES} entries"),
    ],
)
def test_what_is_no_whole_feed_is_refused_with_the_reason(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(feed(body))


def test_a_feed_at_an_address_nobody_declared_is_refused():
    with pytest.raises(ParseError, match="none of the feeds"):
        SOURCE.records(feed(b"<rss></rss>", "https://example.org/feed.xml"))


@pytest.mark.parametrize(("name", "url"), [("rss.xml", OPENAI), ("atom.xml", SEED)])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_feed_that_was_damaged_on_its_way_is_read_or_refused(name, url, data):
    body = (DOCUMENTS / "lab_feeds" / name).read_bytes()
    at = data.draw(st.integers(0, len(body) - 1))
    changed = body[:at] + data.draw(st.binary(max_size=12)) + body[at + data.draw(st.integers(0, 40)) :]
    for broken in (changed, body[:at]):
        outcomes = [outcome(broken, url), outcome(broken, url)]
        assert outcomes[0] == outcomes[1]
        if isinstance(outcomes[0], str):
            assert url in outcomes[0]


def outcome(body: bytes, url: str) -> list[NewsRecord] | str:
    try:
        return SOURCE.records(feed(body, url))
    except ParseError as error:
        return str(error)


def test_every_lab_that_news_are_of_is_in_the_catalogue():
    files = (CATALOG / "labs").glob("*.toml")
    labs = [LabDefinition.from_toml(file.stem, tomllib.loads(file.read_text("utf-8"))) for file in files]
    known = {normalise(name) for lab in labs for name in (lab.slug, lab.name, *lab.aliases)}
    named = {*FEEDS.values(), *(page.lab for page in lab_pages.PAGES.values())}
    named |= {*arxiv.FAMILIES, *github_releases.REPOSITORIES.values()}
    assert {lab for lab in named if normalise(lab) not in known} == set()


def test_news_are_asked_for_every_hour_and_lose_nothing_that_leaves_the_feed():
    assert (SOURCE.every.total_seconds(), SOURCE.rolling, SOURCE.may_shrink_to) == (3600, True, 0)
    assert len(FEEDS) >= 20
    assert ZONES.keys() <= FEEDS.keys()


STORED = [
    ("olshansk/feed_anthropic_news.xml", RSS_FEEDS.format("anthropic_news"), 255, "2026-08-14"),
    ("olshansk/feed_meta_ai.xml", RSS_FEEDS.format("meta_ai"), 88, "2026-07-27"),
    ("olshansk/feed_mistral.xml", RSS_FEEDS.format("mistral"), 54, "2026-05-22"),
    ("olshansk/feed_openai_research.xml", RSS_FEEDS.format("openai_research"), 194, "2026-07-29"),
    ("olshansk/feed_xainews.xml", RSS_FEEDS.format("xainews"), 39, "2026-05-21"),
    ("ai-news-direct/anthropic_news.xml", AI_NEWS_DIRECT.format("anthropic_news"), 13, "2026-04-28"),
    ("ai-news-direct/bytedance_seed_blog.xml", SEED, 9, "2026-04-23"),
    ("ai-news-direct/deepseek_news.xml", AI_NEWS_DIRECT.format("deepseek_news"), 14, "2025-12-01"),
    ("ai-news-direct/meta_ai_news.xml", AI_NEWS_DIRECT.format("meta_ai_news"), 5, "2026-04-08"),
    ("ai-news-direct/minimax_blog.xml", AI_NEWS_DIRECT.format("minimax_blog"), 19, "2026-04-01"),
    ("ai-news-direct/moonshot_blog.xml", AI_NEWS_DIRECT.format("moonshot_blog"), 9, "2026-02-25"),
]


@pytest.mark.parametrize(("name", "url", "count", "newest"), STORED, ids=[row[0] for row in STORED])
def test_a_stored_feed_is_read_whole_with_a_day_and_a_link_for_all(sample, name, url, count, newest):
    """The stored mirrors of xAI and Mistral, of August, end in May: they still parse, and only the day tells."""
    records = SOURCE.records(feed(sample(f"feeds/{name}").read_bytes(), url))
    assert len(records) == count
    assert max(str(record.published) for record in records) == newest
    assert all(record.published and record.url for record in records)
    assert not [record.title for record in records if "<" in record.title or "&amp;" in record.title]


def test_half_a_stored_feed_is_refused(sample):
    body = sample("feeds/olshansk/feed_mistral.xml").read_bytes()
    with pytest.raises(ParseError, match="was cut off"):
        SOURCE.records(feed(body[: len(body) // 2]))
