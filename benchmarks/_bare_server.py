"""xllamacpp's own server and nothing around it: `python -m benchmarks._bare_server FILE SETTINGS` prints its address.

The settings are the JSON with which the same server was started inside our sandbox; it ends with its input.
"""

import json
import os
import sys
from typing import Any


def main(file: str, settings: dict[str, Any]) -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = file
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.verbosity = 1
    settings.pop("slots", None)  # the harness's own
    threads = settings.pop("threads")
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    for name, value in settings.items():
        setattr(params, name, value)
    server = xllamacpp.Server(params)
    # What it says of itself goes to the same place: the address has a line of its own.
    print(f"\nlistening {server.listening_address}", flush=True)
    sys.stdin.read()
    os._exit(0)  # the server's threads have no other end


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
