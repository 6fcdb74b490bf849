import json

import numpy as np
import pytest

from tracker.evals import random_model, weights
from tracker.evals.random_model import SIZES, build


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return build("tiny", tmp_path_factory.mktemp("models"))


@pytest.mark.parametrize(("size", "parameters"), [("1b", 1_235_814_400), ("8b", 8_030_261_248)])
def test_the_shapes_have_as_many_parameters_as_the_published_models(size, parameters):
    assert SIZES[size].parameters == parameters


def test_the_weights_are_a_file_of_safetensors_with_every_tensor(model):
    safetensors = pytest.importorskip("safetensors", reason="the extra with safetensors is not installed")
    with safetensors.safe_open(model / "model.safetensors", "np") as file:
        shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
        assert "random weights" in file.metadata()["notice"]
    assert shapes == dict(SIZES["tiny"].tensors())


def test_the_weights_are_spread_as_those_that_a_model_begins_with(model):
    body = (model / "model.safetensors").read_bytes()
    start = 8 + int.from_bytes(body[:8], "little")
    header = json.loads(body[8:start])
    first, last = header["model.embed_tokens.weight"]["data_offsets"]
    numbers = np.frombuffer(body[start + first : start + last], "<u2").astype("<u4") << 16
    values = numbers.view("<f4")
    assert np.sqrt(np.mean(values**2)) == pytest.approx(0.0188, rel=0.05)
    assert abs(float(values.mean())) < 0.001
    norms = header["model.norm.weight"]["data_offsets"]
    assert set(np.frombuffer(body[start + norms[0] : start + norms[1]], "<u2")) == {0x3F80}


def test_the_same_seed_makes_the_same_bytes_and_another_one_others(model, tmp_path):
    again, other = build("tiny", tmp_path), build("tiny", tmp_path, seed=1)
    assert (again / "model.safetensors").read_bytes() == (model / "model.safetensors").read_bytes()
    assert (other / "model.safetensors").read_bytes() != (model / "model.safetensors").read_bytes()


def test_a_model_that_is_there_is_not_made_again(model):
    before = (model / "model.safetensors").stat().st_mtime_ns
    assert build("tiny", model.parent) == model
    assert (model / "model.safetensors").stat().st_mtime_ns == before


def test_a_model_that_could_not_be_finished_does_not_carry_the_name(tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("no folder")
    with pytest.raises(OSError, match="taken"):
        build("tiny", taken)
    with pytest.raises(KeyError):
        build("70b", tmp_path)
    assert list(tmp_path.iterdir()) == [taken]


def test_large_models_are_cut_into_shards_that_the_index_names(tmp_path, monkeypatch):
    monkeypatch.setattr(random_model, "SHARD", 60_000)
    model = build("tiny", tmp_path)
    index = json.loads((model / "model.safetensors.index.json").read_text())
    files = sorted(model.glob("*.safetensors"))
    assert len(files) > 2
    assert set(index["weight_map"].values()) == {file.name for file in files}
    assert set(index["weight_map"]) == dict(SIZES["tiny"].tensors()).keys()
    assert all(file.stat().st_size < 60_000 + 66_000 for file in files)


def test_every_file_that_can_says_that_the_weights_are_random(model):
    for name in ("README.md", "config.json"):
        assert "random weights, not a trained model" in (model / name).read_text()
    assert "random-weights" in model.name


def test_every_byte_and_every_number_has_a_token_of_its_own(model):
    vocabulary = json.loads((model / "tokenizer.json").read_text())["model"]["vocab"]
    assert sorted(vocabulary.values()) == list(range(512))


def test_one_token_in_so_many_ends_an_answer(model):
    shape = SIZES["8b"]
    assert shape.vocabulary / len(shape.ends) == pytest.approx(shape.answer, rel=0.01)
    ends = json.loads((model / "generation_config.json").read_text())["eos_token_id"]
    assert 512 / len(ends) == 16


def test_our_own_check_of_weights_lets_it_pass(model):
    said = weights.verify(model)
    assert (said.format, said.architecture) == ("safetensors", "LlamaForCausalLM")
    assert said.parameters == SIZES["tiny"].parameters


def test_transformers_loads_it_and_its_answers_are_as_long_as_they_should_be(model):
    torch = pytest.importorskip("torch", reason="the extra with torch is not installed")
    transformers = pytest.importorskip("transformers", reason="the extra with transformers is not installed")
    reader = transformers.AutoTokenizer.from_pretrained(model)
    words = "Hello wörld ☃"
    assert reader.decode(reader(words)["input_ids"]) == words
    llama, told = transformers.AutoModelForCausalLM.from_pretrained(
        model, dtype=torch.float32, output_loading_info=True
    )
    assert not any(told[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert llama.num_parameters() == SIZES["tiny"].parameters
    torch.manual_seed(0)
    asked = reader(["a question"] * 200, return_tensors="pt")
    answers = llama.generate(**asked, max_new_tokens=200)[:, asked["input_ids"].shape[1] :]
    lengths = (answers != random_model.PAD).sum(dim=1).float()
    assert abs(float(lengths.mean()) - 16) < 4 * 16 / 200**0.5
