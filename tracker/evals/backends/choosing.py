"""Which engine runs which weights on which device."""

from pathlib import Path
from types import MappingProxyType

from tracker.domain.evaluation import Weights
from tracker.evals.backends.base import Engine
from tracker.evals.backends.hosted import Hosted
from tracker.evals.backends.llama import Llama
from tracker.evals.backends.mock import Mock
from tracker.evals.backends.transformers import Transformers
from tracker.evals.backends.vllm import Vllm
from tracker.evals.troubles import NoEngine

# In the order in which they are tried for weights that several can run.
ENGINES = MappingProxyType({engine.slug: engine for engine in (Llama, Vllm, Transformers, Hosted, Mock)})
GPUS = ("nvidia[0-9]*", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset")


def devices(device: str, *, dev: Path = Path("/dev")) -> list[Path]:
    """The nodes that a program needs to use the GPUs; none on a processor."""
    if device != "cuda":
        return []
    return sorted({node for pattern in GPUS for node in dev.glob(pattern)})


def device_for(asked: str, *, dev: Path = Path("/dev")) -> str:
    """What "auto" means on this machine. Raises NoEngine if it has not what is asked for."""
    there = (dev / "nvidiactl").exists()
    if asked == "cuda" and not there:
        raise NoEngine("this machine has no CUDA device (there is no /dev/nvidiactl); ask for device cpu or auto")
    if asked not in ("auto", "cpu", "cuda"):
        raise NoEngine(f"there is no device {asked!r}: auto, cpu or cuda")
    return ("cuda" if there else "cpu") if asked == "auto" else asked


def choose(asked: str, *, weights: Weights | None, hosted: bool, device: str) -> type[Engine]:
    """The engine for these weights; without weights it is an endpoint or the mock. Raises NoEngine with the remedy."""
    if weights is None:
        fitting: type[Engine] = Hosted if hosted else Mock
        if asked not in ("auto", fitting.slug):
            raise NoEngine(f"{asked} cannot run this model: it is for {fitting.slug}")
        return fitting
    if asked != "auto":
        if asked not in ENGINES:
            raise NoEngine(f"there is no engine {asked!r}: {', '.join(ENGINES)}")
        if reason := ENGINES[asked].can_run(weights, device):
            raise NoEngine(reason)
        return ENGINES[asked]
    reasons = []
    for engine in (Llama, Vllm, Transformers):
        reason = engine.can_run(weights, device)
        if not reason:
            return engine
        reasons.append(reason)
    raise NoEngine(f"no engine here runs {weights.format} on {device}: {'; '.join(reasons)}")
