"""Many clients on the pages at once, in a process of their own: `python -m tests.faults.clients PORT COUNT SECONDS`.

Each asks for a page, reads it to its end, thinks for a second or three, and asks for another. Printed at the end, as
JSON: how many answers by status, how many broke off or came late, and the latencies of whole ones in milliseconds.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter

PATHS = ("/", "/", "/models/", "/gap.json", "/pipeline/", "/prices/", "/benchmarks/", "/labs/", "/status/", "/scores/")
LATE = 30.0  # seconds after which a reader has left


class Clients:
    """What they saw."""

    def __init__(self, port: int, seconds: float) -> None:
        self.port, self.ends = port, time.monotonic() + seconds
        self.outcomes: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.latencies: list[float] = []
        self.made = 0  # for whoever asked first; the others got the same

    async def one(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311  for pauses and paths
        await asyncio.sleep(chance.uniform(0, 3))
        while time.monotonic() < self.ends:
            path = chance.choice(PATHS)
            began = time.monotonic()
            try:
                status, whole, told = await asyncio.wait_for(self._ask(path), LATE)
            except TimeoutError:
                self.outcomes["late"] += 1
            except (OSError, ValueError, asyncio.IncompleteReadError):
                self.outcomes["broken"] += 1
            else:
                asks = " and no word when to ask again" if status == 503 and b"retry-after" not in told else ""
                self.outcomes[f"{status}{asks}" if whole else "not whole"] += 1
                self.made += told.get(b"server-timing") == b"made"
                if status == 200 and whole:
                    self.latencies.append((time.monotonic() - began) * 1000)
                elif status >= 500:
                    self.errors[f"{status} {path}"] += 1
            await asyncio.sleep(chance.uniform(1, 3))

    async def _ask(self, path: str) -> tuple[int, bool, dict[bytes, bytes]]:
        """The status, whether the body is as long as was said, and the headers."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.read(-1)
        finally:
            writer.close()
        told = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
        if (length := told.get(b"content-length")) is not None:
            whole = int(length) == len(body)
        else:
            whole = body.endswith(b"0\r\n\r\n")
        return int(head.split(b" ", 2)[1]), whole, told

    def told(self) -> dict[str, object]:
        ordered = sorted(self.latencies)
        at = (
            {f"p{share:g}": round(ordered[int(len(ordered) * share / 100)]) for share in (50, 95, 99)}
            if ordered
            else {}
        )
        most = round(ordered[-1]) if ordered else 0
        return {**dict(self.outcomes), **at, "most": most, "made": self.made, "errors": dict(self.errors)}


async def main(port: int, count: int, seconds: float) -> None:
    clients = Clients(port, seconds)
    await asyncio.gather(*(clients.one(number) for number in range(count)))
    print(json.dumps(clients.told()), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
