"""The worker's side of a run: finds and verifies the model, starts the child behind the wall, asks it, believes it not.

The child's standard output is a spool file that it goes on with: what a worker that was killed has not read lies there
in whole lines, and is nobody's as long as the file is locked. The lock is on the open file that worker and child share,
so it ends with the later of the two. The child dies with the thread that opened the session.
"""

import contextlib
import fcntl
import json
import math
import os
import select
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, Any, Self, cast

from tracker.domain.evaluation import LONGEST_ANSWER, Answer, ForgedError, Job, Mode, Ready, Weights, answer_from_json
from tracker.domain.evaluation import to_json as as_line
from tracker.evals import troubles
from tracker.evals.backends.base import Plan, ending
from tracker.evals.backends.choosing import ENGINES, choose, device_for, devices
from tracker.evals.backends.finding import Located, locate
from tracker.evals.isolation import Wall, command, end
from tracker.evals.troubles import EngineLost, NoEngine, NoRoom, Trouble
from tracker.evals.weights import verify

SLOTS = 4
LONGEST_LINE = 16 * LONGEST_ANSWER  # bytes of an answer with everything escaped
LOOK = 0.05  # seconds between looks at the spool
GRACE = 120.0  # seconds beyond what its samples may take that a job is waited for
LOADING = 2400.0  # seconds a child may take to be ready
GOING = 10.0  # seconds a killed child may take to be gone
TAIL = 2000
PROCESSES = 1024
KEY = "EVALUATION_KEY"
# What a local engine may be told; whatever else the worker knows, and all that is secret, stays outside.
PASSED_ON = ("CUDA_", "NVIDIA_", "VLLM_", "OMP_", "LD_LIBRARY_PATH", "PYTORCH_", "TORCH_")
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "XDG_DATA_HOME": "/tmp",  # noqa: S108  the sandbox's own
    "XDG_CACHE_HOME": "/tmp",  # noqa: S108
}
CODE = Path(__file__).resolve().parents[1]  # the package, without the project's folder


