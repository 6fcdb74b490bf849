"""LMArena's ratings, a hundred rows of one board at a time, from the Hugging Face copy that LMArena publishes itself.

Every board lists its best first. Boards hold some four hundred models, and a page beyond a board's end would be empty:
what stands behind the pages that all boards fill, the oldest and weakest models, is left out.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import day, field, number, required, text

DATASET = "lmarena-ai/leaderboard-dataset"
HOMEPAGE = f"https://huggingface.co/datasets/{DATASET}"
PAGE = 100  # the most that one answer holds
# Boards by subset and category, with the number of pages that all of them fill.
BOARDS: dict[str, tuple[int, tuple[str, ...]]] = {
    "text_style_control": (
        4,
        (
            "overall",
            "coding",
            "creative_writing",
            "expert",
            "hard_prompts",
            "industry_business_and_management_and_financial_operations",
            "industry_legal_and_government",
            "industry_life_and_physical_and_social_science",
            "industry_medicine_and_healthcare",
            "industry_software_and_it_services",
            "instruction_following",
            "longer_query",
            "math",
            "multi_turn",
        ),
    ),
    "webdev": (2, ("overall",)),
}
Z95 = 1.959964  # the bounds are of 95 of 100


def _url(config: str, category: str, offset: int) -> str:
    query = {
        "dataset": DATASET,
        "config": config,
        "split": "latest",
        "where": f"\"category\"='{category}'",
        "offset": offset,
        "length": PAGE,
    }
    return f"https://datasets-server.huggingface.co/filter?{urlencode(query)}"


def parse(document: Document) -> Records:
    config, category, offset = _asked_for(document)
    answer = document.json()
    if isinstance(answer, dict) and "error" in answer:
        # "The dataset index is loading": rows may come later, and no rows are not an empty board.
        raise ParseError(f"{document.url} answered with an error instead of rows: {str(answer['error'])[:120]}")
    rows = field(answer, "rows", list, document.url)
    total = number(answer, "num_rows_total", document.url)
    if rows is None or total is None:
        raise ParseError(f"{document.url} holds no rows, or does not say of how many")
    if field(answer, "partial", bool, document.url):
        raise ParseError(f"{document.url} is made from a part of the dataset")
    pages = BOARDS[config][0]
    if total <= PAGE * (pages - 1):
        raise ParseError(f"{document.url} is of a board of {int(total)} rows; it had more than {PAGE * (pages - 1)}")
    if len(rows) != min(PAGE, max(0, int(total) - offset)):
        # A page that lost rows parses like any other.
        raise ParseError(f"{document.url} holds {len(rows)} rows, from the {offset + 1}th of {int(total)} on")
    yield from _scores(rows, config, category, document.url)


def _asked_for(document: Document) -> tuple[str, str, int]:
    """Subset, category and offset of a page: the subset stands in its address alone."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(document.url).query).items()}
    category = re.fullmatch(r"\"category\"='(\w+)'", asked.get("where", ""))
    if asked.get("config") not in BOARDS or category is None or not asked.get("offset", "").isdecimal():
        raise ParseError(f"{document.url} does not say which page of which board it is")
    return asked["config"], category[1], int(asked["offset"])


def _scores(rows: list[Any], config: str, category: str, url: str) -> Iterator[ScoreRecord]:
    for line, entry in enumerate(rows, 1):
        where = f"{url}, row {line}"
        if field(entry, "truncated_cells", list, where):
            raise ParseError(f"{where}: the cells {entry['truncated_cells']} were cut off")
        row = field(entry, "row", dict, where)
        if (found := text(row, "category", where)) != category:
            # Where the filter is not obeyed, one page of everything would pass for a board.
            raise ParseError(f"{where}: the category is {found!r}, {category!r} was asked for")
        model = required(row, "model_name", where)
        rating, low, high = (number(row, name, where) for name in ("rating", "rating_lower", "rating_upper"))
        if rating is None or not 100 <= rating <= 5000:
            # The agent boards have a score around nought in its place.
            raise ParseError(f"{where}: the rating of {model} is {rating}, which is no Elo")
        if low is not None and high is not None and not low <= rating <= high:
            raise ParseError(f"{where}: the rating of {model} is {rating}, not within its bounds {low} and {high}")
        yield ScoreRecord(
            f"{config}/{category}:{model}",
            model,
            f"{config}/{category}",
            rating,
            # The column `variance` is not read: nobody says on which scale it is.
            stderr=None if low is None or high is None else (high - low) / (2 * Z95),
            evaluator=Evaluator.LEADERBOARD,
            evaluated=day(row, "leaderboard_publish_date", where),
            lab=text(row, "organization", where),
            url=HOMEPAGE,
        )


SOURCE = Source(
    __name__,
    title="LMArena leaderboards",
    publisher="LMArena",
    homepage=HOMEPAGE,
    data_licence="CC-BY-4.0",
    attribution="Arena ratings by LMArena, huggingface.co/datasets/lmarena-ai/leaderboard-dataset (CC BY 4.0).",
    urls=tuple(
        _url(config, category, page * PAGE)
        for config, (pages, categories) in BOARDS.items()
        for category in categories
        for page in range(pages)
    ),
    parse=parse,
    stale_after=timedelta(days=21),
)
