"""What a publisher lets us show but not hand on: the data set says where it stands, not what it says."""

import pytest

from tests.pipeline.steps import at, endpoint, take_in
from tests.pipeline.vintages import records
from tracker.domain.records import LicenceRecord, NewsRecord, When
from tracker.models import Source
from tracker.queries.public import Extract, extracts, one_moment
from tracker.sources import SOURCES, record_file

pytestmark = pytest.mark.usefixtures("installed")

FEED = SOURCES["lab_feeds"].urls[0]
TEXTS = SOURCES["licence_texts"].urls[0]
WORDS = "You may do as you like, on Tuesdays."


def table(name: str) -> list[dict[str, object]]:
    extract: Extract = next(one for one in extracts() if one.table.name == name)
    columns = [column.name for column in extract.table.columns]
    with one_moment():
        return [dict(zip(columns, row, strict=True)) for row in extract.rows()]


def texts_are(*, handed_on: bool) -> list[dict[str, object]]:
    Source.objects.filter(slug="licence_texts").update(may_hand_on=handed_on, may_display=True)
    return table("licence_texts")


def test_words_that_may_not_be_handed_on_are_in_no_export_and_what_they_are_of_is():
    body = records(LicenceRecord("one", "MIT", text=WORDS, url="https://example.org/one"), url=TEXTS)
    read = take_in(TEXTS, body, at(1), record_file.MEDIA_TYPE)
    assert read.state == "ingested", read.message
    (row,) = texts_are(handed_on=False)
    assert (row["text"], row["name"], row["url"]) == (None, "MIT", "https://example.org/one")
    assert row["first_sha256"] == read.blob_id
    (row,) = texts_are(handed_on=True)
    assert row["text"] == WORDS


def test_the_catalogue_tells_the_database_what_each_source_declares():
    told = {slug: (on, rolling) for slug, on, rolling in Source.objects.values_list("slug", "may_hand_on", "rolling")}
    assert told == {slug: (source.may_hand_on, source.rolling) for slug, source in SOURCES.items()}
    shown = {slug: source.may_hand_on for slug, source in SOURCES.items() if source.may_display}
    assert {row["slug"]: row["may_hand_on"] for row in table("sources")} == shown


def feed(*numbers: int) -> bytes:
    day = When(at(1).date())
    return records(*(NewsRecord(f"n{n}", "OpenAI", f"Item {n}", day) for n in numbers), url=FEED)


def test_a_notice_that_left_the_window_is_exported_as_held_and_no_document_is_named_its_last():
    Source.objects.filter(slug="lab_feeds").update(may_display=True)
    take_in(FEED, feed(1, 2), at(1), record_file.MEDIA_TYPE)
    second = take_in(FEED, feed(2, 3), at(2), record_file.MEDIA_TYPE)
    assert endpoint(FEED).current == second
    rows = {row["key"]: row for row in table("news")}
    assert {key: row["known_to"] for key, row in rows.items()} == {"n1": None, "n2": None, "n3": None}
    assert {row["last_sha256"] for row in rows.values()} == {None}
    assert rows["n3"]["first_sha256"] == second.blob_id
