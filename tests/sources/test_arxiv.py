from datetime import date

import pytest

from tests.sources.conftest import DOCUMENTS, FETCHED_AT
from tracker.domain.records import NewsRecord, When
from tracker.sources.arxiv import SOURCE
from tracker.sources.base import Document, ParseError

LANGUAGE = "https://rss.arxiv.org/rss/cs.CL"
BODY = (DOCUMENTS / "arxiv" / "cs.CL.xml").read_bytes()


def answer(body: bytes = BODY, url: str = LANGUAGE) -> Document:
    return Document(url, body, FETCHED_AT)


def entry(title: str) -> tuple[str, str]:
    """What is made of a new paper of this title beside those of the document, and whose it is."""
    added = f"""<item><title>{title}</title><guid>oai:arXiv.org:2607.00001v1</guid>
        <arxiv:announce_type>new</arxiv:announce_type></item></channel>"""
    records = SOURCE.records(answer(BODY.replace(b"</channel>", added.encode())))
    return next(((record.title, record.lab) for record in records if record.key == "2607.00001"), ("", ""))


def test_a_report_is_its_title_on_one_line_and_its_page_without_a_version():
    assert SOURCE.records(answer())[0] == NewsRecord(
        "2609.00001",
        "Alibaba (Qwen)",
        "Qwen-Example Technical Report",
        When(date(2026, 9, 1)),
        "https://arxiv.org/abs/2609.00001",
    )


def test_papers_about_a_family_cross_listings_and_new_versions_are_no_reports_of_the_day():
    assert [record.key for record in SOURCE.records(answer())] == ["2609.00001", "2609.00002"]


def test_a_day_on_which_nobody_reports_and_a_weekend_have_no_news():
    none = BODY.replace(b"Technical Report", b"Study").replace(b"Tech Report", b"Study")
    assert SOURCE.records(answer(none)) == []
    weekend = BODY[: BODY.index(b"<item>")] + b"</channel></rss>"
    assert SOURCE.records(answer(weekend)) == []


def test_an_id_of_the_old_kind_is_read():
    old = BODY.replace(b"oai:arXiv.org:2609.00001v1", b"oai:arXiv.org:cs/0501001v1")
    assert SOURCE.records(answer(old))[0].url == "https://arxiv.org/abs/cs/0501001"


@pytest.mark.parametrize(
    ("title", "lab"),
    [
        ("Qwen3-Omni Technical Report", "Alibaba (Qwen)"),
        ("Qwen2.5 technical report", "Alibaba (Qwen)"),
        ("QVQ System Card", "Alibaba (Qwen)"),
        ("GLM-9: A Technical Report", "Z.ai (Zhipu AI)"),
        ("gpt-oss-9 Model Card", "OpenAI"),
        ("Qwerty: A Technical Report", ""),
        ("Qwens of the World: A Technical Report", ""),
        ("A Technical Report on Qwen3", ""),
        ("Qwen3: Scaling Further", ""),
    ],
)
def test_a_report_begins_with_its_family_and_calls_itself_one(title, lab):
    assert entry(title) == (title if lab else "", lab)


@pytest.mark.parametrize("identity", ["https://evil.example/abs/2609.00001v1", "2609.00001", "", "javascript:1"])
def test_an_entry_that_is_no_paper_is_refused(identity):
    with pytest.raises(ParseError, match="no paper of arXiv's"):
        SOURCE.records(answer(BODY.replace(b"oai:arXiv.org:2609.00001v1", identity.encode())))


@pytest.mark.parametrize("word", [b"", b"updated"])
def test_a_paper_that_does_not_say_whether_it_is_new_is_refused(word):
    with pytest.raises(ParseError, match=r"2609\.00001 is announced as"):
        SOURCE.records(answer(BODY.replace(b"announce_type>new<", b"announce_type>" + word + b"<")))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (BODY[: len(BODY) // 2], "was cut off"),
        (b"", "no RSS or Atom feed"),
        (b"<!doctype html><html>Access Denied</html>", "web page"),
        (b'{"error": "x"}', "no RSS or Atom feed"),
    ],
)
def test_what_is_no_feed_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(answer(body))


def test_a_field_nobody_asked_for_is_refused():
    with pytest.raises(ParseError, match="none of the fields"):
        SOURCE.records(answer(url="https://rss.arxiv.org/rss/math.ST"))


def test_nothing_is_asked_for_that_arxivs_robots_txt_forbids():
    """export.arxiv.org forbids all of itself, arxiv.org its /api; the host of the feeds has no robots.txt."""
    assert all(url.startswith("https://rss.arxiv.org/rss/cs.") for url in SOURCE.urls)
