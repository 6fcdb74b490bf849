"""Small documents in the sources' shapes, made of rows, so that a test can change exactly one of them."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tracker.domain.records import Record
from tracker.sources import record_file

PRICES = "https://models.dev/api.json"
PANEL = "https://doi.org/10.5281/zenodo.22177190"
HUB = "https://epoch.ai/data/benchmark_data.zip"
NOTABLE = "https://epoch.ai/data/notable_ai_models.csv"

PANEL_COLUMNS = (
    "model_id", "benchmark_id", "score", "score_type", "evaluated_by", "benchmark_release_date", "score_column",
    "score_scale", "score_divisor", "item_level_readable", "model_release_date", "source_url", "archive_timestamp",
)  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """One model of one provider in models.dev's api.json."""

    host: str
    name: str
    released: str = "2026-01-15"
    open_weights: bool = False
    price: float | None = 3.0
    context: int = 200_000


OFFERS = (
    Offer("anthropic", "claude-example-4"),
    Offer("openai", "gpt-example", released="2025-08-07", price=1.25),
    Offer("deepseek", "deepseek-example", released="2026-03-01", open_weights=True, price=0.3),
    Offer("openai", "gpt-example-mini", released="2025-08", price=0.1),
    Offer("anthropic", "claude-example-3", released="2025-02-01", price=2.0),
)


def prices(*offers: Offer) -> bytes:
    """An api.json; models.dev's parser wants to see both big providers, so they are always there."""
    providers: dict[str, dict] = {host: {"id": host, "name": host, "models": {}} for host in ("anthropic", "openai")}
    for offer in offers or OFFERS:
        model = {
            "id": offer.name,
            "name": offer.name,
            "release_date": offer.released,
            "open_weights": offer.open_weights,
            "modalities": {"input": ["text"], "output": ["text"]},
            "limit": {"context": offer.context},
        }
        if offer.price is not None:
            model["cost"] = {"input": offer.price, "output": 5 * offer.price}
        provider = providers.setdefault(offer.host, {"id": offer.host, "name": offer.host, "models": {}})
        provider["models"][offer.name] = model
    return json.dumps(providers).encode()


@dataclass(frozen=True)
class Line:
    """One row of the benchmark panel."""

    model: str
    benchmark: str
    score: float
    evaluated_by: str = "epoch"
    released: str = "2026-01-15"


LINES = (
    Line("claude-example-4_high", "gpqa_diamond", 0.75),
    Line("claude-example-4_16k", "gpqa_diamond", 0.7),
    Line("gpt-example", "gpqa_diamond", 0.6, released="2025-08-07"),
    Line("fireworks/deepseek-example", "gpqa_diamond", 0.5, released="2026-03-01"),
    Line("deepseek-example", "math_level_5", 0.4, evaluated_by="lab_reported", released="2026-03-01"),
)


def panel(*lines: Line) -> bytes:
    text = io.StringIO(newline="")
    rows = csv.DictWriter(text, PANEL_COLUMNS, lineterminator="\n")
    rows.writeheader()
    for line in lines or LINES:
        rows.writerow(
            {
                "model_id": line.model,
                "benchmark_id": line.benchmark,
                "score": repr(line.score),
                "score_type": "aggregate",
                "evaluated_by": line.evaluated_by,
                "score_column": "mean_score",
                "score_scale": "proportion",
                "score_divisor": "1.0",
                "item_level_readable": "False",
                "model_release_date": line.released,
                "source_url": "https://example.org/board",
                "archive_timestamp": "20260809T212305Z",
            }
        )
    return text.getvalue().encode()


def notable(*rows: tuple[str, str, str]) -> bytes:
    """A notable_ai_models.csv of (model, publication date, accessibility)."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["Model", "Organization", "Publication date", "Domain", "Parameters", "Model accessibility", "Link"])
    for model, published, access in rows:
        table.writerow([model, "Example Lab", published, "Language", "", access, "https://example.org/" + model])
    return text.getvalue().encode()


def records(*said: Record, url: str, on: date = date(2026, 9, 10)) -> bytes:
    """A record file: any kind of record at any address."""
    return record_file.write(said, source="test", url=url, retrieved_on=on)


def field_of(rows: Iterable[Line], benchmarks: Iterable[str]) -> tuple[Line, ...]:
    """Every given model on every benchmark, each benchmark a step harder than the one before."""
    return tuple(
        Line(row.model, name, round(max(0.02, row.score - 0.07 * at), 4), row.evaluated_by, row.released)
        for row in rows
        for at, name in enumerate(benchmarks)
    )
