from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sources.conftest import DOCUMENTS, FETCHED_AT
from tracker.domain.records import NewsRecord, When
from tracker.sources.arxiv import FAMILIES, QUERIES, SOURCE
from tracker.sources.base import Document, ParseError

QWEN = next(url for url, lab in QUERIES.items() if lab == "Alibaba (Qwen)")
BODY = (DOCUMENTS / "arxiv" / "query.xml").read_bytes()


def answer(body: bytes = BODY, url: str = QWEN) -> Document:
    return Document(url, body, FETCHED_AT)


def entry(title: str) -> str:
    """What is made of a paper of this title beside those of the document."""
    added = f"<entry><id>http://arxiv.org/abs/2607.00001v1</id><title>{title}</title></entry></feed>"
    records = SOURCE.records(answer(BODY.replace(b"</feed>", added.encode())))
    return next((record.title for record in records if record.key == "2607.00001"), "")


def test_a_report_is_its_title_on_one_line_and_its_page_without_a_version():
    assert SOURCE.records(answer())[0] == NewsRecord(
        "2609.00001",
        "Alibaba (Qwen)",
        "Qwen-Example Technical Report",
        When(date(2026, 9, 1)),
        "https://arxiv.org/abs/2609.00001",
    )


def test_two_versions_of_a_paper_are_one_report_by_the_newer_title_and_the_first_day():
    (record,) = [record for record in SOURCE.records(answer()) if record.key == "2505.09388"]
    assert (record.title, record.published) == ("QwenLong-Example Tech Report", When(date(2025, 5, 14)))


def test_an_id_of_the_old_kind_is_read():
    assert SOURCE.records(answer())[-1].url == "https://arxiv.org/abs/cs/0501001"


def test_papers_about_a_family_are_not_the_labs_reports():
    assert [record.key for record in SOURCE.records(answer())] == ["2609.00001", "2505.09388", "cs/0501001"]


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Qwen3-Omni Technical Report", True),
        ("Qwen2.5 technical report", True),
        ("QVQ System Card", True),
        ("Qwerty: A Technical Report", False),
        ("Qwens of the World: A Technical Report", False),
        ("A Technical Report on Qwen3", False),
        ("Qwen3: Scaling Further", False),
    ],
)
def test_a_report_begins_with_its_family_and_calls_itself_one(title, kept):
    assert entry(title) == (title if kept else "")


def test_a_refusal_and_an_empty_answer_are_no_reports():
    refused = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry>
        <id>https://arxiv.org/api/errors#incorrect_id_format</id><title>Error</title></entry></feed>"""
    with pytest.raises(ParseError, match="refused by arXiv: Error"):
        SOURCE.records(answer(refused))
    with pytest.raises(ParseError, match="without entries"):
        SOURCE.records(answer(b'<feed xmlns="http://www.w3.org/2005/Atom"><title>arXiv Query</title></feed>'))


@pytest.mark.parametrize("identity", ["https://evil.example/abs/2609.00001v1", "2609.00001", "", "javascript:1"])
def test_an_entry_that_is_no_paper_is_refused(identity):
    with pytest.raises(ParseError, match="no paper of arXiv's"):
        SOURCE.records(answer(BODY.replace(b"http://arxiv.org/abs/2609.00001v1", identity.encode())))


def test_half_an_answer_and_a_question_nobody_asked_are_refused():
    with pytest.raises(ParseError, match="was cut off"):
        SOURCE.records(answer(BODY[: len(BODY) // 2]))
    with pytest.raises(ParseError, match="none of the questions"):
        SOURCE.records(answer(url="https://export.arxiv.org/api/query?search_query=all:x"))


def test_arxiv_is_asked_once_a_lab_in_the_words_it_documents():
    assert len(QUERIES) == len(FAMILIES)
    for url, lab in QUERIES.items():
        assert len(url) <= 500  # of an endpoint's column
        asked = parse_qs(urlsplit(url).query, strict_parsing=True)
        assert (asked["sortBy"], asked["sortOrder"]) == (["submittedDate"], ["descending"])
        assert all(f'ti:"{family}"' in asked["search_query"][0] for family in FAMILIES[lab])
