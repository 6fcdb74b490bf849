"""What a machine's own counters say of the energy that a run took; where there is no counter there is no figure."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from tracker.domain.eval_meter import counted, powers, thinned
from tracker.domain.evaluation import Energy

EVERY: Final = 0.1  # seconds between two readings of the trace
POWERCAP: Final = Path("/sys/class/powercap")


class CounterLostError(Exception):
    """A counter stopped answering. What it said before is no figure for the whole, so there is none."""


class Counter(Protocol):
    """One way to read a machine's energy."""

    kind: str

    def joules(self) -> float:
        """Since some beginning, never falling. Raises CounterLostError."""

    def watts(self) -> float | None:
        """At this moment; None where only differences of the counter tell. Raises CounterLostError."""

    def busy(self) -> float | None:
        """The share of the last moment in which a kernel ran, 0..1, the mean of the GPUs; None without any."""

    def close(self) -> None: ...


class NvmlCounter:
    """NVIDIA's GPUs by their driver's counter, which tells millijoules since the driver was loaded (Volta and newer,
    not a slice of one). Several are summed. What the rest of the machine takes is not in it."""

    kind = "nvml"

    def __init__(self, nvml: Any, handles: Sequence[Any]) -> None:
        self._nvml, self._handles = nvml, tuple(handles)

    @classmethod
    def open(cls, nvml: Any, device: str) -> "NvmlCounter | None":
        """The GPUs that `device` names: "cuda" is all of them, "cuda:0,2" some, by NVML's numbers."""
        try:
            nvml.nvmlInit()
        except nvml.NVMLError:  # NVMLError_LibraryNotFound, and all other ways to have no driver
            return None
        try:
            chosen = _numbers(device) or range(nvml.nvmlDeviceGetCount())
            found = cls(nvml, [nvml.nvmlDeviceGetHandleByIndex(number) for number in chosen])
            found.joules()
        except (nvml.NVMLError, CounterLostError):
            nvml.nvmlShutdown()
            return None
        if not found._handles:
            found.close()
            return None
        return found

    def joules(self) -> float:
        return self._sum(self._nvml.nvmlDeviceGetTotalEnergyConsumption) / 1000

    def watts(self) -> float:
        return self._sum(self._nvml.nvmlDeviceGetPowerUsage) / 1000

    def busy(self) -> float:
        rates = self._sum(lambda handle: self._nvml.nvmlDeviceGetUtilizationRates(handle).gpu)
        return rates / 100 / len(self._handles)

    def close(self) -> None:
        try:
            self._nvml.nvmlShutdown()
        except self._nvml.NVMLError:
            return  # it is gone already

    def _sum(self, asked: Any) -> float:
        try:
            return float(sum(asked(handle) for handle in self._handles))
        except self._nvml.NVMLError as error:
            raise CounterLostError(str(error)) from error


@dataclass(slots=True)
class _Package:
    """A processor with its memory controllers, as the kernel's powercap tree shows it."""

    file: Path
    top: int
    last: int
    counted: int = 0  # microjoules since it was opened


class RaplCounter:
    """A processor's packages by RAPL. Its counters begin again after minutes, so it must be read more often than that:
    the trace does. Domains inside a package, and the whole platform's, are left out: they would count twice."""

    kind = "rapl"

    def __init__(self, packages: Sequence[_Package]) -> None:
        self._packages = tuple(packages)

    @classmethod
    def open(cls, powercap: Path = POWERCAP) -> "RaplCounter | None":
        """None without RAPL, and where any package may not be read (most kernels let only root)."""
        packages = []
        try:
            for folder in sorted(powercap.glob("intel-rapl:*")):
                if not (folder / "name").read_text("ascii").startswith("package"):
                    continue
                file = folder / "energy_uj"
                packages.append(_Package(file, _integer(folder / "max_energy_range_uj"), _integer(file)))
        except (OSError, ValueError):
            return None
        return cls(packages) if packages else None

    def joules(self) -> float:
        try:
            for one in self._packages:
                now = _integer(one.file)
                one.counted += counted(one.last, now, one.top)
                one.last = now
        except (OSError, ValueError) as error:
            raise CounterLostError(str(error)) from error
        return sum(one.counted for one in self._packages) / 1e6

    def watts(self) -> None:
        return None

    def busy(self) -> None:
        return None

    def close(self) -> None:
        return None


class Measured:
    """What a block took. Both are None until it ended, and after it where the counter was lost on the way."""

    def __init__(self) -> None:
        self.energy: Energy | None = None
        self.busy: float | None = None


