"""What an engine is: something that is started with a plan, answers at an address, and says how it was started."""

import contextlib
import ctypes
import importlib.metadata
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, Any, ClassVar

import httpx

from tracker.domain.evaluation import Sampling, Weights
from tracker.evals.troubles import BrokenWeights, EngineLost, NoRoom

LOCAL = "127.0.0.1"
PATIENCE = 1800.0  # seconds a server may take to load: hundreds of gigabytes from a slow disk
TAIL = 4000  # characters of a server's last words
OUT_OF_MEMORY = re.compile(
    r"out of memory|cannot allocate memory|bad_alloc|outofmemory|cudaerrormemoryallocation|oom-kill|memoryerror"
    r"|failed to allocate|unable to allocate|defaultcpuallocator: can't allocate|no available memory for the cache"
    r"|not enough memory|kv cache is needed, which is larger",
    re.IGNORECASE,
)
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What a runner is to start. `model` is a path, an address or the words of a mock; `slots` is how many questions
    the engine is asked at once at most; `key` is the one of a hosted endpoint."""

    engine: str
    model: str
    name: str
    device: str
    slots: int
    isolation: str = ""
    context: int | None = None
    key: str = ""

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_json(cls, line: bytes) -> "Plan":
        return cls(**json.loads(line))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a started engine answers, and under which name of the model; without an address it answers by itself."""

    url: str
    model: str
    key: str = "local"


@dataclass(frozen=True, slots=True)
class Description:
    """Enough of a started engine to start it again in the same way."""

    version: str
    device: str
    dtype: str
    arguments: Mapping[str, Any]
    packages: Mapping[str, str] = field(default_factory=dict)
    context: int | None = None


class Engine(ABC):
    """One way to run a model."""

    slug: ClassVar[str]
    likely: ClassVar[int] = 0  # how many of the likeliest next tokens it names with their likelihoods
    retries: ClassVar[int] = 0  # of a question that failed on its way there

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    @staticmethod
    @abstractmethod
    def can_run(weights: Weights | None, device: str) -> str:
        """Why it cannot, in words for a person; nothing if it can. Imports nothing heavy."""

    def launch(self) -> None:
        """Begins to start and comes back at once."""
        return

    @abstractmethod
    def start(self) -> Endpoint:
        """Comes back when it answers. Raises NoRoom, EngineLost or a Trouble."""

    def prepared(self, endpoint: Endpoint, sampling: Sampling) -> Endpoint:
        """Where to ask for answers made in that way. Raises as `start` does."""
        return endpoint

    def stop(self) -> None:
        """Safe to call twice."""
        return

    @abstractmethod
    def describe(self) -> Description: ...

    def lost(self) -> EngineLost | None:
        """Why it answers no more, None as long as it does."""
        return None

    def extras(self, sampling: Sampling) -> dict[str, Any]:
        """Fields of a question beyond OpenAI's."""
        return {}


class ServerEngine(Engine):
    """An engine that is a server process of its own on this machine, so that its end is not the runner's."""

    process: subprocess.Popen[bytes] | None = None
    log: IO[bytes] | None = None
    seconds = 0.0

    @abstractmethod
    def argv(self, port: int) -> Sequence[str]: ...

    health: ClassVar[str] = "/health"

    def launch(self) -> None:
        if self.process is not None:
            return
        self.port = free_port()
        self.log = tempfile.TemporaryFile()  # noqa: SIM115  as long as the server
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            self.argv(self.port),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )

    def start(self) -> Endpoint:
        self.launch()
        url = f"http://{LOCAL}:{self.port}"
        with httpx.Client(trust_env=False, timeout=5) as client:
            while not self._healthy(client, url):
                lost = self.lost()
                if isinstance(lost, NoRoom):
                    raise lost
                if lost is not None:
                    raise BrokenWeights(f"{self.slug} does not start with these weights. {lost}")
                if time.monotonic() - self.began > PATIENCE:
                    raise EngineLost(f"{self.slug} was not ready after {PATIENCE:.0f} seconds. {self._last_words()}")
                time.sleep(0.05)
        self.seconds = time.monotonic() - self.began
        return Endpoint(f"{url}/v1", self.plan.name)

    def _healthy(self, client: httpx.Client, url: str) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return client.get(url + self.health).status_code == 200
        return False

    def lost(self) -> EngineLost | None:
        status = self.process.poll() if self.process is not None else 0
        if status is None:
            return None
        words = self._last_words()
        # The kernel kills what takes the last of the memory, and says so nowhere that a process can read.
        if status == -signal.SIGKILL or OUT_OF_MEMORY.search(words):
            return NoRoom(f"{self.slug} ended for want of memory ({ending(status)}). {words}".strip())
        return EngineLost(f"{self.slug} {ending(status)}. {words}".strip())

    def _last_words(self) -> str:
        if self.log is None:
            return ""
        size = self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, size - TAIL))
        said = self.log.read().decode("utf-8", "replace")
        self.log.seek(0, os.SEEK_END)
        return "Its last words: " + said.strip() if said.strip() else ""

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        if self.log is not None:
            self.log.close()
        self.process = self.log = None


def ending(status: int) -> str:
    """How a process ended, in words."""
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def free_port() -> int:
    """A port of the loopback that was free a moment ago; nothing keeps it so until the caller opens it."""
    with socket.socket() as listener:
        listener.bind((LOCAL, 0))
        port: int = listener.getsockname()[1]
        return port


def versions(*names: str) -> dict[str, str]:
    """Of those of the packages that are installed."""
    found = {}
    for name in names:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def _die_with_parent() -> None:
    """A runner that is killed takes its server along, also where no sandbox does it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