class Session:
    """A model that is ready to be asked, for a whole run. After EngineLost or NoRoom, `alive` says whether it can be
    asked again; if not, close it and open another."""

    def __init__(self, argv: Sequence[str], spool: Path, weights: Weights | None) -> None:
        self.weights = weights
        spool.parent.mkdir(parents=True, exist_ok=True)
        self.spool = spool.open("ab+", buffering=0)
        fcntl.flock(self.spool, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.log = tempfile.TemporaryFile()  # noqa: SIM115  as long as the session
        self.process = Popen(argv, stdin=PIPE, stdout=self.spool, stderr=self.log, bufsize=0)
        self.pipe = cast(IO[bytes], self.process.stdin)  # asked for above
        os.set_blocking(self.pipe.fileno(), False)
        self.read_to = self.spool.seek(0, os.SEEK_END)
        self.rest = b""
        self.stopped = threading.Event()
        self.ready: Ready
        self.engine = ""

    @classmethod
    def open(
        cls,
        model: str,
        *,
        engine: str = "auto",
        device: str = "auto",
        wall: Wall,
        spool: Path,
        environment: Mapping[str, str],
        context: int | None = None,
        slots: int = SLOTS,
        cache: Path | None = None,
        memory: int | None = None,
        seconds: float | None = None,
    ) -> Self:
        """Raises a Trouble, NoRoom or EngineLost. `slots` is the most questions that will be asked at once; `cache` is
        where fetched models are kept; `memory` is a limit in bytes and `seconds` one on the whole session."""
        found = locate(model, cache=cache or spool.parent / "models", environment=environment)
        weights = verify(found.path) if found.path is not None else None
        hosted = bool(found.address)
        where = device_for(device) if weights is not None else "cpu"
        kind = choose(engine, weights=weights, hosted=hosted, device=where)
        argv, words = command(
            [sys.executable, "-P", "-s", "-m", "tracker.evals.runner"],
            wall=wall,
            readable=[CODE, *([found.path] if found.path else [])],
            devices=devices(where) if weights is not None else [],
            network=hosted,
            # CUDA reserves addresses by the terabyte.
            memory=memory if where == "cpu" else None,
            processes=PROCESSES,
            seconds=seconds,
            environment=_environment(environment, local=not hosted),
        )
        plan = Plan(
            kind.slug,
            _model(found),
            found.name,
            where,
            slots,
            words,
            context,
            environment.get(KEY, "") if hosted else "",
        )
        session = cls(argv, spool, weights)
        session.begin(plan)
        return session

    def begin(self, plan: Plan) -> None:
        """Tells the child what to start, and waits for it."""
        self.engine = plan.engine
        try:
            self._write(plan.to_json(), until=time.monotonic() + LOADING)
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        return not self.stopped.is_set() and self.process.poll() is None

    def ask(self, job: Job) -> Iterator[Answer]:
        """Answers as they are finished. Raises ForgedError on what no honest child writes, NoRoom or EngineLost when
        the model is gone, and NoEngine where the engine cannot do what is asked."""
        if job.sampling.mode is Mode.CHOICE and not ENGINES[self.engine].likely:
            raise NoEngine(f"{self.engine} tells no likelihoods; ask with llama (a GGUF file), vllm or an endpoint")
        rounds = math.ceil(len(job.questions) / max(1, job.concurrency))
        until = time.monotonic() + rounds * job.sampling.seconds + GRACE
        self._write(as_line(job), until=until)
        open_numbers = {question.number for question in job.questions}
        while True:
            line = self._line(until)
            if (said := _end_of(line, job.nonce)) is not None:
                break
            answer = answer_from_json(line, nonce=job.nonce, numbers=open_numbers)
            open_numbers.discard(answer.number)
            yield answer
        detail = str(said.get("detail", ""))[:TAIL]
        if said["trouble"] == "memory":
            raise NoRoom(detail)
        if said["trouble"] or open_numbers:
            raise EngineLost(detail or f"{len(open_numbers)} questions came back without an answer")

    def stop(self) -> None:
        """Ends the child at once, from any thread; who is asking gets EngineLost."""
        self.stopped.set()
        if self.process.poll() is None:
            end(self.process)

    def close(self) -> None:
        """Ends the child. The spool is left, unlocked, to who takes its lines in."""
        self.stop()
        with contextlib.suppress(OSError):
            self.pipe.close()
        self.spool.close()
        self.log.close()
        self._wait_for_the_lock()

    def _wait_for_the_lock(self) -> None:
        """Those inside a sandbox die a moment after the process that holds it, and with the last of them the lock."""
        until = time.monotonic() + GOING
        with contextlib.suppress(FileNotFoundError), Path(self.spool.name).open("rb") as file:
            while time.monotonic() < until:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                time.sleep(0.01)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait_until_ready(self) -> None:
        line = self._line(time.monotonic() + LOADING)
        try:
            said = json.loads(line)
            if "trouble" in said:
                raise _named(str(said["trouble"]))(str(said.get("detail", ""))[: 2 * TAIL])
            self.ready = Ready(**said["ready"])
        except (ValueError, TypeError, KeyError) as error:
            raise ForgedError(f"the child says of itself what none says: {error}") from None

    def _write(self, content: bytes, *, until: float) -> None:
        """Without waiting for ever for a child that does not read."""
        pipe = self.pipe.fileno()
        while content:
            self._check(until)
            if not select.select([], [pipe], [], LOOK)[1]:
                continue
            try:
                content = content[os.write(pipe, content) :]
            except BrokenPipeError:
                self.process.wait()

    def _line(self, until: float) -> bytes:
        """The next line of the spool."""
        while b"\n" not in self.rest:
            if len(self.rest) > LONGEST_LINE:
                raise ForgedError("a line longer than any answer")
            gone = self.process.poll() is not None  # before the look: what it wrote last is to be read
            # Not by the file's own place: the child's writes move it.
            more = os.pread(self.spool.fileno(), 1 << 20, self.read_to)
            self.read_to += len(more)
            self.rest += more
            if not more:
                if gone or self.stopped.is_set() or time.monotonic() >= until:
                    self._check(until)
                time.sleep(LOOK)
        line, _, self.rest = self.rest.partition(b"\n")
        return line

    def _check(self, until: float) -> None:
        """Raises once nothing more can come."""
        if self.stopped.is_set():
            raise EngineLost("the session was stopped")
        status = self.process.poll()
        if status is not None:
            raise EngineLost(f"the runner {ending(status)}. {self._last_words()}".strip())
        if time.monotonic() >= until:
            self.stop()
            raise EngineLost("the runner took longer than all its questions may, and was ended")

    def _last_words(self) -> str:
        size = os.fstat(self.log.fileno()).st_size
        said = os.pread(self.log.fileno(), TAIL, max(0, size - TAIL)).decode("utf-8", "replace").strip()
        return f"Its last words: {said}" if said else ""


def _environment(given: Mapping[str, str], *, local: bool) -> dict[str, str]:
    kept = {name: value for name, value in given.items() if local and name.startswith(PASSED_ON)}
    return {**kept, **OFFLINE, "PYTHONPATH": str(CODE.parent)}


def _model(found: Located) -> str:
    return str(found.path) if found.path is not None else found.mock if found.mock is not None else found.address


def _named(name: str) -> type[Exception]:
    kind = getattr(troubles, name, None)
    if isinstance(kind, type) and issubclass(kind, Trouble | EngineLost):
        return kind
    return EngineLost


def _end_of(line: bytes, nonce: str) -> dict[str, Any] | None:
    """What a job's last line says, None if the line is another."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if isinstance(said, dict) and said.keys() == {"done", "trouble", "detail"} and said["done"] == nonce:
        return said
    return None


def leftovers(folder: Path) -> Iterator[tuple[Path, list[bytes]]]:
    """The spool files that no living session has locked, with their whole lines; a line that was cut off is nobody's
    answer. A file stays locked while its lines are being taken in, and may be deleted then."""
    if not folder.is_dir():
        return
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if not path.exists():
                continue  # another worker took it in between
            content = file.read()
            yield path, [line for line in content.split(b"\n")[:-1] if line]
