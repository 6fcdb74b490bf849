"""The most tokens a second that memory allows: each step of decoding reads all weights and every kept key and value."""

import json
import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

COPIED: Final = 2**28  # bytes a thread copies: far more than any cache keeps
ROUNDS: Final = 5


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes that a step reads: the weights once for the whole batch, and for each sequence so many a token of its
    context. A table of embeddings that is only looked up, a row a token, is not counted."""

    weights: int
    per_token: int


def limit(traffic: Traffic, bandwidth: float, *, batch: int, context: float) -> float:
    """Tokens a second of `batch` sequences with that mean context, were reading memory all that takes time."""
    return batch * bandwidth / (traffic.weights + batch * context * traffic.per_token)


def context(lengths: Iterable[tuple[int, int]]) -> float:
    """The mean context over the steps of answers of so many (tokens asked, tokens answered): a long answer has more
    steps, and its last ones look back the farthest."""
    steps = looked = 0.0
    for asked, answered in lengths:
        steps += answered
        looked += asked * answered + answered**2 / 2
    return looked / steps if steps else 0.0


def of_folder(folder: Path) -> Traffic:
    """A model of safetensors in transformers' form, its keys and values kept in 2 bytes."""
    said = json.loads((folder / "config.json").read_text("utf-8"))
    weights = 0
    for file in folder.glob("*.safetensors"):
        with file.open("rb") as opened:
            header = json.loads(opened.read(int.from_bytes(opened.read(8), "little")))
        for name, tensor in header.items():
            if name == "__metadata__" or ("embed_tokens" in name and not said.get("tie_word_embeddings")):
                continue
            first, last = tensor["data_offsets"]
            weights += last - first
    head = said.get("head_dim") or said["hidden_size"] // said["num_attention_heads"]
    heads = said.get("num_key_value_heads") or said["num_attention_heads"]
    return Traffic(weights, 2 * said["num_hidden_layers"] * heads * head * 2)


def of_gguf(file: Path) -> Traffic:
    """A GGUF file, its keys and values kept as half floats as llama.cpp does unless it is told otherwise."""
    from gguf import GGUFReader

    read = GGUFReader(file)
    told = {name: field.contents() for name, field in read.fields.items() if not name.startswith("tokenizer")}
    sizes = {tensor.name: int(tensor.n_bytes) for tensor in read.tensors}
    looked_up = sizes["token_embd.weight"] if "output.weight" in sizes else 0
    of = told["general.architecture"]
    heads = told[f"{of}.attention.head_count"]
    head = told.get(f"{of}.attention.key_length") or told[f"{of}.embedding_length"] // heads
    kept = told.get(f"{of}.attention.head_count_kv", heads)
    return Traffic(sum(sizes.values()) - looked_up, 2 * told[f"{of}.block_count"] * kept * head * 2)


def copied_by_processor() -> float:
    """Bytes a second, read and written, by a thread on each core: the best of several copies by NumPy."""
    cores = len(os.sched_getaffinity(0))
    pairs = [(np.ones(COPIED, np.uint8), np.empty(COPIED, np.uint8)) for _ in range(cores)]
    best = 0.0
    with ThreadPoolExecutor(cores) as threads:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            for done in [threads.submit(np.copyto, to, from_) for from_, to in pairs]:
                done.result()
            best = max(best, 2 * COPIED * cores / (time.perf_counter() - began))
    return best
