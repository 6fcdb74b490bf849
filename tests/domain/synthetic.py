"""Seeded score tables of several shapes, and the stored panel of real scores where it is at hand."""

import csv
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tracker.domain.index import Observation
from tracker.domain.score_table import ScoreTable, TableModel, TableScore

ANCHORS = {"claude-3-5-sonnet-20240620": "Claude 3.5 Sonnet", "gpt-5-2025-08-07": "GPT-5"}
SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples" / "epoch-benchmarks"


@dataclass(frozen=True)
class Case:
    name: str
    seed: int
    models: int
    benchmarks: int
    fill: float
    saturated: int = 0
    perfect: bool = False
    island: bool = False


SHAPES = (
    Case("dense", 1, 40, 12, 0.6),
    Case("sparse", 2, 60, 20, 0.2),
    Case("saturated", 3, 50, 15, 0.4, saturated=5),
    Case("perfect", 4, 40, 12, 0.4, perfect=True),
    Case("disconnected", 5, 40, 12, 0.4, island=True),
)


def synthetic(shape: Case) -> list[Observation]:
    """Logistic curves with noise: `saturated` benchmarks are easy for all, a `perfect` model scores 1 everywhere, an
    `island` is a benchmark with models of its own."""
    random = np.random.default_rng(shape.seed)
    ability = np.sort(random.normal(1.5, 1.2, shape.models))
    difficulty = random.normal(1.0, 1.3, shape.benchmarks)
    difficulty[1 : 1 + shape.saturated] = -3.0
    slope = np.exp(random.normal(0.7, 0.5, shape.benchmarks))
    difficulty[0], slope[0] = 0.0, 1.0
    names = {int(shape.models * 0.55): "Claude 3.5 Sonnet", int(shape.models * 0.9): "GPT-5"}
    rows = []
    for at, level in enumerate(ability):
        chosen = random.choice(shape.benchmarks, max(4, random.binomial(shape.benchmarks, shape.fill)), replace=False)
        for b in chosen:
            curve = 1 / (1 + np.exp(-slope[b] * (level - difficulty[b])))
            value = float(np.clip(curve + random.normal(0, 0.04), 0, 1))
            rows.append(Observation(names.get(at, f"m{at}"), "Winogrande" if b == 0 else f"b{b}", value))
    if shape.perfect:
        rows += [Observation("perfect", f"b{b}", 1.0) for b in range(1, shape.benchmarks)]
        rows += [Observation("hopeless", f"b{b}", 0.0) for b in range(1, shape.benchmarks)]
    if shape.island:
        rows += [Observation(f"islander{k}", "island", 0.2 + 0.15 * k) for k in range(5)]
    return [rows[i] for i in random.permutation(len(rows))]


def panel() -> list[Observation]:
    """Scores of the stored panel, best of all settings of a model, models of 2023 and later with four benchmarks."""
    path = SAMPLES / "2026-08-panel" / "derived" / "benchmark_scores.csv"
    if not path.exists():
        pytest.skip("the stored panel of real scores is not beside this checkout")
    best: dict[tuple[str, str], float] = {}
    with path.open(newline="") as lines:
        for row in csv.DictReader(lines):
            model = re.sub(r"_[^_]*$", "", row["model_id"])
            model = re.sub(r"-(\d{8}|\d{4}-\d{2}-\d{2})$", "", model)
            if row["model_release_date"] >= "2023" and 0 <= float(row["score"] or -1) <= 1:
                name = "Winogrande" if row["benchmark_id"].startswith("wino_grande") else row["benchmark_id"]
                best[model, name] = max(float(row["score"]), best.get((model, name), 0.0))
    counts: dict[str, int] = {}
    for model, _ in best:
        counts[model] = counts.get(model, 0) + 1
    return [Observation(m, b, value) for (m, b), value in best.items() if counts[m] >= 4]


def hub(vintage: str) -> tuple[list[Observation], dict[str, float]]:
    """The stored benchmark files of one vintage, as they are, with the index that was published beside them."""
    folder = SAMPLES / vintage
    if not folder.exists():
        pytest.skip(f"the stored files of {vintage} are not beside this checkout")
    best: dict[tuple[str, str], float] = {}
    published: dict[str, float] = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines)
            score = (reader.fieldnames or ["", ""])[1]
            for row in reader:
                version, value = re.sub(r"_[^_/]*$", "", row["Model version"].strip()), row[score] or ""
                if path.stem == "epoch_capabilities_index":
                    if value:
                        published[version] = float(value)
                elif version and row["Release date"] >= "2023" and re.fullmatch(r"[01](\.\d+)?(e-\d+)?", value):
                    name = "Winogrande" if path.stem.startswith("wino_grande") else path.stem
                    best[version, name] = max(float(value), best.get((version, name), 0.0))
    counts: dict[str, int] = {}
    for model, _ in best:
        counts[model] = counts.get(model, 0) + 1
    rows = [Observation(ANCHORS.get(m, m), b, value) for (m, b), value in best.items() if counts[m] >= 4 and value <= 1]
    return rows, {ANCHORS.get(name, name): value for name, value in published.items()}


def hub_table(vintage: str) -> ScoreTable:
    """The same scores of the models whose release day and access are published, open meaning that weights are."""
    rows, _ = hub(vintage)
    models: dict[str, TableModel] = {}
    with (SAMPLES / vintage / "epoch_capabilities_index.csv").open(newline="", encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            version, access, day = row["Model version"].strip(), row["Model accessibility"], row["Release date"]
            name = re.sub(r"_[^_/]*$", "", version)
            if access and day:
                name = ANCHORS.get(name, name)
                models[name] = TableModel(name, date.fromisoformat(day), access.startswith("Open weights"))
    scores = tuple(TableScore(row.model, row.benchmark, row.value) for row in rows if row.model in models)
    measured = {score.model for score in scores}
    return ScoreTable(tuple(model for model in models.values() if model.name in measured), scores)
