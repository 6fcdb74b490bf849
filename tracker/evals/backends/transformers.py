"""transformers' own server with continuous batching: safetensors of any architecture that it knows by itself."""

import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from tracker.domain.evaluation import Mode, Sampling, Weights
from tracker.evals.backends.base import (
    LOCAL,
    OUT_OF_MEMORY,
    PATIENCE,
    TAIL,
    Description,
    Endpoint,
    ServerEngine,
    versions,
)
from tracker.evals.troubles import EngineLost, NoRoom

INSTALL = 'pip install torch "transformers[serving]" accelerate'


class Transformers(ServerEngine):
    """`transformers serve`, as its version 5.23 does things.

    It tells no likelihoods: the fields that ask for them are ignored. With continuous batching the way of drawing
    tokens (whether, temperature, top_p) is that of the first question for as long as the server lives, whatever later
    ones say, so another way means another server. Its draws begin from a number of its own: they are not repeatable.
    """

    slug = "transformers"
    way: tuple[Mode, float, float] | None = None

    @staticmethod
    def can_run(weights: Weights | None, device: str) -> str:
        if weights is None or weights.format != "safetensors":
            return "transformers serve runs safetensors"
        missing = [name for name in ("torch", "transformers", "fastapi", "uvicorn") if not _installed(name)]
        return f"{' and '.join(missing)} not installed ({INSTALL})" if missing else ""

    @property
    def device(self) -> str:
        return "cuda:0" if self.plan.device == "cuda" else "cpu"

    def argv(self, port: int) -> Sequence[str]:
        # Not the script beside Python: a virtual environment that was moved has it with another's path in it.
        words = [sys.executable, "-c", "from transformers.cli.transformers import main; main()"]
        words += ["serve", self.plan.model, "--continuous-batching", "--device", self.device]
        words += ["--host", LOCAL, "--port", str(port), "--dtype", "auto"]
        return words

    def start(self) -> Endpoint:
        endpoint = super().start()
        # It knows a forced model by the name that it was started with, and by no other.
        return Endpoint(endpoint.url, self.plan.model)

    def prepared(self, endpoint: Endpoint, sampling: Sampling) -> Endpoint:
        way = (sampling.mode, sampling.temperature, sampling.top_p)
        if self.way not in (None, way):
            self.stop()
            endpoint = self.start()
        if self.way != way:
            self._warm_up(endpoint, sampling)
        self.way = way
        return endpoint

    def _warm_up(self, endpoint: Endpoint, sampling: Sampling) -> None:
        """The first question makes the cache and all that goes with it; none of a suite should wait for that."""
        asked = {"model": endpoint.model, "messages": [{"role": "user", "content": "1"}], "max_tokens": 2}
        asked |= {"temperature": sampling.temperature, "top_p": sampling.top_p} | self.extras(sampling)
        try:
            reply = httpx.post(f"{endpoint.url}/chat/completions", json=asked, timeout=PATIENCE, trust_env=False)
        except httpx.TransportError as error:
            raise self.lost() or EngineLost(f"transformers serve does not answer: {error}") from None
        if reply.is_error and OUT_OF_MEMORY.search(reply.text):
            raise NoRoom(reply.text[:TAIL])

    def describe(self) -> Description:
        found = versions("transformers", "torch", "tokenizers", "accelerate", "safetensors")
        return Description(
            version=found.get("transformers", ""),
            device=self.device,
            dtype=str(_json(Path(self.plan.model, "config.json")).get("dtype", "auto")),
            arguments={"command": list(self.argv(0))[3:]},
            packages=found,
            context=_json(Path(self.plan.model, "config.json")).get("max_position_embeddings"),
        )

    def extras(self, sampling: Sampling) -> dict[str, Any]:
        if sampling.mode is not Mode.SAMPLED:
            return {}
        # A temperature alone makes no model draw whose own configuration does not say so.
        own = _json(Path(self.plan.model, "generation_config.json"))
        own.pop("transformers_version", None)
        drawn = {"do_sample": True, "temperature": sampling.temperature, "top_p": sampling.top_p}
        return {"generation_config": json.dumps({**own, **drawn, "max_new_tokens": sampling.max_tokens})}


def _installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _json(path: Path) -> dict[str, Any]:
    said = json.loads(path.read_bytes()) if path.is_file() else {}
    return said if isinstance(said, dict) else {}
