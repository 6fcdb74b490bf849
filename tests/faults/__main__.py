"""`python -m tests.faults`: breaks a scratch installation as often as asked and says what did not hold."""

import argparse
import contextlib
import shutil
import signal
import sys
import time
from pathlib import Path

from tests.faults.brokers import BROKERS, broker
from tests.faults.driver import Asked, Run, summary
from tests.faults.installation import Installation
from tests.faults.kinds import KINDS


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first seed (%(default)s)")
    parser.add_argument("--seeds", type=int, default=20, help="how many, one after the other (%(default)s)")
    parser.add_argument("--kills", type=int, default=25, help="faults with a kill -9 in each seed (%(default)s)")
    parser.add_argument(
        "--minutes", type=float, default=0, help="begin no seed after so long; 0: however long it takes"
    )
    parser.add_argument("--broker", choices=[*BROKERS], default="embedded")
    parser.add_argument("--lease", type=int, default=10, help="LEASE_SECONDS of the installation (%(default)s)")
    parser.add_argument("--readers", type=int, default=150, help="readers of the issue of each seed (%(default)s)")
    parser.add_argument("--patience", type=float, default=1.0, help="stretches the stated times on a busy machine")
    parser.add_argument("--single", action="store_true", help="one of everything, not two")
    parser.add_argument(
        "--only", action="append", default=[], metavar="FAULT", help="only faults that begin so; again for more"
    )
    parser.add_argument(
        "--surroundings", default="clock,disk,names", help="what fails besides, where it can be had (%(default)s)"
    )
    parser.add_argument("--list", action="store_true", help="name every kind of fault with its stated time, and end")
    parser.add_argument("--keep", metavar="FOLDER", help="copy logs and what was published there")
    given = parser.parse_args(arguments)
    if given.list:
        for name, kind in KINDS.items():
            print(f"{kind.within:4.0f} s  {name}")
        return 0
    only = tuple(name for name in KINDS if any(name.startswith(begin) for begin in given.only))
    if given.only and not only:
        parser.error(f"no fault begins with {given.only}")
    try:
        chosen = broker(given.broker)
    except LookupError as missing:
        print(f"not run: {missing}")
        return 3
    began = time.monotonic()

    def say(words: str) -> None:
        print(f"{time.monotonic() - began:7.1f}  {words}", flush=True)

    asked = Asked(
        seed=given.seed, seeds=given.seeds, kills=given.kills, lease=given.lease, readers=given.readers,
        patience=given.patience, publish_every=1.0, only=only, minutes=given.minutes,
    )  # fmt: skip
    surroundings = given.surroundings.split(",")
    # Whoever ends us is told what was seen so far, and nothing that was started or mounted is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Installation(
        lease=given.lease, broker=chosen, doubled=not given.single, say=say, surroundings=surroundings
    ) as site:
        run = Run(site, asked, say=say)
        try:
            tally = run.work()
        except KeyboardInterrupt:
            tally = run.tally
        finally:
            if given.keep:
                _keep(site, Path(given.keep))
    print(summary(tally, asked, site.missing))
    return 1 if tally.broken or tally.late else 0


def _keep(site: Installation, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("logs", "press", "post", "output", "clerk.jsonl", "readers.jsonl"):
        place = site.state / part if part == "logs" else site.base / part
        with contextlib.suppress(OSError):
            if place.is_dir():
                shutil.copytree(place, folder / part, dirs_exist_ok=True)
            else:
                shutil.copy(place, folder / part)


if __name__ == "__main__":
    sys.exit(main())
