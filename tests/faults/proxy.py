"""A TCP proxy between the workers and their publisher that breaks connections the way networks do."""

import asyncio
import contextlib
import socket
import struct
import threading

MODES = ("reset", "half-open", "drip", "refuse")


class Proxy:
    """`mode` is "" for a good line, or one of MODES; it holds for connections made while it is set."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.mode = ""
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._lines: set[asyncio.Future[None]] = set()  # the loop itself holds its tasks weakly
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Proxy":
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.ensure_future(self._line(reader, writer), loop=self._loop)
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mode = self.mode
        with contextlib.suppress(OSError, asyncio.CancelledError):
            if mode == "refuse":
                _reset(writer)
                return
            if mode == "half-open":
                # The other side is gone without a word: what was asked is heard by nobody.
                while self.mode == mode:
                    await asyncio.sleep(0.1)
                _reset(writer)
                return
            there, onward = await asyncio.open_connection("127.0.0.1", self.target)
            up = asyncio.ensure_future(_pump(reader, onward))
            try:
                await self._answer(there, writer, mode)
            finally:
                up.cancel()
                for end in (onward, writer):
                    with contextlib.suppress(OSError):
                        end.close()

    async def _answer(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, mode: str) -> None:
        if mode == "reset":
            writer.write(await there.read(400))
            await writer.drain()
            _reset(writer)
            return
        while chunk := await there.read(1 << 16):
            if mode != "drip":
                writer.write(chunk)
                await writer.drain()
                continue
            for byte in chunk:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(1)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(1 << 16):
            writer.write(chunk)
            await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Closed by an RST, not by a FIN: the reader sees a connection that broke."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
