"""What a machine gives to an installation, and how it fails it: the clock, the disk, and the names of hosts."""

import contextlib
import mmap
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

DISK = 900  # MiB
PUBLISHER = "publisher.test"
DNS = tuple(f"127.0.77.{at}" for at in range(1, 255))  # one for each run that goes on on this machine


class Clock:
    """The clock on the wall, as every process of the installation but PostgreSQL sees it. The one that only counts on
    is left alone, as it is when a real clock is set: libfaketime cannot do that, so this is made of clock.c."""

    def __init__(self, base: Path) -> None:
        self._file, self._library = base / "clock", base / "clock.so"

    def missing(self) -> str:
        return "" if shutil.which("cc") else "there is no C compiler (cc)"

    def environment(self) -> dict[str, str]:
        source = Path(__file__).with_name("clock.c")
        command = ["cc", "-shared", "-fPIC", "-O1", "-o", str(self._library), str(source), "-ldl"]
        subprocess.run(command, check=True)
        self._file.write_bytes(bytes(8))
        return {"LD_PRELOAD": str(self._library), "FAULTS_CLOCK": str(self._file)}

    def set(self, seconds: int) -> None:
        """So many before the true time, or behind it."""
        with self._file.open("r+b") as file, mmap.mmap(file.fileno(), 8) as shown:
            shown[:8] = struct.pack("@l", seconds)


class Disk:
    """A file system of its own for what the installation writes, so that it can be filled to the last byte."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ballast = folder / "ballast"

    def missing(self) -> str:
        return "" if os.geteuid() == 0 and shutil.which("mount") else "only root may mount"

    def __enter__(self) -> "Disk":
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK}m,mode=755", "tmpfs", str(self._folder)],  # noqa: S607
            check=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self._folder)], check=False)  # noqa: S607

    def fill(self) -> None:
        with self._ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 16))

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)


class Names:
    """The publisher's name: /etc/hosts and /etc/resolv.conf are the installation's own, in a namespace of mounts."""

    def __init__(self, base: Path) -> None:
        self._hosts, self._resolver = base / "hosts", base / "resolv.conf"
        self._delay = 0.0
        self._stop = threading.Event()

    def missing(self) -> str:
        if os.geteuid() != 0 or not shutil.which("unshare"):
            return "only root may give a process its own /etc/hosts"
        tried = subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True)  # noqa: S607
        return tried.stderr.decode().strip() if tried.returncode else ""

    def __enter__(self) -> "Names":
        self._server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        address = self._free()
        self._server.settimeout(0.3)
        self._resolver.write_text(f"nameserver {address}\noptions timeout:2 attempts:1\n")
        self.known()
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._server.close()

    def _free(self) -> str:
        for address in DNS:
            with contextlib.suppress(OSError):
                self._server.bind((address, 53))
                return address
        raise OSError("no address is left for the names of this run")

    def prefix(self) -> list[str]:
        """What a command is started with, to have these names."""
        mounts = f"mount --bind {self._hosts} /etc/hosts && mount --bind {self._resolver} /etc/resolv.conf"
        return ["unshare", "-m", "sh", "-c", f'{mounts} && exec "$@"', "--"]

    def known(self) -> None:
        self._hosts.write_text(f"127.0.0.1 localhost\n127.0.0.1 {socket.gethostname()}\n127.0.0.1 {PUBLISHER}\n")

    def slow(self, seconds: float) -> None:
        """Whoever asks is told, but only then."""
        self._delay = seconds
        self._hosts.write_text(f"127.0.0.1 localhost\n127.0.0.1 {socket.gethostname()}\n")

    def _answer(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                asked, who = self._server.recvfrom(512)
                if self._delay < 60:
                    time.sleep(self._delay)
                    self._server.sendto(_told(asked), who)


def _told(asked: bytes) -> bytes:
    """RFC 1035: the question again, and 127.0.0.1 where an address of the fourth version was asked for."""
    end = asked.index(b"\0", 12) + 5
    question = asked[12:end]
    record = b"\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x04\x7f\0\0\x01" if question[-4:-2] == b"\0\x01" else b""
    return asked[:2] + b"\x81\x80\0\x01" + (b"\0\x01" if record else b"\0\0") + b"\0\0\0\0" + question + record
