from datetime import date

import pytest

from tests.sources.conftest import document
from tracker.sources.base import ParseError
from tracker.sources.yaml_text import read_yaml


def test_a_date_without_quotes_is_a_date_and_with_them_a_text():
    assert read_yaml(document(b"a: 2026-01-15\nb: '2026-01-15'\n")) == {"a": date(2026, 1, 15), "b": "2026-01-15"}


def test_comments_and_a_byte_order_mark_are_no_content():
    assert read_yaml(document(b"\xef\xbb\xbfa: 0 # nought\n")) == {"a": 0}


def test_a_key_twice_is_refused():
    with pytest.raises(ParseError, match="the key 'a' twice"):
        read_yaml(document(b"a: 1\nb: 2\na: 3\n"))


def test_a_page_that_stands_for_a_billion_values_is_refused():
    bomb = b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
    with pytest.raises(ParseError, match="an alias or a tag"):
        read_yaml(document(bomb))


@pytest.mark.parametrize("tagged", [b"a: !!python/object/apply:os.getcwd []", b"a: !!timestamp x", b"a: !mine 7"])
def test_a_tag_is_refused_before_it_runs_anything(tagged):
    with pytest.raises(ParseError, match="an alias or a tag"):
        read_yaml(document(tagged))


@pytest.mark.parametrize(
    "body", [b"a: 2026-02-30", b"a: [1, 2", b"a: b: c", b"a: \x07", b"? [x]\n: 7", b"[" * 5000, b"a: ="]
)
def test_what_is_no_yaml_is_refused_with_the_address(body):
    with pytest.raises(ParseError, match=r"https://example\.org/document is no YAML"):
        read_yaml(document(body))


@pytest.mark.parametrize(("body", "reason"), [(b" \n", "is empty"), (b"<!doctype html><p>", "web page")])
def test_an_empty_answer_and_a_page_are_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        read_yaml(document(body))
