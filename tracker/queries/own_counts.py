"""What the processes of this machine counted of themselves, as families of numbers."""

from itertools import accumulate
from pathlib import Path

from landscape.observe import counting
from landscape.observe.counting import KINDS, Count, Process
from tracker.queries.metric import Metric, Sample, by, gauge


def counts(folder: Path) -> list[Metric]:
    """Pages and tasks, and the processes that live; every family is there, whatever was counted."""
    rows, living = counting.read(folder)
    return [*(_family(kind, rows) for kind in KINDS), *_processes(living)]


def _family(kind: str, rows: list[Count]) -> Metric:
    told = KINDS[kind]
    samples: list[Sample] = []
    for row in rows:
        if row.kind != kind:
            continue
        labels = tuple(zip(told.labels, row.labels, strict=True))
        if not told.bounds:
            samples.append(Sample(labels, row.values[0]))
            continue
        *buckets, total = row.values
        reached = list(accumulate(buckets))
        limits = [*(repr(bound) for bound in told.bounds), "+Inf"]
        samples += [Sample((*labels, ("le", le)), n, "_bucket") for le, n in zip(limits, reached, strict=True)]
        samples += [Sample(labels, total, "_sum"), Sample(labels, reached[-1], "_count")]
    return Metric(f"landscape_{kind}", told.help, "histogram" if told.bounds else "counter", tuple(samples))


def _processes(living: list[Process]) -> list[Metric]:
    resident: dict[str, float] = {}
    number: dict[str, float] = {}
    for process in living:
        resident[process.part] = resident.get(process.part, 0) + process.resident_bytes
        number[process.part] = number.get(process.part, 0) + 1
    return [
        gauge("process_resident_bytes", "Memory of a part's processes on this machine.", by("part", resident.items())),
        gauge("processes", "Processes of a part on this machine that count.", by("part", number.items())),
    ]  # fmt: skip
