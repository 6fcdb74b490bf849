from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.conftest import DOCUMENTS, FETCHED_AT
from tracker.domain.records import NewsRecord, When
from tracker.sources.base import Document, ParseError
from tracker.sources.lab_pages import PAGES, SOURCE

ANTHROPIC = "https://www.anthropic.com/news"
FILES = {
    ANTHROPIC: "anthropic.html",
    "https://api-docs.deepseek.com/": "deepseek.html",
    "https://cohere.com/blog": "cohere.html",
    "https://platform.moonshot.ai/blog": "moonshot.html",
}


def page(url: str = ANTHROPIC, change: Callable[[bytes], bytes] = lambda body: body) -> Document:
    return Document(url, change((DOCUMENTS / "lab_pages" / FILES[url]).read_bytes()), FETCHED_AT)


def read(url: str = ANTHROPIC) -> list[tuple[str, str, str]]:
    """Of each notice the end of its address, its title and its day."""
    return [
        (record.url.rpartition("/")[2], record.title, str(record.published)) for record in SOURCE.records(page(url))
    ]


def test_a_notice_is_what_its_card_says():
    assert SOURCE.records(page())[0] == NewsRecord(
        "https://www.anthropic.com/news/claude-example-6",
        "Anthropic",
        "Introducing Claude Example 6",
        When(date(2026, 9, 8)),
        "https://www.anthropic.com/news/claude-example-6",
    )


def test_titles_and_days_are_found_in_every_kind_of_card_and_each_notice_once():
    assert read() == [
        ("claude-example-6", "Introducing Claude Example 6", "2026-09-08"),
        ("second", "A second post", "2026-09-05"),
        ("third", "Third & last of August", "2026-08-20"),
        ("fourth", "A heading beside its link", "2026-07-01"),
        ("fifth", "explained", "None"),
        ("sixth", "Only the link's own words", "2026-06-01"),
    ]


def test_where_a_page_is_a_menu_the_words_of_its_links_are_the_titles():
    assert read("https://api-docs.deepseek.com/") == [
        ("news260901", "DeepSeek-V9 Release 2026/09/01", "2026-09-01"),
        ("news260701", "DeepSeek-V8.5 Release 2026/07/01", "2026-07-01"),
        ("news260501", "DeepSeek-V8 Release 2026/05/01", "2026-05-01"),
        ("news260301", "API upgrade 2026/03/01", "2026-03-01"),
        ("news1226", "Introducing DeepSeek-V7", "None"),
    ]


def test_the_first_paragraph_is_the_title_where_a_page_has_no_headings():
    assert read("https://cohere.com/blog")[0] == ("one", "Command Example is here", "2026-09-03")
    assert [name for name, _, _ in read("https://cohere.com/blog")] == ["one", "two", "three", "four", "five"]


def test_a_day_beside_the_link_is_its_cards_and_never_its_neighbours():
    assert read("https://platform.moonshot.ai/blog") == [
        ("kimi-example", "Kimi Example 3", "2026-08-30"),
        ("b", "B", "2026-08-02"),
        ("c", "C", "2026-08-01"),
        ("d", "D", "None"),
        ("e", "E", "None"),
    ]


def test_a_page_that_a_script_fills_is_refused_as_one():
    body = (DOCUMENTS / "lab_pages" / "shell.html").read_bytes()
    with pytest.raises(ParseError, match=f"a shell of {len(body)} bytes that a script fills"):
        SOURCE.records(Document(ANTHROPIC, body, FETCHED_AT))


def test_a_page_whose_links_moved_is_refused():
    with pytest.raises(ParseError, match="no link under /news/: the page was made anew"):
        SOURCE.records(page(change=lambda body: body.replace(b"/news/", b"/newsroom/")))


def test_a_page_with_fewer_notices_than_ever_is_refused():
    with pytest.raises(ParseError, match="holds 4 records; Lab news pages never has fewer than 5"):
        SOURCE.records(page("https://cohere.com/blog", lambda body: body.replace(b"/blog/five", b"/careers")))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no web page"),
        (b'{"posts": []}', "no web page"),
        (b"<rss></rss>", "no web page"),
        (b"<!doctype html><html><body><a href='/news/a'>A", "was cut off"),
        (b"<!doctype html><html>\xff</html>", "not UTF-8"),
        (b"<html><body>" + b"<div>" * 200 + b"<a href='/news/a'>A</a></html>", "nests its links deeper"),
    ],
)
def test_what_is_no_whole_page_is_refused_with_the_reason(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(Document(ANTHROPIC, body, FETCHED_AT))


def test_a_page_nobody_declared_is_refused():
    with pytest.raises(ParseError, match="none of the pages"):
        SOURCE.records(Document("https://example.org/news", b"<html></html>", FETCHED_AT))


@pytest.mark.parametrize("url", FILES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_page_that_was_damaged_on_its_way_is_read_or_refused(url, data):
    body = page(url).body
    at = data.draw(st.integers(0, len(body) - 1))
    rest = body[at + data.draw(st.integers(0, 40)) :]
    broken = Document(url, body[:at] + data.draw(st.binary(max_size=12)) + rest, FETCHED_AT)
    found = outcome(broken)
    assert found == outcome(broken)
    assert not isinstance(found, str) or url in found


def outcome(broken: Document) -> list[NewsRecord] | str:
    try:
        return SOURCE.records(broken)
    except ParseError as error:
        return str(error)


def test_every_declared_page_has_a_document_here():
    assert PAGES.keys() == FILES.keys()
    assert SOURCE.rolling
