"""`python -m tests.faults.load`: many clients read while sources fail and workers die, and nothing may be wrong."""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time

from tests.faults.brokers import BROKERS, broker
from tests.faults.driver import Asked, Run, summary
from tests.faults.installation import PROJECT, Installation
from tests.faults.kinds import KINDS

# What fails outside of us, and who dies inside; the database and the broker stay.
FAILING = (
    "publisher:", "line to the publisher:", "pool child", "collector", "computer", "whoever", "all ", "worker at:",
    "beat", "every beat", "web worker", "mail server",
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.load", description=__doc__)
    parser.add_argument("--clients", type=int, default=200, help="so many at once (%(default)s)")
    parser.add_argument("--minutes", type=float, default=10, help="for so long (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the faults (%(default)s)")
    parser.add_argument("--quiet", action="store_true", help="no faults: what the clients see when nothing is wrong")
    parser.add_argument("--broker", choices=[*BROKERS], default="embedded")
    parser.add_argument("--patience", type=float, default=1.0, help="stretches the stated times on a busy machine")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()

    def say(words: str) -> None:
        print(f"{time.monotonic() - began:7.1f}  {words}", flush=True)

    only = tuple(name for name in KINDS if name.startswith(FAILING))
    asked = Asked(
        seed=given.seed, seeds=1, kills=1, lease=10, readers=150, patience=given.patience, publish_every=1.0, only=only
    )
    with Installation(lease=10, broker=broker(given.broker), doubled=False, say=say) as site:
        run = Run(site, asked, say=say)
        seen, loads = _held(run, given, say=say)
        run.finish(given.seed)
    print(summary(run.tally, asked, {}))
    print(f"{given.clients} clients for {given.minutes:g} minutes, a load of {min(loads):.1f} to {max(loads):.1f}:")
    errors = seen.pop("errors")
    print("  " + ", ".join(f"{name} {count}" for name, count in sorted(seen.items())))
    print("".join(f"  {name}: {count}\n" for name, count in sorted(errors.items())), end="")
    # A database that is away may be told with 503, if it is also said when to ask again.
    bad = sum(count for name, count in seen.items() if name == "not whole" or (name.startswith("5") and name != "503"))
    print(f"  {seen.get('200', 0) / given.minutes / 60:.1f} pages a second")
    return 1 if run.tally.broken or run.tally.late or bad else 0


def _held(run: Run, given: argparse.Namespace, *, say: object) -> tuple[dict[str, int], list[float]]:
    """The clients on the pages, one fault after the other meanwhile; what they saw, and how busy the machine was."""
    chance = random.Random(given.seed)  # noqa: S311
    run.start(given.seed)
    command = [sys.executable, "-m", "tests.faults.clients", str(run.site.port), str(given.clients)]
    clients = subprocess.Popen(
        [*command, str(given.minutes * 60)], cwd=PROJECT, text=True, stdout=subprocess.PIPE, start_new_session=True
    )
    loads = [os.getloadavg()[0]]
    try:
        while clients.poll() is None:
            if given.quiet:
                time.sleep(1)
            else:
                run.fault(chance, given.seed)
            loads.append(os.getloadavg()[0])
    finally:
        clients.kill()
        told = clients.communicate()[0]
    return dict(json.loads(told)), loads


if __name__ == "__main__":
    sys.exit(main())
