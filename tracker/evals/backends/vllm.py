"""vLLM: safetensors on CUDA, where it is installed. Unmeasured: written from its documented command line only."""

import importlib.util
import sys
from collections.abc import Sequence

from tracker.domain.evaluation import Weights
from tracker.evals.backends.base import LOCAL, Description, ServerEngine, versions

NAMED = 100  # of the likeliest next tokens; its own default is 20


class Vllm(ServerEngine):
    """`vllm serve`, with everything that would fetch or run a repository's code left off."""

    slug = "vllm"
    likely = NAMED

    @staticmethod
    def can_run(weights: Weights | None, device: str) -> str:
        if weights is None or weights.format != "safetensors":
            return "vllm runs safetensors"
        if device != "cuda":
            return "vllm wants a CUDA device"
        return "" if importlib.util.find_spec("vllm") is not None else "vllm is not installed (pip install vllm)"

    def argv(self, port: int) -> Sequence[str]:
        words = [sys.executable, "-m", "vllm.entrypoints.cli.main", "serve", self.plan.model]
        words += ["--host", LOCAL, "--port", str(port), "--served-model-name", self.plan.name]
        words += ["--load-format", "safetensors", "--max-num-seqs", str(self.plan.slots)]
        words += ["--max-logprobs", str(NAMED), "--seed", "0", "--no-enable-prefix-caching"]
        # The model's own defaults for temperature and the like would stand where ours say nothing.
        words += ["--generation-config", "vllm"]
        if self.plan.context:
            words += ["--max-model-len", str(self.plan.context)]
        return words

    def describe(self) -> Description:
        found = versions("vllm", "torch", "transformers", "flashinfer-python")
        return Description(
            version=found.get("vllm", ""),
            device=self.plan.device,
            dtype="auto",
            arguments={"command": list(self.argv(0))[2:]},
            packages=found,
            context=self.plan.context,
        )
