"""Which URLs and addresses may be asked (public hosts on the web's own ports), and a network that reaches no others."""

import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore
import httpx

from tracker.answers import FetchError, FetchRefused

PORTS = {"http": 80, "https": 443}
LONGEST_URL = 4096

# RFC 6890 and its successors, said the way an operator needs to hear it. The IPv6 forms that carry an IPv4 address are
# refused whatever they carry: no public host needs them, and what they lead to depends on somebody's router.
NOT_PUBLIC = tuple(
    (ipaddress.ip_network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "an address of this machine"),
        ("10.0.0.0/8", "a private address"),
        ("100.64.0.0/10", "an address behind a carrier's NAT"),
        ("127.0.0.0/8", "a loopback address"),
        ("168.63.129.16/32", "a cloud's metadata service"),
        ("169.254.0.0/16", "a link-local address, where clouds keep their metadata"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "an address reserved for protocols"),
        ("192.0.2.0/24", "an address reserved for documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "a private address"),
        ("198.18.0.0/15", "an address reserved for measurements"),
        ("198.51.100.0/24", "an address reserved for documentation"),
        ("203.0.113.0/24", "an address reserved for documentation"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
        ("::/128", "an address of this machine"),
        ("::1/128", "a loopback address"),
        ("::ffff:0:0/96", "an IPv4 address written as IPv6"),
        ("::/96", "an IPv4 address written as IPv6"),
        ("64:ff9b::/96", "a NAT64 address"),
        ("64:ff9b:1::/48", "a NAT64 address"),
        ("2001::/32", "a Teredo address"),
        ("2001::/23", "an address reserved for protocols"),
        ("2001:db8::/32", "an address reserved for documentation"),
        ("2002::/16", "a 6to4 address"),
        ("3fff::/20", "an address reserved for documentation"),
        ("fc00::/7", "a private address"),
        ("fe80::/10", "a link-local address"),
        ("ff00::/8", "a multicast address"),
    )
)
ALLOCATED = ipaddress.ip_network("2000::/3")

# Names that mean something only inside a network: a public resolver has no business with them.
INSIDE = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".test", ".invalid", ".onion")
HOST = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
)
NUMBER = re.compile(r"(?:\d+|0x[0-9a-f]*)\Z")


def not_public(address: str) -> str:
    """Why this IP address may not be asked ("a loopback address"), or "" when it is public."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "not an IP address"
    for network, kind in NOT_PUBLIC:
        if ip.version == network.version and ip in network:
            return kind
    if ip.version == 6 and (ip not in ALLOCATED or getattr(ip, "scope_id", None)):
        return "outside the public internet"
    return ""


def public_url(text: str) -> httpx.URL:
    """The URL without its fragment, its host in lower case. Raises ValueError saying why it may not be asked."""
    if len(text) > LONGEST_URL:
        raise ValueError(f"it has more than {LONGEST_URL} characters")
    if "\\" in text or any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
        # Two readers of such a URL disagree on where its host ends.
        raise ValueError("it has a backslash or a control character")
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ValueError(f"it is not a URL ({error})") from error
    if url.scheme not in PORTS:
        raise ValueError("it is neither http nor https")
    if url.userinfo or "@" in text.partition("//")[2].partition("/")[0]:
        raise ValueError("it carries credentials")
    if url.port is not None and url.port not in PORTS.values():
        raise ValueError(f"port {url.port} is not one of the web's own (80 and 443)")
    host = url.raw_host.decode("ascii").lower().removesuffix(".")
    if fault := _host_fault(host):
        raise ValueError(fault)
    return url.copy_with(host=host, fragment=None)


def _host_fault(host: str) -> str:
    if not host:
        return "it names no host"
    if ":" in host or NUMBER.match(host.rpartition(".")[2]):
        # 127.1, 0x7f000001 and 2130706433 are loopback to a resolver and nothing to us: only the plain form is read.
        fault = not_public(host)
        return fault and f"{host} is {fault}"
    if "." not in host or host.endswith(INSIDE):
        return f"{host} is a name that only means something inside a network"
    return "" if HOST.fullmatch(host) else f"{host} is not a host name"


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses the system's resolver gives for a host. Raises OSError when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host} is not a host name") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Stream(httpcore.NetworkStream):
    """A connection none of whose waits outlasts the deadline of the document it serves."""

    def __init__(self, inner: httpcore.NetworkStream, network: "Network") -> None:
        self._inner, self._network = inner, network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._network.at_most(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._network.at_most(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._network.at_most(timeout))
        return _Stream(inner, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Network(httpcore.NetworkBackend):
    """Looks a name up once for a document, checks every address it has, and connects to one of those and no other."""

    def __init__(
        self,
        inner: httpcore.NetworkBackend,
        resolve: Callable[[str, int], Sequence[str]],
        exempt: tuple[str, int] | None,
        monotonic: Callable[[], float],
    ) -> None:
        self._inner, self._resolve, self._exempt, self._monotonic = inner, resolve, exempt, monotonic
        self._known: dict[tuple[str, int], Sequence[str]] = {}
        self.ends = 0.0

    def begin(self, ends: float) -> None:
        """A new document, to be had before `ends`: names are looked up afresh, once each."""
        self._known.clear()
        self.ends = ends

    def at_most(self, timeout: float | None) -> float:
        left: float = self.ends - self._monotonic()
        return max(0.001, left if timeout is None else min(timeout, left))

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in [host] if (host, port) == self._exempt else self._checked(host, port):
            try:
                stream = self._inner.connect_tcp(address, port, self.at_most(timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self)
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def _checked(self, host: str, port: int) -> Sequence[str]:
        if (host, port) in self._known:
            return self._known[host, port]
        try:
            addresses = self._resolve(host, port)
        except OSError as error:
            raise FetchError(f"{host} could not be found: its name has no address ({error})") from error
        for address in addresses:
            # One bad record condemns the name: which record is used would otherwise be the attacker's to choose.
            if kind := not_public(address):
                raise FetchRefused(f"{host} is refused: its name leads to {address}, {kind}")
        self._known[host, port] = addresses
        return addresses