class Meter:
    """A counter, and the thread that reads it while something runs."""

    def __init__(self, counter: Counter, *, every: float = EVERY) -> None:
        self._counter, self._every = counter, every

    @classmethod
    def open(cls, device: str, *, powercap: Path = POWERCAP, nvml: Any = None, every: float = EVERY) -> "Meter | None":
        """The counter of what the model will run on, or None. A run on GPUs has no figure but theirs: the processor's
        alone would make it look a tenth as hungry as it is. "auto" takes GPUs where there are any."""
        counter: Counter | None = None
        if device.startswith(("cuda", "auto")) and (library := nvml or _library()) is not None:
            counter = NvmlCounter.open(library, device)
        if counter is None and device in ("cpu", "auto"):
            counter = RaplCounter.open(powercap)
        return None if counter is None else cls(counter, every=every)

    @property
    def kind(self) -> str:
        return self._counter.kind

    def idle(self, seconds: float) -> float | None:
        """Watts while nothing is asked of the machine. None where the counter was lost."""
        try:
            before, began = self._counter.joules(), time.monotonic()
            time.sleep(seconds)
            after, ended = self._counter.joules(), time.monotonic()
        except CounterLostError:
            return None
        return (after - before) / (ended - began)

    @contextmanager
    def measure(self, *, idle: float) -> Iterator[Measured]:
        """Reads the counter while the block runs; afterwards `energy` says what it took. A meter that fails is never
        the end of the run that it watched."""
        measured, trace = Measured(), _Trace(self._counter, self._every)
        trace.start()
        try:
            yield measured
        finally:
            measured.energy, measured.busy = trace.end(idle)

    def close(self) -> None:
        self._counter.close()

    def __enter__(self) -> "Meter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Trace(threading.Thread):
    def __init__(self, counter: Counter, every: float) -> None:
        super().__init__(name="energy", daemon=True)
        self._counter, self._every, self._over = counter, every, threading.Event()
        self._times: list[float] = []
        self._joules: list[float] = []
        self._watts: list[float] = []
        self._busy: list[float] = []
        self._lost = False

    def start(self) -> None:
        self._read()  # here, not in the thread: it may begin later than the work
        super().start()

    def run(self) -> None:
        while not self._over.wait(self._every):
            self._read()

    def end(self, idle: float) -> tuple[Energy | None, float | None]:
        self._over.set()
        self.join()
        self._read()
        if self._lost:
            return None, None
        seconds = self._times[-1] - self._times[0]
        watts = self._watts or powers(self._times, self._joules)
        # As far apart as they came to be: a busy machine lets the thread wait.
        kept, every = thinned(watts, seconds / (len(self._times) - 1))
        energy = Energy(
            meter=self._counter.kind,
            joules=self._joules[-1] - self._joules[0],
            seconds=seconds,
            idle=idle,
            every=every,
            watts=[round(one, 2) for one in kept],
        )
        return energy, sum(self._busy) / len(self._busy) if self._busy else None

    def _read(self) -> None:
        try:
            joules, watts, busy = self._counter.joules(), self._counter.watts(), self._counter.busy()
        except CounterLostError:
            self._lost = True
            return
        self._times.append(time.monotonic())
        self._joules.append(joules)
        if watts is not None:
            self._watts.append(watts)
        if busy is not None:
            self._busy.append(busy)


def graphics(nvml: Any = None) -> list[dict[str, Any]] | None:
    """The GPUs as their driver names them; None where no driver answers."""
    library = nvml or _library()
    if library is None:
        return None
    try:
        library.nvmlInit()
    except library.NVMLError:
        return None
    try:
        driver = _text(library.nvmlSystemGetDriverVersion())
        found = []
        for number in range(library.nvmlDeviceGetCount()):
            handle = library.nvmlDeviceGetHandleByIndex(number)
            major, minor = library.nvmlDeviceGetCudaComputeCapability(handle)
            found.append(
                {
                    "name": _text(library.nvmlDeviceGetName(handle)),
                    "memory": int(library.nvmlDeviceGetMemoryInfo(handle).total),
                    "driver": driver,
                    "compute": f"{major}.{minor}",
                }
            )
        return found
    except library.NVMLError:
        return None
    finally:
        library.nvmlShutdown()


def _library() -> Any:
    """NVIDIA's bindings, or None where the extra that brings them was not installed."""
    try:
        import pynvml
    except ImportError:
        return None
    return pynvml


def _numbers(device: str) -> list[int]:
    return [int(one) for one in device.partition(":")[2].split(",") if one]


def _integer(file: Path) -> int:
    return int(file.read_text("ascii"))


def _text(value: str | bytes) -> str:
    """Older bindings tell bytes."""
    return value.decode() if isinstance(value, bytes) else value
