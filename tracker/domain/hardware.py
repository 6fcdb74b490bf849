"""How much memory a model asks for on a reader's own machine, and how much some accelerators have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

BITS: Final = (16, 8, 4)
# The weights and a fifth for what a forward pass adds: the rule of thumb of EleutherAI's "Transformer Math 101" (April
# 2023). A long context or many readers at once ask for more: the cache of keys and values is not in it.
OVERHEAD: Final = 1.2
SOURCE: Final = "https://blog.eleuther.ai/transformer-math/"
GB: Final = 1e9


@dataclass(frozen=True, slots=True)
class Accelerator:
    """A card by the name that carries its memory."""

    name: str
    memory: int  # GB


# As Epoch AI's "Data on AI models" (CC BY 4.0, column "Training hardware") names them, January 2026:
# https://epoch.ai/data/notable_ai_models.csv. Cards whose memory no stored document states are left out.
ACCELERATORS: Final = (
    Accelerator("NVIDIA GeForce RTX 2080 Ti", 11),
    Accelerator("NVIDIA P100, Tesla V100 (16 GB)", 16),
    Accelerator("NVIDIA Tesla V100 (32 GB)", 32),
    Accelerator("NVIDIA A100, A800 (40 GB)", 40),
    Accelerator("NVIDIA A100, A800 (80 GB)", 80),
    Accelerator("NVIDIA H100 SXM5", 80),
)


def memory(parameters: float, bits: int) -> float:
    """GB to run a model with weights of so many bits: parameters x bits / 8 x 1.2. All experts of a mixture count:
    they must lie in memory though few are active at a time."""
    return parameters * bits / 8 * OVERHEAD / GB


def memories(parameters: float | None) -> Mapping[int, float]:
    """The memory at every width of the weights; empty where nobody told the size."""
    return {bits: memory(parameters, bits) for bits in BITS} if parameters else {}


def widest(parameters: float, available: float, least: int = BITS[-1]) -> int | None:
    """The most bits, of those not under `least`, at which the model fits; None where it does not."""
    return next((bits for bits in BITS if bits >= least and memory(parameters, bits) <= available), None)
