import json
from collections import Counter
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from tracker.domain.records import Evaluator, ScoreRecord, When
from tracker.sources.arena import BOARDS, PAGE, SOURCE, Z95
from tracker.sources.base import ParseError


def asked(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def address(config, category, offset):
    wanted = {"config": config, "where": f"\"category\"='{category}'", "offset": str(offset)}
    return next(url for url in SOURCE.urls if wanted.items() <= asked(url).items())


@pytest.fixture
def last(example):
    """The last page of the overall board: five rows of three hundred and five."""
    return replace(example("arena/last_page.json"), url=address("text_style_control", "overall", 300))


def changed(page, change):
    answer = json.loads(page.body)
    change(answer)
    return replace(page, body=json.dumps(answer).encode())


def full_page(page, total=305):
    """The first page of the same board, made of one of its rows."""

    def fill(answer):
        one = answer["rows"][0]
        answer["rows"] = [
            {"row_idx": index, "row": {**one["row"], "model_name": f"example-{index}"}, "truncated_cells": []}
            for index in range(PAGE)
        ]
        answer["num_rows_total"] = total

    return replace(changed(page, fill), url=address("text_style_control", "overall", 0))


def test_a_rating_is_read_whole(last):
    first, second, *_ = SOURCE.records(last)
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


def test_bounds_that_are_missing_give_no_error(last):
    assert SOURCE.records(last)[3].stderr is None


def test_effort_and_thinking_stay_in_the_name_and_line_breaks_do_not(last):
    assert [score.model for score in SOURCE.records(last)][1:3] == [
        "Example-1-mini (thinking)",
        "example-1-mini-high-effort",
    ]


def test_a_board_is_known_by_the_address_it_was_asked_for_at(last):
    webdev = replace(last, url=address("webdev", "overall", 100))
    webdev = changed(webdev, lambda answer: answer.update(num_rows_total=105))
    assert {score.benchmark for score in SOURCE.records(webdev)} == {"webdev/overall"}


def test_a_first_page_of_a_hundred_rows_is_read(last):
    assert len(SOURCE.records(full_page(last))) == PAGE


def test_every_board_is_asked_for_page_by_page():
    pages = Counter((asked(url)["config"], asked(url)["where"]) for url in SOURCE.urls)
    assert set(pages.values()) == {2, 4}
    assert len(pages) == 15
    assert all(asked(url)["length"] == str(PAGE) and asked(url)["split"] == "latest" for url in SOURCE.urls)
    assert {"industry_legal_and_government", "industry_medicine_and_healthcare"} <= set(BOARDS["text_style_control"][1])


def test_an_index_that_is_loading_is_no_empty_board(last):
    loading = replace(last, body=b'{"error": "The dataset index is loading. Please try again later."}')
    with pytest.raises(ParseError, match="instead of rows: The dataset index is loading"):
        SOURCE.records(loading)


def test_cells_that_were_cut_off_are_refused(last):
    cut = changed(last, lambda answer: answer["rows"][2].update(truncated_cells=["model_name"]))
    with pytest.raises(ParseError, match=r"row 3: the cells \['model_name'\] were cut off"):
        SOURCE.records(cut)


def test_a_page_that_lost_rows_is_refused(last):
    lost = changed(last, lambda answer: answer["rows"].pop())
    with pytest.raises(ParseError, match="holds 4 rows, from the 301th of 305 on"):
        SOURCE.records(lost)


def test_twenty_rows_where_the_board_has_hundreds_are_refused(last):
    """What a scrape once came to: twenty of some three hundred models, in a document that reads like any other."""
    page = full_page(last, total=20)
    page = changed(page, lambda answer: answer.update(rows=answer["rows"][:20]))
    with pytest.raises(ParseError, match="of a board of 20 rows; it had more than 300"):
        SOURCE.records(page)


def test_a_part_of_the_dataset_is_refused(last):
    with pytest.raises(ParseError, match="a part of the dataset"):
        SOURCE.records(changed(last, lambda answer: answer.update(partial=True)))


def test_a_filter_that_is_not_obeyed_is_noticed(last):
    other = changed(last, lambda answer: answer["rows"][4]["row"].update(category="coding"))
    with pytest.raises(ParseError, match="row 5: the category is 'coding', 'overall' was asked for"):
        SOURCE.records(other)


def test_a_model_twice_on_a_page_is_refused(last):
    twice = changed(last, lambda answer: answer["rows"][1]["row"].update(model_name="example-9b-it"))
    with pytest.raises(ParseError, match="two ScoreRecord rows with the key"):
        SOURCE.records(twice)


@pytest.mark.parametrize("rating", [None, 0.12, -0.4, 61, 123456])
def test_a_score_that_is_no_elo_is_refused(last, rating):
    with pytest.raises(ParseError, match="no Elo"):
        SOURCE.records(changed(last, lambda answer: answer["rows"][0]["row"].update(rating=rating)))


def test_a_rating_outside_its_bounds_is_refused(last):
    with pytest.raises(ParseError, match="not within its bounds"):
        SOURCE.records(changed(last, lambda answer: answer["rows"][0]["row"].update(rating_upper=1000.0)))


def test_a_renamed_column_is_refused(last):
    def rename(answer):
        for entry in answer["rows"]:
            entry["row"]["model"] = entry["row"].pop("model_name")

    with pytest.raises(ParseError, match="there is no model_name"):
        SOURCE.records(changed(last, rename))


def test_a_page_without_an_address_that_says_its_board_is_refused(last):
    with pytest.raises(ParseError, match="does not say which page of which board"):
        SOURCE.records(replace(last, url="https://example.org/rows.json"))


def test_the_boards_of_december_2025_read_as_pages(last, sample):
    """The stored copy has another shape: its ratings and bounds, dealt out as the dataset's pages would hold them."""
    boards = json.loads((sample("arena") / "arena-catalog-2025-12" / "leaderboard-text.json").read_bytes())
    names = sorted(boards["full"], key=lambda name: -boards["full"][name]["rating"])
    rows = [
        {
            "model_name": name,
            "organization": "",
            "rating": boards["full"][name]["rating"],
            "rating_lower": boards["full"][name]["rating_q025"],
            "rating_upper": boards["full"][name]["rating_q975"],
            "category": "overall",
            "leaderboard_publish_date": "2025-12-11",
        }
        for name in names
    ]
    found = []
    for offset in (0, PAGE):  # as webdev's two pages: a board of text has more rows than it had then
        page = {
            "rows": [{"row": row, "truncated_cells": []} for row in rows[offset : offset + PAGE]],
            "num_rows_total": len(rows),
        }
        document = replace(last, url=address("webdev", "overall", offset), body=json.dumps(page).encode())
        found += SOURCE.records(document)
    assert len(found) == 2 * PAGE
    assert [score.model for score in found] == [" ".join(name.split()) for name in names[: 2 * PAGE]]
    assert all(score.stderr and 0 < score.stderr < 40 for score in found)
