"""The same for real documents of the sources, where they are at hand: one a day, or with MUTATIONS_ALL=1 all."""

import os
from pathlib import Path

import pytest

from tests import kept
from tests.pipeline.mutations import mutations
from tests.pipeline.steps import at
from tests.pipeline.the_day_after import taken_wrongly
from tests.sources.conftest import SAMPLES, files, zipped
from tracker.pipeline import collect
from tracker.pipeline.catalog import load_catalog
from tracker.sources import SOURCES

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SAMPLES.exists(), reason="the stored samples are not on this machine"),
]
SEED = 9
# Source, words of the address, the stored file or folder, kind of shape, and what is published in another unit.
DOCUMENTS: dict[str, tuple[str, str, str, dict[str, float]]] = {
    "aider": ("polyglot", "aider/polyglot_leaderboard.yml", "yaml", {"pass_rate_2": 0.01}),
    "epoch_benchmarks": ("benchmark_data", "epoch-benchmarks/2026-04", "tables", {}),
    "epoch_models": ("notable", "epoch-models/notable_ai_models.csv", "table", {}),
    "evalplus": ("results", "evalplus/results.json", "values", {"humaneval+": 0.01, "mbpp+": 0.01}),
    "genai_prices": ("data.json", "genai-prices/prices/data.json", "values", {"input_mtok": 1000.0}),
    "litellm": (
        "litellm", "litellm/model_prices_and_context_window.json", "values", {"input_cost_per_token": 1e6},
    ),
    "metr": ("1_1", "metr/2026-03/benchmark_results_1_1.yaml", "yaml", {"estimate": 60.0}),
    "model_prices": ("latest", "model-prices/snapshot.json", "values", {"input": 1000.0}),
    "models_dev": ("api.json", "models-dev/api.json", "values", {"input": 1000.0, "output": 1e-6}),
    "openrouter": ("models", "openrouter/models.json", "values", {}),
    "weirdml": ("weirdml", "weirdml/weirdml_data.csv", "table", {"avg_acc": 100.0}),
}  # fmt: skip
NAMES = sorted(DOCUMENTS)
TODAYS = NAMES if os.environ.get("MUTATIONS_ALL") else [NAMES[int(os.environ["TESTS_DAY"]) % len(NAMES)]]


def sample(name: str) -> bytes:
    path: Path = SAMPLES / name
    return zipped(files(path)) if path.is_dir() else path.read_bytes()


@pytest.mark.parametrize("name", TODAYS)
def test_a_real_document_that_changes_its_ways_is_refused_or_read_right(name):
    def build() -> None:
        load_catalog(now=at(1, 0))
        collect.enrol(now=at(1, 0))

    kept.put(("catalogue",), build)
    words, stored, shape, units = DOCUMENTS[name]
    url = next(url for url in SOURCES[name].urls if words in url)
    body = sample(stored)
    wrong, count = taken_wrongly(url, body, mutations(shape, body, units.items(), SEED))
    assert wrong == {}
    assert count >= 10
