"""Reads one stored snapshot in a process of its own, and says what that took: `python -m benchmarks._read_one ID`."""

import json
import os
import resource
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landscape.settings")
django.setup()

from benchmarks import _scores  # noqa: E402  its models need Django
from tracker.pipeline import ingest  # noqa: E402


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    before, began = peak_mb(), time.monotonic()
    read = ingest.ingest(int(sys.argv[1]), now=_scores.START, by="benchmark")
    if read is None or read.state != read.State.INGESTED:
        sys.exit(f"the document was not read: {read and read.message}")
    print(json.dumps({"before_mb": before, "peak_mb": peak_mb(), "seconds": time.monotonic() - began}))
