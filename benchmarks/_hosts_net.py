"""Three hosts on this machine as network namespaces: A with the services, B and C that reach nothing but A."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from landscape.local.logs import appended
from landscape.local.postgres import Postgres, options

PUBLIC: Final = "93.184.215.14"  # what all names lead to; inside the namespaces it is A's
NETNS: Final = Path("/etc/netns")


@dataclass(frozen=True, slots=True)
class Hosts:
    """Names of the namespaces; `address` is A's own as B and C reach it."""

    a: str
    workers: tuple[str, ...]

    address = "10.213.0.1"

    def inside(self, name: str, command: Sequence[str]) -> list[str]:
        return ["ip", "netns", "exec", name, *command]


def missing() -> str:
    """Why this machine cannot play three; blank where it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if absent := [program for program in ("ip", "setpriv") if shutil.which(program) is None]:
        return f"there is no {' and no '.join(absent)} (Debian: iproute2, util-linux)"
    name = f"alt-{os.getpid()}-try"
    try:
        _ip("netns", "add", name)
    except subprocess.CalledProcessError as error:
        return f"no network namespace can be made here: {error.stderr.decode(errors='replace').strip()}"
    _ip("netns", "del", name)
    return ""


@contextmanager
def three(names: Sequence[str]) -> Iterator[Hosts]:
    """Until the block ends. The names lead to A everywhere on B and C, and no name is asked for elsewhere."""
    mark = f"alt-{os.getpid()}"
    hosts = Hosts(f"{mark}-a", (f"{mark}-b", f"{mark}-c"))
    made: list[str] = []
    try:
        for name in (hosts.a, *hosts.workers):
            _ip("netns", "add", name)
            made.append(name)
            _ip("-n", name, "link", "set", "lo", "up")
        _ip("-n", hosts.a, "link", "add", "bridge", "type", "bridge")
        _ip("-n", hosts.a, "address", "add", f"{hosts.address}/24", "dev", "bridge")
        _ip("-n", hosts.a, "address", "add", f"{PUBLIC}/32", "dev", "bridge")
        _ip("-n", hosts.a, "link", "set", "bridge", "up")
        for number, name in enumerate(hosts.workers):
            near = f"veth{number}"
            _ip("-n", hosts.a, "link", "add", near, "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("-n", hosts.a, "link", "set", near, "master", "bridge", "up")
            _ip("-n", name, "address", "add", f"10.213.0.{2 + number}/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "eth0", "up")
            _ip("-n", name, "route", "add", "default", "via", hosts.address)
            folder = NETNS / name
            folder.mkdir(parents=True)
            lines = ["127.0.0.1 localhost", *(f"{PUBLIC} {host}" for host in names)]
            (folder / "hosts").write_text("\n".join(lines) + "\n", "ascii")
        yield hosts
    finally:
        for name in reversed(made):
            # One that is gone already keeps nobody from taking the others away.
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "del", name)
            shutil.rmtree(NETNS / name, ignore_errors=True)


def _ip(*told: str) -> None:
    subprocess.run([shutil.which("ip") or "ip", *told], check=True, capture_output=True)


class PostgresOn(Postgres):
    """The embedded server on one of the hosts, over TCP for the others; for this process by its socket as always."""

    def __init__(self, state: Path, hosts: Hosts) -> None:
        super().__init__(state, durable=True)
        self._hosts = hosts

    def _launch(self, programs: Path) -> None:
        rules = self.data / "pg_hba.conf"
        rule = "host all all 10.213.0.0/24 trust\n"
        if rule not in rules.read_text("utf-8"):
            rules.write_text(rules.read_text("utf-8") + rule, "utf-8")
        account = ["setpriv", f"--reuid={self.account.uid}", f"--regid={self.account.gid}", "--clear-groups"]
        command = [str(programs / "postgres"), *options(self.data, self.socket, durable=True)]
        command += ["-c", f"listen_addresses={self._hosts.address}", "-c", "max_connections=200"]
        with appended(self.log) as log:
            self._process = subprocess.Popen(
                self._hosts.inside(self._hosts.a, [*account, *command]),
                cwd="/",
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
