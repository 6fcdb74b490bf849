from datetime import date

import pytest

from tests.sources.conftest import DOCUMENTS, FETCHED_AT
from tracker.domain.records import NewsRecord, When
from tracker.sources.base import Document, ParseError
from tracker.sources.github_releases import LABS, SOURCE

MISTRAL = "https://github.com/mistralai/mistral-inference/releases.atom"
BODY = (DOCUMENTS / "github_releases" / "releases.atom").read_bytes()


def answer(body: bytes = BODY, url: str = MISTRAL) -> Document:
    return Document(url, body, FETCHED_AT)


def test_a_release_that_is_only_a_number_is_named_with_its_repository():
    assert SOURCE.records(answer())[0] == NewsRecord(
        "tag:github.com,2008:Repository/700000000/v9.1.0",
        "Mistral AI",
        "mistral-inference v9.1.0",
        When(date(2026, 8, 1)),
        "https://github.com/mistralai/mistral-inference/releases/tag/v9.1.0",
    )


def test_a_release_that_names_its_repository_keeps_its_own_title():
    assert SOURCE.records(answer())[1].title == "mistral-inference 9.0: Example weights"


def test_the_day_is_that_of_the_last_update_which_is_all_that_github_states():
    assert SOURCE.records(answer())[1].published == When(date(2026, 5, 31))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'<feed xmlns="http://www.w3.org/2005/Atom"><title>Release notes</title></feed>', "without entries"),
        (b"<!DOCTYPE html><html>Not Found</html>", "web page"),
        (BODY[:800], "was cut off"),
    ],
)
def test_a_repository_without_releases_and_what_is_no_feed_are_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(answer(body))


def test_a_repository_nobody_declared_is_refused():
    with pytest.raises(ParseError, match="none of the repositories"):
        SOURCE.records(answer(url="https://github.com/example/example/releases.atom"))


def test_addresses_are_githubs_own():
    assert all(url.startswith("https://github.com/") and url.endswith("/releases.atom") for url in LABS)
    assert all(len(url.split("/")) == 6 for url in LABS)
