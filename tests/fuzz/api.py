"""Many seeded questions to the interface, from its own OpenAPI: `python -m tests.fuzz.api --cases 10000 --seed 1`."""

import argparse
import os
import subprocess
import sys


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz.api", description=__doc__)
    asked.add_argument("--cases", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=1)
    told = asked.parse_args()
    # The world that is asked lives in the tests' database.
    command = [sys.executable, "-m", "pytest", "tests/fuzz/test_api.py", "-q"]
    given = {"FUZZ_API_CASES": str(told.cases), "FUZZ_API_SEED": str(told.seed)}
    return subprocess.run(command, env={**os.environ, **given}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
