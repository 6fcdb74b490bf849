"""xllamacpp: GGUF files, on a processor without anything else installed."""

import importlib.util
import json
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from tracker.domain.evaluation import Sampling, Weights
from tracker.evals.backends.base import LOCAL, Description, ServerEngine, versions

CONTEXT = 4096  # tokens a question may take with its answer where nobody says more
NAMED = 1000  # of the likeliest next tokens: the labels of a choice are among them unless the model is far off


class Llama(ServerEngine):
    """Its server in a process of its own. Prompts are not kept between questions, and every question has a cache to
    itself: an answer must not depend on what was asked before or beside it."""

    slug = "llama"
    likely = NAMED

    @staticmethod
    def can_run(weights: Weights | None, device: str) -> str:
        if weights is None or weights.format != "gguf":
            return "llama runs GGUF files"
        if importlib.util.find_spec("xllamacpp") is None:
            return "xllamacpp is not installed (pip install xllamacpp)"
        return ""

    @property
    def settings(self) -> dict[str, Any]:
        context = self.plan.context or CONTEXT
        # One processor is left to who asks and scores. Threads wait for each other at every layer, so that one of them
        # without a processor stops all: on two busy processors one thread was two to three times as fast as two.
        threads = max(1, len(os.sched_getaffinity(0)) - 1)
        return {
            "n_parallel": self.plan.slots,
            "n_ctx": context * self.plan.slots,
            "kv_unified": False,
            "cache_prompt": False,
            "cache_ram_mib": 0,
            "cont_batching": True,
            "ctx_shift": False,
            "n_threads_http": self.plan.slots + 2,
            "threads": threads,
            **({"n_gpu_layers": 0} if self.plan.device == "cpu" else {}),
        }

    def argv(self, port: int) -> Sequence[str]:
        given = {"model": self.plan.model, "name": self.plan.name, "port": port, "settings": self.settings}
        return [sys.executable, "-m", __name__, json.dumps(given)]

    def describe(self) -> Description:
        return Description(
            version=versions("xllamacpp").get("xllamacpp", ""),
            device=self.plan.device,
            dtype="as the file says",
            arguments=self.settings,
            packages=versions("xllamacpp"),
            context=self.plan.context or CONTEXT,
        )

    def extras(self, sampling: Sampling) -> dict[str, Any]:
        return {"cache_prompt": False}


def serve(given: dict[str, Any]) -> None:
    """The server, until it is told to end."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = given["model"]
    params.model_alias = {given["name"]}
    params.hostnames = [LOCAL]
    params.port = given["port"]
    params.offline = True
    params.ui = False
    params.verbosity = 1  # errors
    settings = dict(given["settings"])
    threads = settings.pop("threads")
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    for name, value in settings.items():
        setattr(params, name, value)
    # It begins to answer here, in threads of its own.
    server = xllamacpp.Server(params)
    # Whoever started it ends it with the signal's own effect.
    signal.pause()
    del server


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))
