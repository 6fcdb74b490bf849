"""How many rows of the stored documents the catalogue explains, and that it joins no two models while doing so.

A model is what was released on a date. A base checkpoint and the chat checkpoint of the same release are one model, as
they are for Epoch; another date, version or size is another model, also where Epoch's April 2026 map joins them.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tracker.domain.names import Known, resolve

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
APRIL = SAMPLES / "epoch-benchmarks" / "2026-04"
PANEL = SAMPLES / "epoch-benchmarks" / "2026-08-panel" / "derived" / "benchmark_scores.csv"
EPOCH_MAP = APRIL / "epoch_capabilities_index.csv"
needs_samples = pytest.mark.skipif(not PANEL.is_file(), reason="the sample documents are not on this machine")

# Columns that stand between the model and its score in some of the files.
NOT_SCORES = ("Model version", "Agent", "Scaffold", "Tools")

# Epoch's model names of April 2026 under which it files several dated, versioned or sized models. Its own list of
# models, and its grouping since September 2026, tell most of them apart too ("GPT-4o (Aug 2024)").
SPLIT_ON_PURPOSE = {
    "Claude Instant",  # 1.1 and 1.2
    "DeepSeek-V3.2",  # V3.2-Speciale is other weights
    "GPT-3 175B (davinci)",  # davinci-002 came three years after davinci
    "GPT-3.5 (davinci-002)",  # code-davinci-002 is the base of text-davinci-002
    "GPT-3.5 Turbo",  # June 2023, November 2023, January 2024
    "GPT-4 Turbo (Nov 2023)",  # the previews of November 2023 and January 2024
    "GPT-4o",  # five snapshots from May 2024 to March 2025
    "GPT-5",  # gpt-5-chat is the model of the chat product
    "Gemini 1.5 Flash",  # May and September 2024
    "Gemini 1.5 Pro",  # February, May and September 2024
    "Gemini 2.0 Flash",  # Exp-1206, the experimental one of December 2024, February 2025
    "Gemini 2.0 Flash-Lite",  # the preview of 5 February 2025 and the release
    "Gemini 2.5 Flash",  # April, May, June and September 2025
    "Gemini 2.5 Flash-Lite",  # June and September 2025
    "Kimi K2",  # July and September 2025
    "Mistral 7B",  # v0.1, v0.2 and v0.3
    "Mistral Large 2",  # 2407 and 2411
    "Qwen Plus",  # January and April 2025
    "Qwen2.5-72B",  # files the vision model Qwen2.5-VL-72B under the text model
    "Qwen3-235B-A22B (Jul 2025)",  # Instruct-2507 and Thinking-2507 are two releases
    "QwQ-32B",  # the preview of November 2024 and the release
}


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def named(path: Path) -> Iterator[tuple[str, str]]:
    """Name and release date of every row with a score: `Model version`, or what stands in its place."""
    for row in rows(path):
        score = next(column for column in row if column not in NOT_SCORES)
        if row[score].strip():
            name = row["Model version"].strip() or row.get("Name") or row.get("Agent") or ""
            yield name, row["Release date"]


def day(text: str) -> date | None:
    return date.fromisoformat(text) if len(text) == 10 else None


def share(names: list[tuple[str, str]], aliases: dict[str, Known]) -> float:
    return sum(resolve(name, aliases, day(released)) is not None for name, released in names) / len(names)


@needs_samples
def test_at_least_95_of_100_rows_of_epochs_april_files_resolve(aliases):
    names = [row for path in sorted(APRIL.glob("*.csv")) if path != EPOCH_MAP for row in named(path)]
    assert len(names) > 3_700
    assert share(names, aliases) >= 0.95


@needs_samples
def test_at_least_98_of_100_rows_of_the_panel_resolve(aliases):
    names = [(row["model_id"], row["model_release_date"]) for row in rows(PANEL)]
    assert len(names) == 5_067
    assert share(names, aliases) >= 0.98


@needs_samples
def test_no_model_joins_two_of_epochs(aliases):
    joined = defaultdict(set)
    for row in rows(EPOCH_MAP):
        match = resolve(row["Model version"], aliases, day(row["Release date"]))
        if match and row["Model name"].strip():
            joined[match.slug].add(row["Model name"].strip())
    assert len(joined) > 250
    assert {slug: theirs for slug, theirs in joined.items() if len(theirs) > 1} == {}


@needs_samples
def test_epochs_models_are_split_only_where_dates_versions_or_sizes_differ(aliases):
    parts = defaultdict(set)
    for row in rows(EPOCH_MAP):
        match = resolve(row["Model version"], aliases, day(row["Release date"]))
        if match and row["Model name"].strip():
            parts[row["Model name"].strip()].add(match.slug)
    assert {name for name, slugs in parts.items() if len(slugs) > 1} == SPLIT_ON_PURPOSE
