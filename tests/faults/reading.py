"""Readers of the site while it is being broken: each answer is whole or a broken connection, and shows one run."""

import hashlib
import http.client
import json
import random
import re
import threading

from tests.faults.installation import Installation
from tests.faults.publishing import Log

PATHS = ("/", "/gap.json", "/models/", "/gap.json")
RUN = re.compile(rb"[?&](?:amp;)?run=(\d+)")


class Readers:
    """They ask until the block ends; what they got is in the log."""

    def __init__(self, site: Installation, *, count: int = 2) -> None:
        self._site = site
        self.log = Log(site.base / "readers.jsonl")
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(at,), daemon=True) for at in range(count)]

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _read(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311  for the pauses
        while not self._stop.wait(chance.uniform(0.2, 0.8)):
            path = chance.choice(PATHS)
            try:
                status, body, again = self._site.page(path)
            except (OSError, http.client.HTTPException) as error:
                self.log.write(path=path, broken=type(error).__name__)
                continue
            self.log.write(path=path, status=status, **_told(path, status, body, again))


def _told(path: str, status: int, body: bytes, again: str) -> dict[str, object]:
    if status != 200:
        return {"again": again}
    if not path.endswith(".json"):
        whole = body.rstrip().endswith(b"</html>")
        return {"whole": whole, "runs": sorted({int(number) for number in RUN.findall(body)})}
    try:
        told = json.loads(body)
    except ValueError:
        return {"whole": False}
    rows = json.dumps(told["rows"], sort_keys=True).encode()
    return {
        "whole": True, "run": told.get("index_run"), "known_at": told.get("known_at"),
        "rows": hashlib.sha256(rows).hexdigest(),
    }  # fmt: skip
