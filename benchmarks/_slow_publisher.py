"""Many host names behind one address, each slow: `python -m benchmarks._slow_publisher ADDRESS PORT SECONDS GAP`.

A line in, a line out: what was asked since the last one, and how polite it was to each name.
"""

import asyncio
import itertools
import json
import re
import sys
import time
from collections import defaultdict

HOST = re.compile(rb"\r\nhost: *([^\r]+)", re.IGNORECASE)
ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
SAME = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'


class Publisher:
    """Knows when each answer to each name began and ended."""

    def __init__(self, seconds: float, gap: float) -> None:
        self.seconds, self.gap = seconds, gap
        self.log: dict[str, list[tuple[float, float]]] = defaultdict(list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if head.startswith(b"GET /robots.txt "):
                    writer.write(ROBOTS)
                else:
                    await self._answer(head, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, head: bytes, writer: asyncio.StreamWriter) -> None:
        name = HOST.search(head)
        began = time.monotonic()
        await asyncio.sleep(self.seconds)
        writer.write(SAME)
        self.log[name[1].decode("ascii", "replace") if name else ""].append((began, time.monotonic()))

    def told(self) -> dict[str, float]:
        """How many answers, how often two to one name overlapped or came too soon, and the shortest pause of two."""
        answers, overlaps, breaches, shortest = 0, 0, 0, float("inf")
        for spans in self.log.values():
            spans.sort()
            answers += len(spans)
            for (_, before), (after, _) in itertools.pairwise(spans):
                overlaps += after < before
                breaches += after - before < self.gap
                shortest = min(shortest, after - before)
        names = len(self.log)
        self.log.clear()
        return {
            "answers": answers,
            "names": names,
            "overlaps": overlaps,
            "breaches": breaches,
            "shortest_pause": shortest,
        }


async def main(address: str, port: int, seconds: float, gap: float) -> None:
    publisher = Publisher(seconds, gap)
    server = await asyncio.start_server(publisher.talk, address, port, backlog=1024)
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    async with server:
        while await loop.run_in_executor(None, sys.stdin.readline):
            print(json.dumps(publisher.told()), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))
