from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.sources.conftest import document
from tracker.domain.records import Access, Precision, ReleaseRecord, When
from tracker.sources.base import ParseError
from tracker.sources.curated_releases import SOURCE

CATALOG = Path(__file__).parents[2] / "tracker" / "catalog"


@pytest.fixture
def table(example):
    return example("curated_releases/2026-11-22.csv")


def test_a_release_is_read_whole(table):
    assert SOURCE.records(table)[0] == ReleaseRecord(
        "hand:open-example-2",
        "open-example-2",
        lab="Open Example",
        released=When(date(2026, 3, 2)),
        access=Access.WEIGHTS_PERMISSIVE,
        licence="apache-2-0",
        parameters=120e9,
        active_parameters=12e9,
        context=131072,
        weights_url="https://example.org/weights/open-example-2",
        data_information="full",
        training_code="open",
        url="https://example.org/open-example-2",
    )


def test_a_month_and_a_year_stay_as_precise_as_they_are(table):
    assert [release.released for release in SOURCE.records(table)[1:]] == [
        When(date(2026, 9, 1), Precision.MONTH),
        When(date(2023, 1, 1), Precision.YEAR),
        None,
    ]


def test_what_the_curator_left_blank_is_not_stated(table):
    assert SOURCE.records(table)[3] == ReleaseRecord(
        "index:silent-example",
        "Silent Example",
        data_information="partial",
        url="https://example.org/index/silent-example.yaml",
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"https://example.org/example-4,", b","),
        (b'"Example Lab, announcement of ""Example 4"""', b""),
        (b",2026-11-20,", b",,"),
    ],
    ids=["url", "source", "retrieved_on"],
)
def test_a_row_that_nobody_can_trace_is_refused(table, old, new):
    assert table.body.count(old) == 1
    with pytest.raises(ParseError, match="hand:example-4 lacks its source, its URL or the day it was read"):
        SOURCE.records(replace(table, body=table.body.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b",2026-11-20,", b",20 November,", "hand:example-4: Invalid isoformat string"),
        (b",2026-09,", b",September 2026,", "hand:example-4: 'September 2026' is not a date"),
        (b",2026-09,", b",2026-13,", "hand:example-4: month must be in 1..12"),
        (b",api,", b",open,", "hand:example-4: 'open' is not a valid Access"),
        (b",1000000,", b",1M,", "hand:example-4: invalid literal for int"),
        (b",7e9,", b",7B,", "index:old-example: could not convert string to float: '7B'"),
        (b",7e9,", b",inf,", "ReleaseRecord 'index:old-example': parameters is inf"),
        (b",7e9,", b",nan,", "ReleaseRecord 'index:old-example': parameters is nan"),
        (b",full,open,", b",complete,open,", "hand:open-example-2: 'complete' and 'open' are not words"),
        (b",full,open,", b",full,partial,", "hand:open-example-2: 'full' and 'partial' are not words"),
        (b"index:old-example,", b"hand:example-4,", "two ReleaseRecord rows with the key 'hand:example-4'"),
        (b",retrieved_on,", b",read_on,", "no column retrieved_on"),
    ],
)
def test_what_is_not_recognised_is_refused_by_name(table, old, new, reason):
    assert table.body.count(old) == 1
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(replace(table, body=table.body.replace(old, new)))


def test_every_row_of_the_catalogues_own_table_adds_something_to_its_models_name():
    (url,) = SOURCE.urls
    found = SOURCE.records(document((CATALOG / url.removeprefix("catalog:")).read_bytes()))
    assert found
    # One that adds nothing would be believed to say something.
    assert all(
        release.released or release.access or release.licence or release.parameters or release.context
        or release.data_information or release.training_code
        for release in found
    )  # fmt: skip
