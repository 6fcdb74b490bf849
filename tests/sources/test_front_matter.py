import pytest

from tests.sources.conftest import document
from tracker.sources.base import ParseError
from tracker.sources.front_matter import front_matter


def test_the_values_and_the_text_behind_them_are_told_apart():
    assert front_matter(document(b"---\nkey: mit\n---\n\nText.\n")) == ({"key": "mit"}, "\nText.\n")


def test_a_line_of_dashes_in_the_text_ends_nothing():
    assert front_matter(document(b"---\nkey: mit\n---\nOne\n---\nTwo\n"))[1] == "One\n---\nTwo\n"


def test_lines_may_end_as_they_do_on_windows_and_the_file_may_begin_with_a_mark():
    assert front_matter(document(b"\xef\xbb\xbf---\r\nkey: mit\r\n---\r\nText.\r\n")) == ({"key": "mit"}, "Text.\n")


@pytest.mark.parametrize("body", [b"# A title\n\nText.\n", b"", b"---\n---\nText.\n", b"---\n# nothing\n---\nText.\n"])
def test_a_text_without_values_has_none(body):
    assert front_matter(document(body))[0] == {}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"---\nlicense: mit\n", "never ends it"),
        (b"---\nlicense: [mit\n---\n", "no YAML"),
        (b"---\nlicense: mit\nlicense: other\n---\n", "'license' twice"),
        (b"---\n- mit\n---\n", "instead of values with names"),
        (b"---\nx: &x [1]\ny: [*x, *x]\n---\n", "an alias"),
        (b"<!doctype html><div id=root></div>", "web page"),
    ],
)
def test_a_block_that_cannot_be_read_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        front_matter(document(body))
