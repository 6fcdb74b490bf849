"""What every source owes: a complete declaration, a small document of its shape and a test."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tracker.sources import SOURCES

TESTS = Path(__file__).parent
each = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


def is_ours(source):
    """A source whose documents are files of this repository, or made by this site."""
    return all(urlsplit(url).scheme == "catalog" for url in source.urls)


def test_there_are_sources():
    assert {"epoch_benchmarks", "epoch_models", "epoch_panel", "models_dev", "hf_hub"} <= SOURCES.keys()


@each
def test_a_source_says_who_publishes_what_under_which_licence(source):
    for field in ("title", "publisher", "data_licence"):
        assert getattr(source, field).strip(), field
    assert source.attribution.strip() or is_ours(source)
    assert urlsplit(source.homepage).scheme == "https"


@each
def test_every_address_of_a_source_is_complete_and_asked_for_once(source):
    assert source.urls or is_ours(source)
    assert len(set(source.urls)) == len(source.urls)
    for url in source.urls:
        assert is_ours(source) or (urlsplit(url).scheme == "https" and urlsplit(url).hostname), url


@each
def test_no_address_belongs_to_two_sources(source):
    others = {url for other in SOURCES.values() if other is not source for url in other.urls}
    assert not others & set(source.urls)


@each
def test_a_source_is_due_at_intervals_that_do_not_press_its_host(source):
    assert source.every is None or source.every >= timedelta(hours=1)


@each
def test_the_guards_of_a_source_are_set(source):
    assert source.at_least >= 1 or source.rolling  # a window onto a list may be empty
    assert 0 <= source.may_shrink_to <= 1
    # What others publish cannot shrink to nothing unnoticed.
    assert source.may_shrink_to > 0 or source.rolling or is_ours(source)
    assert 0 < source.max_bytes <= 256 * 2**20


@each
def test_a_source_explains_itself(source):
    assert (__import__(source.module, fromlist=["SOURCE"]).__doc__ or "").strip()


@each
def test_a_source_has_a_document_and_a_test(source):
    documents = [path for path in (TESTS / "documents" / source.slug).rglob("*") if path.is_file()]
    assert documents, f"tests/documents/{source.slug}/ holds no document"
    assert (TESTS / "sources" / f"test_{source.slug}.py").is_file()


@each
def test_the_documents_are_small_and_ours(source):
    sizes = {path: path.stat().st_size for path in (TESTS / "documents" / source.slug).rglob("*") if path.is_file()}
    assert all(size < 20_000 for size in sizes.values()), sizes
