"""Reads one stored snapshot in a process of its own, and says what that took: `python -m benchmarks._read_one ID`."""

import json
import os
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landscape.settings")
django.setup()

from benchmarks import _scores  # noqa: E402  its models need Django
from tracker.pipeline import ingest  # noqa: E402


def peak_mb() -> float:
    """The most that this process ever had in memory. getrusage would count its parent's, from before the exec."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    before, began = peak_mb(), time.monotonic()
    read = ingest.ingest(int(sys.argv[1]), now=_scores.START, by="benchmark")
    if read is None or read.state != read.State.INGESTED:
        sys.exit(f"the document was not read: {read and read.message}")
    print(json.dumps({"before_mb": before, "peak_mb": peak_mb(), "seconds": time.monotonic() - began}))
