"""`python -m tests.faults.soak`: an installation at work for a while without a fault, and what grows meanwhile."""

import argparse
import contextlib
import json
import math
import random
import sys
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from statistics import median

from landscape.local import processes
from tests.faults.brokers import broker
from tests.faults.installation import Installation, descendants
from tests.faults.reading import Readers
from tests.faults.world import World

ROLES = ("web", "collector", "computer", "beat")
WARM = 0.5  # of the time is left out: caches fill, libraries are loaded; more readers than later hasten it
HASTENING = 6  # readers
# A look resembles the one before it. The middles of as many stretches of time hardly do: their scatter is the error.
STRETCHES = 10
STATED = {"MB/h": 1.0, "oldest job, s": 60.0}
# How long what is ready has waited, by what it waits for.
OLDEST = """
SELECT coalesce(max(extract(epoch FROM now() - since)), 0) FROM (
    SELECT greatest(due_at, not_before) AS since
        FROM tracker_endpoint JOIN tracker_source ON tracker_source.id = source_id
        WHERE enabled AND every IS NOT NULL AND lease_until IS NULL
    UNION ALL SELECT greatest(fetched_at, not_before) FROM tracker_snapshot
        WHERE state = 'stored' AND lease_until IS NULL
    UNION ALL SELECT greatest(created_at, not_before) FROM tracker_indexrun WHERE state = 'due' AND lease_until IS NULL
) AS ready WHERE since <= now()
"""
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"


def resident(pid: int) -> float:
    """Megabytes of its own data, and its share of those that it has from its parent; 0 for a process that has ended.
    Libraries are left out: what they weigh depends on who else on the machine uses them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:")) / 1024


def sample(site: Installation) -> dict[str, float]:
    """Memory by role with everybody below it, and what the database says."""
    found = {
        role: sum(resident(pid) for head in site.found(role) for pid in (head, *descendants(head))) for role in ROLES
    }
    found["up"] = resident(site.up.pid) if site.up else 0.0
    found["connections"] = float(site.ask(CONNECTIONS)[0][0])
    found["oldest job, s"] = float(site.ask(OLDEST)[0][0])
    return found


def slope(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """How much a figure grows in a unit of time, by least squares, and the standard error of that."""
    count = len(points)
    middle_t, middle_y = (sum(point[axis] for point in points) / count for axis in (0, 1))
    spread = sum((t - middle_t) ** 2 for t, _ in points)
    steep = sum((t - middle_t) * (y - middle_y) for t, y in points) / spread
    left = sum((y - middle_y - steep * (t - middle_t)) ** 2 for t, y in points)
    return steep, math.sqrt(left / max(1, count - 2) / spread)


def stretches(looks: Sequence[Mapping[str, float]], name: str) -> list[tuple[float, float]]:
    """When, and how much as a rule, for each stretch of the time: the median, for a pool process that has just been
    replaced is small for a look or two, which is no growth of those after it."""
    size = max(1, len(looks) // STRETCHES)
    parts = [looks[start : start + size] for start in range(0, len(looks) - size + 1, size)]
    return [(sum(one["hours"] for one in part) / size, median(one[name] for one in part)) for part in parts]


class Verdict(StrEnum):
    HOLDS = "ok"
    GROWS = "TOO MUCH"
    UNDECIDED = "not told in this time"


def judged(steep: float, error: float, stated: float) -> Verdict:
    """Whether a growth is surely below or surely above what is stated, by two standard errors."""
    if steep + 2 * error < stated:
        return Verdict.HOLDS
    return Verdict.GROWS if steep - 2 * error > stated else Verdict.UNDECIDED


def verdict(samples: Sequence[Mapping[str, float]]) -> list[tuple[str, Verdict]]:
    """What grew, in words, and whether it stayed below what is stated."""
    warm = samples[int(len(samples) * WARM) :]
    told = []
    for role in (*ROLES, "up"):
        steep, error = slope(stretches(warm, role))
        told.append(
            (f"{role}: {warm[-1][role]:.1f} MB, {steep:+.1f} ± {error:.1f} MB/h", judged(steep, error, STATED["MB/h"]))
        )
    steep, error = slope(stretches(warm, "connections"))
    most = max(one["connections"] for one in warm)
    grows = Verdict.GROWS if steep > 2 * error else Verdict.HOLDS
    told.append((f"connections: at most {most:.0f}, {steep:+.1f} ± {error:.1f} an hour", grows))
    oldest = max(one["oldest job, s"] for one in warm)
    late = Verdict.HOLDS if oldest < STATED["oldest job, s"] else Verdict.GROWS
    told.append((f"oldest ready job: {oldest:.1f} s at most", late))
    return told


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20, help="how long (%(default)s)")
    parser.add_argument("--every", type=float, default=10, help="seconds between two looks (%(default)s)")
    parser.add_argument("--readers", type=int, default=50, help="readers of an issue every two minutes (%(default)s)")
    parser.add_argument("--lease", type=int, default=60, help="beat asks five times in each, as ever (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--samples", metavar="FILE", help="write every look there, a JSON line each")
    given = parser.parse_args(arguments)
    samples: list[dict[str, float]] = []
    with Installation(lease=given.lease, broker=broker("embedded"), doubled=False, say=print) as site:
        site.press.begin(World(random.Random(given.seed)), random.Random(given.seed + 1), every=5.0)  # noqa: S311
        began = time.monotonic()
        turns = round(given.minutes * 60 / given.every)
        with Readers(site), contextlib.ExitStack() as haste:
            haste.enter_context(Readers(site, count=HASTENING))
            for turn in range(turns):
                if turn == int(turns * WARM):
                    haste.close()
                processes.wait_until(lambda: False, seconds=given.every, every=given.every)
                if turn % max(1, round(120 / given.every)) == 0:
                    site.letters(given.readers, unless=given.readers)
                samples.append({"hours": (time.monotonic() - began) / 3600, **sample(site)})
                if given.samples:
                    with Path(given.samples).open("a", encoding="utf-8") as file:
                        file.write(json.dumps(samples[-1]) + "\n")
        done = site.ask(
            "SELECT (SELECT count(*) FROM tracker_fetch), (SELECT count(*) FROM tracker_snapshot), "
            "(SELECT count(*) FROM tracker_letter WHERE state = 'sent'), (SELECT count(*) FROM tracker_indexrun)"
        )[0]
        asked = len((site.base / "readers.jsonl").read_text().splitlines())
        pace = asked / (time.monotonic() - began)
    found = verdict(samples)
    print(f"{given.minutes:g} minutes; {done[0]} requests to publishers, {done[1]} documents, {done[2]} letters, "
          f"{done[3]} index runs kept, {asked} pages, {pace:.1f} a second; of the second half:")  # fmt: skip
    for words, judgement in found:
        print(f"{judgement:21}  {words}")
    return int(any(judgement is Verdict.GROWS for _, judgement in found))


if __name__ == "__main__":
    sys.exit(main())
