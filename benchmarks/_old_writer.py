"""Writes as a worker does, with the code of whichever version it is started in, and says how long each turn took.

Started as a file with that version's folder in PYTHONPATH, so that it imports nothing of this one.
"""

import itertools
import json
import os
import sys
import time
import zlib


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landscape.settings")
    import django

    django.setup()
    from django.db import Error
    from django.utils import timezone

    from tracker.models import Endpoint, Fetch
    from tracker.pipeline import collect, ingest
    from tracker.pipeline.versions import raise_data_version

    pause, name = float(sys.argv[1]), f"writer-{os.getpid()}"
    endpoint = Endpoint.objects.filter(current__isnull=False).order_by("current__blob__size").first()
    if endpoint is None or endpoint.current is None:
        raise RuntimeError("nothing was read yet")
    body, kind = zlib.decompress(endpoint.current.blob.packed), endpoint.current.media_type
    for turn in itertools.count(1):
        time.sleep(pause)
        began, now, error = time.perf_counter(), timezone.now(), ""
        try:
            # The same rows in other bytes: another document, whose reading changes no fact.
            other = body + b"\n" * (1 + (turn + os.getpid()) % 50_000)
            snapshot, _ = collect.keep(endpoint, other, fetched_at=now, media_type=kind)
            Fetch.objects.create(endpoint=endpoint, started_at=now, seconds=0, outcome="changed", snapshot=snapshot)
            read = ingest.ingest(snapshot.pk, now=now, by=name)
            # No page that was made before is shown again.
            raise_data_version(now=timezone.now())
            state = "" if read is None else read.state
        except Error as problem:
            error, state = f"{type(problem).__name__}: {problem}", ""
        told = {"at": time.monotonic(), "seconds": time.perf_counter() - began, "error": error, "state": state}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
