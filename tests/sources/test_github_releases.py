import json
from datetime import date
from urllib.parse import urlsplit

import pytest

from tests.sources.conftest import DOCUMENTS, FETCHED_AT
from tracker.domain.records import NewsRecord, When
from tracker.sources.base import Document, ParseError
from tracker.sources.github_releases import REPOSITORIES, SOURCE

MISTRAL = "https://api.github.com/repos/mistralai/mistral-inference/releases?per_page=30"
BODY = (DOCUMENTS / "github_releases" / "releases.json").read_bytes()


def answer(body: bytes = BODY, url: str = MISTRAL) -> Document:
    return Document(url, body, FETCHED_AT)


def test_a_release_that_is_only_a_number_is_named_with_its_repository():
    assert SOURCE.records(answer())[0] == NewsRecord(
        "https://github.com/mistralai/mistral-inference/releases/tag/v9.1.0",
        "Mistral AI",
        "mistral-inference v9.1.0",
        When(date(2026, 8, 1)),
        "https://github.com/mistralai/mistral-inference/releases/tag/v9.1.0",
    )


def test_a_release_that_names_its_repository_keeps_its_own_title():
    assert SOURCE.records(answer())[1].title == "mistral-inference 9.0: Example weights"


def test_a_release_without_a_name_goes_by_its_tag_and_one_without_a_day_has_none():
    last = SOURCE.records(answer())[-1]
    assert (last.title, last.published) == ("mistral-inference v8.9.0", None)


def test_a_repository_without_releases_has_no_news():
    assert SOURCE.records(answer(b"[]")) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!DOCTYPE html><html>Not Found</html>", "web page"),
        (b"", "not JSON"),
        (BODY[:800], "not JSON"),
        (b'{"message": "API rate limit exceeded"}', "no list of releases"),
        (b'["v1"]', "release 0: a str stands where an object"),
        (b'[{"html_url": "https://github.com/other/name/releases/tag/v1"}]', "not in mistralai/mistral-inference"),
        (b'[{"tag_name": "v1"}]', "there is no html_url"),
        (b'[{"html_url": "https://github.com/mistralai/mistral-inference/releases/tag/v1"}]', "there is no tag_name"),
    ],
)
def test_what_is_no_list_of_the_repositorys_releases_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(answer(body))


def test_a_release_twice_is_told_once():
    listed = json.loads(BODY)
    assert len(SOURCE.records(answer(json.dumps([*listed, listed[0]]).encode()))) == 3


def test_a_repository_nobody_declared_is_refused():
    with pytest.raises(ParseError, match="none of the repositories"):
        SOURCE.records(answer(url="https://api.github.com/repos/example/example/releases?per_page=30"))


def test_nothing_is_asked_for_that_githubs_robots_txt_forbids():
    """It forbids `/*.atom$` at github.com; the host for programs has none."""
    assert {urlsplit(url).hostname for url in SOURCE.urls} == {"api.github.com"}
    assert len(SOURCE.urls) == len(REPOSITORIES) <= 30  # of sixty questions an hour, with room for a second round
