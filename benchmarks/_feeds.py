"""A thousand feeds on this machine, in a process of their own: `python -m benchmarks._feeds` prints its port."""

import asyncio
import re
from typing import Final

FEEDS: Final = 1000
CHANGING: Final = 50  # in every turn one feed in so many has something new
ITEMS: Final = 20
PATH: Final = re.compile(rb"GET /feed-(\d+)\.example\.org/feed\.xml ")
TAG: Final = re.compile(rb'\r\nif-none-match: "(\d+)"', re.IGNORECASE)


def url(number: int) -> str:
    return f"https://feed-{number}.example.org/feed.xml"


def version(number: int, turn: int) -> int:
    """The last turn up to this one in which the feed changed; 0 is how it began."""
    since = (turn - number) % CHANGING
    return max(0, turn - since)


def body(number: int, turn: int) -> bytes:
    items = "".join(
        f"<item><title>Notice {version(number, turn)}.{n}</title><link>https://feed-{number}.example.org/{n}</link>"
        f"<pubDate>Tue, {1 + n % 28:02} Sep 2026 00:00:00 GMT</pubDate></item>"
        for n in range(ITEMS)
    )
    return f"<rss version='2.0'><channel><title>Feed {number}</title>{items}</channel></rss>".encode()


class Publisher:
    """Answers as RFC 9110 has it for what is asked here: 304 to the tag that still holds, 404 to anything else."""

    def __init__(self) -> None:
        self.turn = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self.answer(head))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def answer(self, head: bytes) -> bytes:
        if head.startswith(b"GET /next-turn "):
            self.turn += 1
            return b"HTTP/1.1 204 No Content\r\n\r\n"
        asked = PATH.match(head)
        if asked is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        number = int(asked[1])
        tag = version(number, self.turn)
        told = TAG.search(head)
        if told is not None and int(told[1]) == tag:
            return f'HTTP/1.1 304 Not Modified\r\nETag: "{tag}"\r\n\r\n'.encode()
        page = body(number, self.turn)
        kind = f'ETag: "{tag}"\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(page)}'
        return f"HTTP/1.1 200 OK\r\n{kind}\r\n\r\n".encode() + page


async def serve() -> None:
    server = await asyncio.start_server(Publisher().talk, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
