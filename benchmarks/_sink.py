"""A mail server that keeps only the names of the letters: a process of its own, a line of counts when asked.

`python -m benchmarks._sink [ADDRESS PORT SECONDS]`: where it listens, and how long it takes for a letter."""

import asyncio
import json
import re
import sys
from collections import Counter
from typing import Any

NAME = re.compile(rb"^Message-ID: *(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
ANSWERS = {
    b"EHLO": b"250-sink.example\r\n250-8BITMIME\r\n250 SIZE 33554432\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 good-bye\r\n",
}


class Sink(asyncio.Protocol):
    """RFC 5321 as far as a client that keeps to it needs it."""

    seen: Counter[bytes] = Counter()
    size = 0
    seconds = 0.0

    def connection_made(self, transport: Any) -> None:
        self._transport, self._buffer, self._letter = transport, b"", False
        transport.write(b"220 sink.example\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            end = b"\r\n.\r\n" if self._letter else b"\r\n"
            head, found, rest = self._buffer.partition(end)
            if not found:
                return
            self._buffer = rest
            if self._letter:
                self._take(head)
            else:
                verb = head[:4].upper()
                self._letter = verb == b"DATA"
                self._transport.write(ANSWERS.get(verb, b"250 well\r\n"))
                if verb == b"QUIT":
                    self._transport.close()

    def _take(self, letter: bytes) -> None:
        self._letter = False
        name = NAME.search(letter)
        Sink.seen[name[1] if name else b"nameless"] += 1
        Sink.size += len(letter)
        if Sink.seconds:
            asyncio.get_running_loop().call_later(Sink.seconds, self._transport.write, b"250 taken\r\n")
        else:
            self._transport.write(b"250 taken\r\n")


async def main() -> None:
    """The port, then for every line on the input what came since the last: letters, different ones, and bytes."""
    loop = asyncio.get_running_loop()
    address, port, seconds = sys.argv[1:] or ("127.0.0.1", "0", "0")
    Sink.seconds = float(seconds)
    server = await loop.create_server(Sink, address, int(port))
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        told = {"letters": Sink.seen.total(), "different": len(Sink.seen), "bytes": Sink.size}
        Sink.seen, Sink.size = Counter(), 0
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
