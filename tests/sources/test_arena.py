import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pyarrow.parquet as pq
import pytest

from tests.sources.conftest import DOCUMENTS, FETCHED_AT, arena_rows, parquet
from tracker.domain.records import Evaluator, ScoreRecord, When
from tracker.sources import arena
from tracker.sources.arena import BOARDS, SOURCE, Z95
from tracker.sources.base import Document, ParseError

TEXT, WEBDEV = SOURCE.urls
ROWS = arena_rows()


def table(rows, url=TEXT):
    return Document(url, parquet(rows), FETCHED_AT)


def changed(number, **values):
    """The table with one row said otherwise."""
    return table([*ROWS[:number], {**ROWS[number], **values}, *ROWS[number + 1 :]])


@pytest.fixture(scope="module")
def whole():
    return table(ROWS)


def test_a_rating_is_read_whole(whole):
    first, second, *_ = SOURCE.records(whole)
    assert first == ScoreRecord(
        "text_style_control/overall:example-9b-it",
        "example-9b-it",
        "text_style_control/overall",
        1101.25,
        stderr=(1109.09 - 1093.41) / (2 * Z95),
        evaluator=Evaluator.LEADERBOARD,
        evaluated=When(date(2026, 10, 20)),
        lab="Open Example",
        url=SOURCE.homepage,
    )
    assert second.stderr == pytest.approx(3.0)


def test_bounds_that_are_missing_give_no_error(whole):
    assert SOURCE.records(whole)[3].stderr is None


def test_effort_and_thinking_stay_in_the_name_and_line_breaks_do_not(whole):
    assert [score.model for score in SOURCE.records(whole)][1:3] == [
        "Example-1-mini (thinking)",
        "example-1-mini-high-effort",
    ]


def test_the_boards_that_are_asked_for_are_read_and_no_other(whole):
    fewest, categories = BOARDS["text_style_control"]
    held = Counter(score.benchmark for score in SOURCE.records(whole))
    assert held.keys() == {f"text_style_control/{category}" for category in categories}
    assert held["text_style_control/overall"] == fewest + 1 + 5
    assert {"industry_legal_and_government", "industry_medicine_and_healthcare"} <= set(categories)


def test_a_board_is_known_by_the_address_it_was_asked_for_at():
    rows = [row for row in ROWS if row["category"] == "overall"]
    assert {score.benchmark for score in SOURCE.records(table(rows, WEBDEV))} == {"webdev/overall"}
    with pytest.raises(ParseError, match="does not say which subset"):
        SOURCE.records(table(rows, "https://example.org/full/latest.parquet"))


@pytest.mark.parametrize("written", [date(2026, 10, 20), datetime(2026, 10, 20, tzinfo=UTC)])
def test_a_date_is_one_in_whichever_type_the_column_has_it(written):
    rows = [{**row, "leaderboard_publish_date": written} for row in ROWS]
    assert {score.evaluated for score in SOURCE.records(table(rows))} == {When(date(2026, 10, 20))}


def test_two_documents_hold_every_board():
    assert [url.rpartition("/resolve/main/")[2] for url in SOURCE.urls] == [
        "text_style_control/latest-00000-of-00001.parquet",
        "webdev/latest-00000-of-00001.parquet",
    ]


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": "The dataset index is loading. Please try again later."}',
        b'{"rows": [{"row_idx": 0, "row": {"model_name": "x"}, "truncated_cells": ["model_name"]}]}',
        b"<!doctype html><div id=root></div><script src=/app.js></script>",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        b"",
    ],
    ids=["index is loading", "rows with cells cut off", "shell", "pointer", "empty"],
)
def test_what_stands_in_a_tables_place_is_no_empty_board(body):
    with pytest.raises(ParseError, match="is no parquet file"):
        SOURCE.records(Document(TEXT, body, FETCHED_AT))


def test_twenty_rows_where_the_board_has_hundreds_are_refused():
    """What a scrape once came to: twenty of some three hundred models, in a document that reads like any other."""
    first = [row for row in ROWS if row["category"] == "coding"][:20]
    rest = [row for row in ROWS if row["category"] != "coding"]
    with pytest.raises(ParseError, match="coding has 20 models; it had more than 300"):
        SOURCE.records(table(first + rest))


def test_a_category_that_was_renamed_is_noticed():
    renamed = [{**row, "category": "maths"} if row["category"] == "math" else row for row in ROWS]
    with pytest.raises(ParseError, match="math has 0 models"):
        SOURCE.records(table(renamed))


def test_a_model_twice_on_a_board_is_refused():
    with pytest.raises(ParseError, match="two ScoreRecord rows with the key"):
        SOURCE.records(changed(1, model_name="example-9b-it"))


@pytest.mark.parametrize("rating", [None, 0.12, -0.4, 61.0, 123456.0, float("nan")])
def test_a_score_that_is_no_elo_is_refused(rating):
    with pytest.raises(ParseError, match=r"no Elo|no number"):
        SOURCE.records(changed(0, rating=rating))


def test_a_rating_outside_its_bounds_is_refused():
    with pytest.raises(ParseError, match="not within its bounds"):
        SOURCE.records(changed(0, rating_upper=1000.0))


def test_a_renamed_column_and_a_blank_name_are_refused():
    with pytest.raises(ParseError, match="has no column model_name"):
        SOURCE.records(table([{"model": row.pop("model_name"), **row} for row in map(dict, ROWS)]))
    with pytest.raises(ParseError, match="there is no model_name"):
        SOURCE.records(changed(7, model_name=None))


def test_half_a_table_is_refused(whole):
    with pytest.raises(ParseError, match="damaged parquet file"):
        SOURCE.records(replace(whole, body=whole.body[: len(whole.body) // 2]))


def test_a_table_that_announces_more_than_any_board_has_is_not_unpacked(whole, monkeypatch):
    monkeypatch.setattr(arena, "MOST_ROWS", 1000)
    monkeypatch.setattr(pq.ParquetFile, "read", None)  # unpacking it would fail in another way
    with pytest.raises(ParseError, match="announces more than 1000 rows"):
        SOURCE.records(whole)


def test_the_document_of_ours_has_the_names_of_the_dataset():
    rows = json.loads((DOCUMENTS / "arena" / "rows.json").read_bytes())
    assert all(set(arena.COLUMNS) < row.keys() for row in rows)


def test_the_boards_of_december_2025_read_as_a_table(sample):
    """The stored copy has another shape: its ratings and bounds, put as the dataset's table would hold them."""
    boards = json.loads((sample("arena") / "arena-catalog-2025-12" / "leaderboard-text.json").read_bytes())
    rows = [
        {
            "model_name": name,
            "organization": "",
            "rating": row["rating"],
            "rating_lower": row["rating_q025"],
            "rating_upper": row["rating_q975"],
            "category": "overall",
            "leaderboard_publish_date": "2025-12-11",
        }
        for name, row in boards["full"].items()
    ]
    found = SOURCE.records(table(rows, WEBDEV))  # a board of text has more rows than it had then
    assert len(found) == len(rows) == 282
    assert [score.model for score in found] == [" ".join(row["model_name"].split()) for row in rows]
    assert all(score.stderr and 0 < score.stderr < 40 for score in found)
    with pytest.raises(ParseError, match="overall has 282 models"):
        SOURCE.records(table(rows, TEXT))
