"""Models of published shapes with random weights, for measuring engines where no real model can be had.

The shapes are those of the configurations that Meta publishes with Llama 3.1 8B and Llama 3.2 1B; the numbers in them
are drawn here. They answer with noise, so they say how fast an engine is and nothing else, and every file of theirs
says so. Made with NumPy alone: neither torch nor a hub is needed.
"""

import json
import math
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

NOTICE: Final = "random weights, not a trained model"
SHARD: Final = 5 * 10**9  # bytes
CHUNK: Final = 2**26  # numbers drawn at a time
BYTES: Final = 256
BEGIN, PAD, FIRST_END = BYTES, BYTES + 1, BYTES + 2


@dataclass(frozen=True, slots=True)
class Shape:
    """A Llama's dimensions. `answer` is how many tokens an answer has on average when tokens are drawn at temperature
    one: so many of the vocabulary's tokens end it, each as likely as any other, and the lengths are geometric."""

    name: str
    vocabulary: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    head: int
    inner: int
    tied: bool
    context: int
    answer: int
    rope: float = 500_000.0
    rope_factor: float | None = None

    def tensors(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Each with its name as transformers has it."""
        yield "model.embed_tokens.weight", (self.vocabulary, self.width)
        queries, keys = self.heads * self.head, self.kv_heads * self.head
        for number in range(self.layers):
            layer = f"model.layers.{number}"
            yield f"{layer}.input_layernorm.weight", (self.width,)
            yield f"{layer}.self_attn.q_proj.weight", (queries, self.width)
            yield f"{layer}.self_attn.k_proj.weight", (keys, self.width)
            yield f"{layer}.self_attn.v_proj.weight", (keys, self.width)
            yield f"{layer}.self_attn.o_proj.weight", (self.width, queries)
            yield f"{layer}.post_attention_layernorm.weight", (self.width,)
            yield f"{layer}.mlp.gate_proj.weight", (self.inner, self.width)
            yield f"{layer}.mlp.up_proj.weight", (self.inner, self.width)
            yield f"{layer}.mlp.down_proj.weight", (self.width, self.inner)
        yield "model.norm.weight", (self.width,)
        if not self.tied:
            yield "lm_head.weight", (self.vocabulary, self.width)

    @property
    def parameters(self) -> int:
        return sum(math.prod(shape) for _, shape in self.tensors())

    @property
    def ends(self) -> list[int]:
        """The tokens that end an answer."""
        return list(range(FIRST_END, FIRST_END + max(1, round(self.vocabulary / self.answer))))


SIZES: Final = {
    "tiny": Shape("tiny", 512, 64, 2, 4, 2, 16, 128, tied=True, context=2048, answer=16),
    "1b": Shape("1b", 128256, 2048, 16, 32, 8, 64, 8192, tied=True, context=131072, answer=256, rope_factor=32.0),
    "8b": Shape("8b", 128256, 4096, 32, 32, 8, 128, 14336, tied=False, context=131072, answer=256, rope_factor=8.0),
}


def build(size: str, folder: Path, *, seed: int = 0) -> Path:
    """The folder of that model under `folder`, made if it is not there yet. The same seed makes the same bytes. A
    half-made one never carries the name."""
    shape = SIZES[size]
    done = folder / f"random-weights-llama-{size}-seed-{seed}"
    if done.is_dir():
        return done
    folder.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{done.name}.", dir=folder))
    try:
        _write_weights(shape, fresh, seed)
        _write_json(fresh / "config.json", configuration(shape))
        _write_json(fresh / "generation_config.json", generation(shape))
        _write_json(fresh / "tokenizer.json", tokenizer(shape))
        _write_json(fresh / "tokenizer_config.json", TOKENIZER)
        (fresh / "README.md").write_text(
            f"# {done.name}\n\nThis is made of {NOTICE}: {shape.parameters:,} numbers drawn with seed {seed}.\n"
            "It measures how fast an engine is. What it answers means nothing.\n",
            "utf-8",
        )
        fresh.chmod(0o755)
        fresh.replace(done)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return done


def configuration(shape: Shape) -> dict[str, Any]:
    """What transformers reads as `config.json` of a Llama; the notice in it says that the weights are random."""
    rope: dict[str, Any] = {}
    if shape.rope_factor is not None:
        rope["rope_scaling"] = {
            "rope_type": "llama3",
            "factor": shape.rope_factor,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        }
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "_name_or_path": f"random-weights-llama-{shape.name}",
        "notice": NOTICE,
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "intermediate_size": shape.inner,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-5,
        "rope_theta": shape.rope,
        **rope,
        "max_position_embeddings": shape.context,
        "tie_word_embeddings": shape.tied,
        "attention_bias": False,
        "mlp_bias": False,
        "torch_dtype": "bfloat16",
        "bos_token_id": BEGIN,
        "pad_token_id": PAD,
        "eos_token_id": shape.ends,
    }


def generation(shape: Shape) -> dict[str, Any]:
    """What is read as `generation_config.json`: draws from the whole vocabulary at temperature one, since on this rest
    the lengths that `Shape.answer` promises."""
    return {
        "bos_token_id": BEGIN,
        "pad_token_id": PAD,
        "eos_token_id": shape.ends,
        "do_sample": True,
        "temperature": 1.0,
        "top_p": 1.0,
        "top_k": 0,
    }


TOKENIZER: Final = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "bos_token": "<|begin|>",
    "eos_token": "<|end-0|>",
    "pad_token": "<|pad|>",
    "padding_side": "left",
    "clean_up_tokenization_spaces": False,
    "model_max_length": 10**9,
    "chat_template": (
        "{{ bos_token }}{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
        "{% if add_generation_prompt %}assistant:{% endif %}"
    ),
}


def tokenizer(shape: Shape) -> dict[str, Any]:
    """A token for each byte, and a made-up word for every other number, so that whatever is drawn can be read."""
    special = {BEGIN: "<|begin|>", PAD: "<|pad|>"} | {one: f"<|end-{n}|>" for n, one in enumerate(shape.ends)}
    vocabulary = {letter: number for number, letter in enumerate(_letters())}
    vocabulary |= {special.get(number, f"Ġ{number}"): number for number in range(BYTES, shape.vocabulary)}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": number,
                "content": content,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for number, content in special.items()
        ],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": vocabulary,
            "merges": [],
        },
    }


def _letters() -> list[str]:
    """The printable letter by which byte-level tokenizers write each byte: itself where it can be seen, else one of
    those after U+0100, in order."""
    seen = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    hidden = [byte for byte in range(BYTES) if byte not in set(seen)]
    return [chr(byte) if byte in set(seen) else chr(BYTES + hidden.index(byte)) for byte in range(BYTES)]


def _write_weights(shape: Shape, folder: Path, seed: int) -> None:
    shards: list[list[tuple[str, tuple[int, ...]]]] = [[]]
    filled = 0
    for name, sizes in shape.tensors():
        size = 2 * math.prod(sizes)
        if filled and filled + size > SHARD:
            shards.append([])
            filled = 0
        shards[-1].append((name, sizes))
        filled += size
    random = np.random.default_rng(seed)
    places: dict[str, str] = {}
    for number, tensors in enumerate(shards, 1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors" if len(shards) > 1 else "model.safetensors"
        _write_shard(folder / file, tensors, random)
        places |= {name: file for name, _ in tensors}
    if len(shards) > 1:
        index = {"metadata": {"total_size": 2 * shape.parameters, "notice": NOTICE}, "weight_map": places}
        _write_json(folder / "model.safetensors.index.json", index)


def _write_shard(file: Path, tensors: list[tuple[str, tuple[int, ...]]], random: np.random.Generator) -> None:
    """A file of safetensors: the length of its header, the header as JSON, and the numbers one after the other."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt", "notice": NOTICE}}
    at = 0
    for name, sizes in tensors:
        end = at + 2 * math.prod(sizes)
        header[name] = {"dtype": "BF16", "shape": list(sizes), "data_offsets": [at, end]}
        at = end
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with file.open("wb") as written:
        written.write(len(head).to_bytes(8, "little") + head)
        for name, sizes in tensors:
            left = math.prod(sizes)
            while left:
                count = min(left, CHUNK)
                written.write(_ones(count) if name.endswith("norm.weight") else _noise(count, random))
                left -= count


def _ones(count: int) -> bytes:
    return np.full(count, 0x3F80, "<u2").tobytes()


def _noise(count: int, random: np.random.Generator) -> bytes:
    """Numbers of 2 bytes (bfloat16) of either sign and between 1/128 and 1/32, with a root mean square of 0.018, about
    the 0.02 that such models are begun with: drawn bits in place of drawn numbers, for that is ten times as fast."""
    bits = random.integers(0, 2**64 - 1, -(-count // 4), dtype=np.uint64, endpoint=True).view(np.uint16)[:count]
    bits &= 0x80FF
    bits |= 0x3C00
    return bits.astype("<u2", copy=False).tobytes()


def _write_json(file: Path, value: dict[str, Any]) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")
