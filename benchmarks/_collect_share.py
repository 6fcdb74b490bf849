"""One worker of `benchmark collect`: a line on its input is a round, a line on its output says what came of it."""

import json
import os
import sys
from collections import Counter
from datetime import datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landscape.settings")
django.setup()

from django.utils import timezone  # noqa: E402  its settings are read first

from tracker.fetch import Fetcher  # noqa: E402
from tracker.models import Endpoint  # noqa: E402
from tracker.pipeline import collect  # noqa: E402

if __name__ == "__main__":
    mirror, share, of = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    pace = collect.database_pace(timedelta(0), clock=timezone.now)
    with Fetcher("Benchmark/1.0 (+https://example.org/about)", mirror=mirror, pace=pace) as fetcher:
        print("ready", flush=True)
        for line in sys.stdin:
            now, outcomes = datetime.fromisoformat(line.strip()), Counter[str]()
            due = Endpoint.objects.filter(due_at__lte=now, url__contains=".example.org/").order_by("pk")
            for endpoint in list(due.values_list("pk", flat=True))[share::of]:
                attempt = collect.collect(endpoint, now=now, by=f"worker {share}", fetching=lambda: fetcher)
                outcomes[attempt.outcome if attempt else "somebody else's"] += 1
            print(json.dumps(outcomes), flush=True)
