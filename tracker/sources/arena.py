"""LMArena's ratings out of the two tables that LMArena publishes itself on the Hugging Face Hub.

The site is not read: its terms forbid it. All ratings of a table are fitted anew each time, so that every one of them
moves with every vintage.
"""

import io
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import day, number, required, text

DATASET = "lmarena-ai/leaderboard-dataset"
HOMEPAGE = f"https://huggingface.co/datasets/{DATASET}"
URL = f"{HOMEPAGE}/resolve/main/{{}}/latest-00000-of-00001.parquet"
# Boards by subset, each with the number of models that it has had more of since it is read.
BOARDS: dict[str, tuple[int, tuple[str, ...]]] = {
    "text_style_control": (
        300,
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
    "webdev": (100, ("overall",)),
}
COLUMNS = (
    "category",
    "leaderboard_publish_date",
    "model_name",
    "organization",
    "rating",
    "rating_lower",
    "rating_upper",
)
MAGIC = b"PAR1"
# The largest table has some twelve thousand rows in 600 KB; a header that lies may announce any number.
MOST_ROWS = 500_000
MOST_BYTES = 256 * 2**20
LONGEST_WORD = 1_000_000
Z95 = 1.959964  # the bounds are of 95 of 100


def parse(document: Document) -> Records:
    """A rating for each model on each board of the subset that the address names, in Elo, its standard error out of the
    bounds. A board with fewer models than it once had is refused."""
    subset = PurePosixPath(urlsplit(document.url).path).parent.name
    if subset not in BOARDS:
        raise ParseError(f"{document.url} does not say which subset of the dataset it is")
    fewest, categories = BOARDS[subset]
    rows = [row for row in _rows(document) if row["category"] in categories]
    held = Counter(str(row["category"]) for row in rows)
    for category in categories:
        if held[category] <= fewest:
            # A table that lost rows reads like any other: twenty models once stood where there had been hundreds.
            raise ParseError(f"{document.url}: {category} has {held[category]} models; it had more than {fewest}")
    yield from _scores(rows, subset, document.url)


def _rows(document: Document) -> list[dict[str, Any]]:
    if not document.body.startswith(MAGIC):
        # Here stands also what the Hub answers while it is busy: "The dataset index is loading".
        begins = document.body[:80].decode("utf-8", "replace")
        raise ParseError(f"{document.url} is no parquet file: it begins with {begins!r}")
    try:
        file = pq.ParquetFile(
            io.BytesIO(document.body),
            thrift_string_size_limit=LONGEST_WORD,
            thrift_container_size_limit=LONGEST_WORD,
            page_checksum_verification=True,
        )
        groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
        if file.metadata.num_rows > MOST_ROWS or sum(group.total_byte_size for group in groups) > MOST_BYTES:
            raise ParseError(f"{document.url} announces more than {MOST_ROWS} rows or {MOST_BYTES} bytes")
        if missing := [name for name in COLUMNS if name not in file.schema_arrow.names]:
            raise ParseError(f"{document.url} has no column {', '.join(missing)}; it has {file.schema_arrow.names}")
        rows: list[dict[str, Any]] = file.read(columns=list(COLUMNS), use_threads=False).to_pylist()
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise ParseError(f"{document.url} is a damaged parquet file: {str(error)[:200]}") from error
    return rows


def _scores(rows: list[dict[str, Any]], subset: str, url: str) -> Iterator[ScoreRecord]:
    for line, row in enumerate(rows, 1):
        category = required(row, "category", url)
        where = f"{url}, {category}, row {line}"
        model = required(row, "model_name", where)
        rating, low, high = (number(row, name, where) for name in ("rating", "rating_lower", "rating_upper"))
        if rating is None or not 100 <= rating <= 5000:
            # The agent boards have a score around nought in its place.
            raise ParseError(f"{where}: the rating of {model} is {rating}, which is no Elo")
        if low is not None and high is not None and not low <= rating <= high:
            raise ParseError(f"{where}: the rating of {model} is {rating}, not within its bounds {low} and {high}")
        yield ScoreRecord(
            f"{subset}/{category}:{model}",
            model,
            f"{subset}/{category}",
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
    urls=tuple(URL.format(subset) for subset in BOARDS),
    parse=parse,
    at_least=100,
    max_bytes=16 * 2**20,
    stale_after=timedelta(days=21),
)
