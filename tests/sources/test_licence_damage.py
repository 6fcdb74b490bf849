"""What becomes of licences, model cards and assessments in documents that were damaged on the way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.conftest import DOCUMENTS, FETCHED_AT, files, tarred
from tracker.sources import fmti, hf_cards, licence_texts, mot, osai, scancode, spdx
from tracker.sources.base import Document, ParseError

CARD = "https://huggingface.co/ExampleAI/Chat/raw/main/README.md"
KIMI = "https://huggingface.co/moonshotai/Kimi-K2-Instruct/raw/main/LICENSE"


def own(name):
    return (DOCUMENTS / name).read_bytes()


WHOLE = [
    (scancode.SOURCE, "https://example.org/index.json", own("scancode/index.json")),
    (
        scancode.SOURCE,
        "https://example.org/example-model-2026.LICENSE",
        own("scancode/example-model-2026.LICENSE"),
    ),
    (spdx.SOURCE, "https://example.org/licenses.json", own("spdx/licenses.json")),
    (licence_texts.SOURCE, KIMI, own("licence_texts/modified-mit.txt")),
    (hf_cards.SOURCE, CARD, own("hf_cards/named.md")),
    (hf_cards.SOURCE, CARD, own("hf_cards/gated.md")),
    (osai.SOURCE, "https://example.org/main", tarred(files(DOCUMENTS / "osai" / "twelve"), "top/")),
    (mot.SOURCE, "https://example.org/main", tarred(files(DOCUMENTS / "mot" / "repository"), "top/")),
    (fmti.SOURCE, "https://example.org/May2024_scores.csv", own("fmti/May2024_scores.csv")),
]
each = pytest.mark.parametrize(("source", "url", "body"), WHOLE, ids=lambda value: getattr(value, "slug", ""))


def answers(source, url, body):
    """Anything else than a ParseError is a bug and rises here."""
    found = outcome(source, url, body)
    assert found
    if isinstance(found, str):
        assert url in found  # a refusal says of which document
        assert "\0" not in found  # and is stored beside it
        assert found.encode()


def outcome(source, url, body):
    try:
        return source.records(Document(url, body, FETCHED_AT))
    except ParseError as error:
        return str(error)


@each
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_bytes_that_changed_on_the_way_are_read_or_refused(source, url, body, data):
    at = data.draw(st.integers(0, len(body) - 1))
    length = data.draw(st.integers(0, 40))
    answers(source, url, body[:at] + data.draw(st.binary(max_size=12)) + body[at + length :])


@each
@settings(max_examples=20, deadline=None)
@given(share=st.floats(0, 1))
def test_a_document_that_was_cut_off_is_read_or_refused(source, url, body, share):
    answers(source, url, body[: int(len(body) * share)])


JUNK = st.sampled_from(
    ["true", "-1", "7", '""', "[]", "[x]", "{}", "{x: y}", ".nan", "2026-01-15", "1e400", "2026-02-30", '"a\\0b"', "~"]
)
REPOSITORIES = [(osai.SOURCE, DOCUMENTS / "osai" / "twelve"), (mot.SOURCE, DOCUMENTS / "mot" / "repository")]


@pytest.mark.parametrize(("source", "folder"), REPOSITORIES, ids=["osai", "mot"])
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_line_that_says_something_else_is_read_or_refused(source, folder, data):
    repository = files(folder)
    name = data.draw(st.sampled_from([name for name in sorted(repository) if name.endswith((".yml", ".yaml"))]))
    lines = repository[name].decode().split("\n")
    at = data.draw(st.sampled_from([index for index, line in enumerate(lines) if ":" in line]))
    lines[at] = lines[at].partition(":")[0] + ": " + data.draw(JUNK)
    answers(source, "https://example.org/main", tarred(repository | {name: "\n".join(lines).encode()}, "top/"))


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_value_of_a_card_that_says_something_else_is_read_or_refused(data):
    lines = own("hf_cards/named.md").decode().split("\n")
    at = data.draw(st.sampled_from([index for index, line in enumerate(lines) if ":" in line]))
    lines[at] = lines[at].partition(":")[0] + ": " + data.draw(JUNK)
    answers(hf_cards.SOURCE, CARD, "\n".join(lines).encode())
