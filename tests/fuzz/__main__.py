"""Coverage-guided fuzzing of whatever reads strangers' bytes: `python -m tests.fuzz --parser NAME --seconds 60`.

Without a name every reader has its turn, each in a process of its own. Fails on any error that is not declared; what
led to it lies in the folder that is named then.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LARGEST = 65_536  # bytes of an input: more only takes longer
SLOW = 10  # seconds after which one input counts as a fault
MOST_MB = 2_048


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("--parser", action="append", help="only this one; may be given several times")
    asked.add_argument("--seconds", type=int, default=60, help="for each (60)")
    asked.add_argument("--seed", type=int, default=1, help="of the first mutations (1)")
    asked.add_argument("--list", action="store_true", help="the names, and nothing else")
    asked.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    told = asked.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landscape.settings")
    try:
        import atheris
    except ImportError:
        print("atheris is not installed: python -m pip install atheris", file=sys.stderr)
        return 2
    if told.alone:
        _fuzz(atheris, told.parser[0], told.seconds, told.seed)
    import django

    django.setup()
    from tests.fuzz.targets import TARGETS

    if told.list:
        print("\n".join(TARGETS))
        return 0
    wanted = told.parser or list(TARGETS)
    if unknown := set(wanted) - TARGETS.keys():
        asked.error(f"there is no reader {min(unknown)}; there are {', '.join(TARGETS)}")
    failed = [name for name in wanted if not _turn(name, told.seconds, told.seed)]
    print(f"{len(wanted) - len(failed)} of {len(wanted)} readers without an undeclared error")
    return 1 if failed else 0


def _turn(name: str, seconds: int, seed: int) -> bool:
    command = [sys.executable, "-m", "tests.fuzz", "--alone", "--parser", name]
    command += ["--seconds", str(seconds), "--seed", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    said = done.stdout + done.stderr
    count = re.search(r"number_of_executed_units: (\d+)", said)
    print(f"{name}: {int(count[1]) if count else 0:,} inputs" + ("" if done.returncode == 0 else " FAILED"), flush=True)
    if done.returncode:
        print(said[-3000:], flush=True)
    return done.returncode == 0


def _fuzz(atheris, name: str, seconds: int, seed: int) -> None:
    """Does not return: libFuzzer ends the process."""
    with atheris.instrument_imports(include=["tracker.sources", "tracker.domain", "tracker.digest.reports"]):
        import tracker.sources  # noqa: F401  all readers are found, and watched, when it is imported
    import django

    django.setup()
    from tests.fuzz.targets import TARGETS

    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    corpus = folder / "corpus"
    corpus.mkdir()
    for at, seed_document in enumerate(TARGETS[name].seeds):
        (corpus / f"seed-{at}").write_bytes(seed_document[:LARGEST])
    told = [
        f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={LARGEST}", f"-timeout={SLOW}",
        f"-rss_limit_mb={MOST_MB}", f"-artifact_prefix={folder}/", "-print_final_stats=1", str(corpus),
    ]  # fmt: skip
    atheris.Setup([f"fuzz {name}", *told], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
