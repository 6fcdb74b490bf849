from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from tests.sources.conftest import document, files, zipped
from tracker.domain.records import Access, ReleaseRecord, When
from tracker.sources.base import ParseError
from tracker.sources.epoch_models import SOURCE


@pytest.fixture
def notable(example):
    return example("epoch_models/notable_ai_models.csv")


@pytest.fixture
def archive(members):
    return members("epoch_models/archive")


def test_a_release_is_read_whole(notable):
    assert SOURCE.records(notable)[0] == ReleaseRecord(
        "Example One",
        "Example One",
        lab="Example Lab",
        released=When(date(2024, 5, 2)),
        access=Access.API,
        parameters=102e9,
        url="https://example.org/one",
    )


def test_only_language_models_since_2022_are_releases(notable):
    assert [release.model for release in SOURCE.records(notable)] == [
        "Example One",
        "Open Example",
        "Infinite Example",
        "Silent Example",
    ]


def test_infinity_and_nan_are_not_stated(notable):
    by_model = {release.model: release for release in SOURCE.records(notable)}
    assert by_model["Infinite Example"].parameters is None
    assert by_model["Silent Example"].parameters is None


def test_a_blank_accessibility_is_not_stated(notable):
    by_model = {release.model: release for release in SOURCE.records(notable)}
    assert by_model["Silent Example"].access is None
    assert by_model["Open Example"].access is Access.WEIGHTS_NONCOMMERCIAL


def test_the_first_of_several_links_is_the_evidence(notable):
    by_model = {release.model: release for release in SOURCE.records(notable)}
    assert by_model["Open Example"].url == "https://example.org/report.pdf"
    assert by_model["Silent Example"].url == ""


def test_a_name_twice_is_two_rows_with_keys_of_their_own(notable):
    again = b"Example One,Another Lab,2025-01-01,Language,Chat,,,,API access\n"
    found = SOURCE.records(replace(notable, body=notable.body + again))
    assert [release.key for release in found if release.model == "Example One"] == ["Example One", "Example One#2"]


def test_the_archive_tells_only_what_the_notable_models_do_not(archive):
    found = SOURCE.records(document(zipped(archive)))
    assert [(release.model, release.access) for release in found] == [
        ("Large Example", Access.HOSTED),
        ("Frontier Example", Access.WEIGHTS_PERMISSIVE),
    ]


def test_the_same_bytes_give_the_same_records(notable):
    assert SOURCE.records(notable) == SOURCE.records(notable)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"Model accessibility", b"Accessibility", "no column Model accessibility"),
        (b"2024-05-02", b"May 2024", "Example One: 'May 2024' is not a date"),
        (b"102000000000.0", b"102B", "Example One: '102B' is not a number"),
        (b"Open weights (non-commercial)", b"Open source", "'Open source' is not a model accessibility"),
    ],
)
def test_what_is_not_recognised_is_refused_by_name(notable, old, new, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(replace(notable, body=notable.body.replace(old, new)))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><div id=root></div>", "web page"),
        (b"Model,Organization,Publication date,Domain,Parameters,Model accessibility,Link\n", "0 records"),
        (b"PK\x03\x04 and then nothing", "damaged zip"),
    ],
)
def test_what_is_no_table_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(document(body))


def test_a_table_cut_off_within_a_row_is_refused(notable):
    cut = notable.body[: notable.body.index(b"Biology") + 3]
    with pytest.raises(ParseError, match="fewer cells"):
        SOURCE.records(replace(notable, body=cut))


def test_an_archive_without_the_notable_models_is_refused(archive):
    del archive["notable_ai_models.csv"]
    with pytest.raises(ParseError, match=r"no longer holds notable_ai_models\.csv"):
        SOURCE.records(document(zipped(archive)))


def test_the_notable_models_of_january_2026_are_read_whole(sample):
    found = SOURCE.records(document(sample("epoch-models/notable_ai_models.csv").read_bytes()))
    assert len(found) == 270
    assert Counter(release.access for release in found) == {
        Access.API: 82,
        Access.WEIGHTS_PERMISSIVE: 57,
        Access.UNRELEASED: 52,
        Access.WEIGHTS_RESTRICTED: 37,
        Access.WEIGHTS_NONCOMMERCIAL: 22,
        Access.HOSTED: 17,
        None: 3,
    }
    first = found[0]
    assert (first.model, first.lab, first.parameters) == ("Solar Open 100B", "Upstage", 102e9)


def test_the_archive_of_january_2026_adds_models_and_repeats_none(sample):
    notable = SOURCE.records(document(sample("epoch-models/notable_ai_models.csv").read_bytes()))
    rest = SOURCE.records(document(zipped(files(sample("epoch-models"), "*.csv"))))
    assert len(rest) == 263
    assert not {release.key for release in notable} & {release.key for release in rest}
