"""The machine that an evaluation runs on, and what of it a run may know and its record tells."""

import shlex
import socket
import subprocess
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from tracker.evals import hardware, isolation
from tracker.evals.backends.choosing import device_for
from tracker.evals.session import KEY
from tracker.evaluating.keeper import Clock
from tracker.models import Evaluation
from tracker.pipeline import evaluating

LEAST_MEMORY = 8 * 2**30  # libraries reserve far more addresses than they use
AT_ONCE = {"cpu": 4, "cuda": 64, "endpoint": 16}


def host() -> str:
    """This machine's name, as batches and their files carry it."""
    return socket.gethostname()


def wall() -> isolation.Wall:
    """How firmly this installation wants models held back, by EVALUATION_ISOLATION."""
    return isolation.Wall(settings.EVALUATION_ISOLATION)


def at_once(row: Evaluation) -> int:
    """How many questions are asked side by side."""
    kind = "endpoint" if endpoint_of(row) else device_for(row.device)
    return settings.EVALUATION_CONCURRENCY or AT_ONCE[kind]


def memory() -> int:
    """Bytes that a process of the sandbox may have in addresses: all of the machine's, unless somebody says less."""
    return settings.EVALUATION_MEMORY * 2**30 or max(LEAST_MEMORY, hardware.memory() or 0)


def endpoint_of(row: Evaluation) -> str:
    """The host of a hosted model; blank for one that runs here."""
    parts = urlsplit(row.model)
    return (parts.hostname or "") if parts.scheme in ("http", "https") else ""


def environment_of(row: Evaluation) -> dict[str, str]:
    """What the session may know: the devices, the hub's token for fetching, and the key of the endpoint's own host."""
    secrets = {"HF_TOKEN": settings.HF_TOKEN, KEY: settings.EVALUATION_KEYS.get(endpoint_of(row), "")}
    return settings.EVALUATION_DEVICES | {name: value for name, value in secrets.items() if value}


def announce(*, clock: Clock) -> None:
    """This machine serves the queue."""
    evaluating.announce(host(), machine(), now=clock())


@cache
def machine() -> dict[str, Any]:
    """Processors, memory and devices, asked for once a process: a run's record tells them with every result."""
    return hardware.describe()


@cache
def revision() -> str:
    """The commit that runs here, with "+" where files differ from it; blank where this is no checkout."""
    git = ["git", "-C", str(settings.BASE_DIR)]
    try:
        commit, changed = (
            subprocess.run([*git, *asked], capture_output=True, text=True, check=True, timeout=30).stdout.strip()
            for asked in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return commit + ("+" if changed else "")


def command_of(row: Evaluation) -> str:
    """What asks for the same again."""
    said: dict[str, object] = {
        "--suite": row.suite,
        "--name": row.name,
        "--engine": row.engine,
        "--device": row.device,
        "--mode": row.mode,
        "--max-tokens": row.max_tokens,
    }
    if row.mode == Evaluation.Mode.SAMPLED:
        said |= {"--temperature": row.temperature, "--top-p": row.top_p, "--repeats": row.repeats}
    if row.limit is not None:
        said["--limit"] = row.limit
    if row.seed is not None and not row.week:
        said["--seed"] = row.seed
    options = [word for name, value in said.items() for word in (name, str(value))]
    return shlex.join(["manage.py", "evaluate", row.model, *options])
