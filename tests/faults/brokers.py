"""The brokers that the suite runs with: how each is started, killed, stopped for a while and emptied."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from landscape.local import processes, valkey

if TYPE_CHECKING:
    from tests.faults.installation import Installation


def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Broker:
    """The embedded one, which `up` looks after."""

    name = "embedded"

    def attach(self, site: "Installation") -> None:
        self.site = site

    def environment(self) -> dict[str, str]:
        return {}

    def __enter__(self) -> "Broker":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def pids(self) -> list[int]:
        return self.site.found("broker")

    def answers(self) -> bool:
        return valkey.answers(self.site.state)

    def kill(self) -> None:
        for pid in self.pids():
            self.site.kill(pid)
        self.again()

    def again(self) -> None:
        """Whoever looks after it starts it again."""

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """It takes connections, and says nothing."""
        pids = self.pids()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def folder(self) -> Path:
        return self.site.state / "valkey"

    def empty(self) -> None:
        """Killed, and started again without anything that it knew."""
        for pid in self.pids():
            os.kill(pid, signal.SIGSTOP)
        for part in self.folder().iterdir():
            if part.is_dir():
                shutil.rmtree(part, ignore_errors=True)
            elif not part.is_socket():
                part.unlink(missing_ok=True)
        self.kill()


class Own(Broker, ABC):
    """A server that this suite starts, as an operator's own would be."""

    def __init__(self) -> None:
        self.port = port()
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> tuple[list[str], dict[str, str]]:
        """What starts the server in its folder, and what its environment has besides ours."""

    def attach(self, site: "Installation") -> None:
        super().attach(site)
        self.folder().mkdir()

    def folder(self) -> Path:
        return self.site.state / "broker"

    def start(self) -> None:
        command, environment = self.command()
        with (self.site.state / "broker.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env={**os.environ, **environment}, stdout=log, stderr=log, cwd=self.folder(),
                start_new_session=True, preexec_fn=processes.die_with_parent(signal.SIGKILL),
            )  # fmt: skip
        if not processes.wait_until(self.answers, seconds=90, every=0.2):
            raise RuntimeError(f"{self.name} does not answer; see {self.site.state / 'broker.log'}")

    def pids(self) -> list[int]:
        return [self.process.pid] if self.process and self.process.poll() is None else []

    def again(self) -> None:
        if self.process is not None:
            processes.end_group(self.process.pid)
            self.process.wait()
        time.sleep(0.5)
        self.start()

    def __enter__(self) -> "Own":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Redis(Own):
    name = "redis"

    def command(self) -> tuple[list[str], dict[str, str]]:
        server = shutil.which("redis-server") or ""
        return [server, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder()),
                "--appendonly", "yes", "--maxmemory-policy", "noeviction"], {}  # fmt: skip

    def environment(self) -> dict[str, str]:
        return {"BROKER_URL": f"redis://127.0.0.1:{self.port}/0"}

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 2) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        return False


class Rabbit(Own):
    name = "rabbitmq"

    def __init__(self) -> None:
        super().__init__()
        self._distribution, self._mapper = port(), port()

    def command(self) -> tuple[list[str], dict[str, str]]:
        folder = self.folder()
        (folder / "enabled_plugins").write_text("[].\n")
        # A name, ports and folders of its own: another server of the machine is not met.
        # Debian's own changes to another account when root starts it, and that one cannot write here.
        plain = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
        return [str(plain) if plain.exists() else shutil.which("rabbitmq-server") or ""], {
            "HOME": str(folder),
            "RABBITMQ_NODENAME": f"faults{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "ERL_EPMD_PORT": str(self._mapper),
        }

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        # Erlang's list of names goes on by itself, and is no child of ours.
        ours = f"ERL_EPMD_PORT={self._mapper}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if ours in (folder / "environ").read_bytes().split(b"\0"):
                    os.kill(int(folder.name), signal.SIGKILL)

    def environment(self) -> dict[str, str]:
        return {"BROKER_URL": f"amqp://guest:guest@127.0.0.1:{self.port}//"}

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 2) as line:
            line.sendall(b"AMQP\x00\x00\x09\x01")
            line.settimeout(2)
            return bool(line.recv(1))
        return False

    def pids(self) -> list[int]:
        """The whole family: the script, and the machine that it starts."""
        if self.process is None:
            return []
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ValueError):
                pid = int(folder.name)
                if os.getpgid(pid) == self.process.pid and processes.is_alive(pid):
                    found.append(pid)
        return found


BROKERS: dict[str, tuple[type[Broker], str]] = {
    "embedded": (Broker, ""),
    "redis": (Redis, "redis-server"),
    "rabbitmq": (Rabbit, "rabbitmq-server"),
}


def broker(name: str) -> Broker:
    """Raises LookupError where its program is not installed."""
    kind, program = BROKERS[name]
    if program and shutil.which(program) is None:
        raise LookupError(f"{program} is not installed")
    return kind()
