"""Which URLs and addresses are never asked, however they are dressed up."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpcore
import pytest

from tests.fetch.hostile_server import (
    AGENT,
    PLACE,
    PUBLIC,
    ROBOTS,
    URL,
    Clock,
    Dialler,
    Direct,
    HostileServer,
    Reply,
    Resolver,
)
from tracker.addresses import not_public
from tracker.fetch import Fetched, Fetcher, FetchError, FetchRefused, Limits, Pacer, _trusted_roots

HOSTILE = """
file:///etc/passwd
ftp://data.example/x
gopher://data.example/x
javascript:alert(1)
//data.example/x
data.example/x
http://
http:///etc/passwd
https://name:secret@data.example/
https://name@data.example/
https://@data.example/
http://data.example:8080/
http://data.example:22/
http://data.example:0/
http://localhost/
http://api.localhost/
http://intranet/
http://metadata.google.internal/computeMetadata/v1/
http://printer.local/
http://127.0.0.1/
http://127.0.0.1./
http://127.1/
http://127.0.0.1:80/
http://2130706433/
http://0x7f000001/
http://0x7f.0.0.1/
http://0177.0.0.1/
http://017700000001/
http://0/
http://0.0.0.0/
http://10.0.0.1/
http://100.64.0.1/
http://100.100.100.200/latest/meta-data/
http://168.63.129.16/machine
http://169.254.169.254/latest/meta-data/
http://172.16.0.1/
http://172.31.255.255/
http://192.0.0.192/
http://192.168.1.1/
http://198.18.0.1/
http://203.0.113.7/
http://224.0.0.1/
http://255.255.255.255/
http://[::]/
http://[::1]/
http://[::ffff:127.0.0.1]/
http://[::ffff:93.184.215.14]/
http://[::127.0.0.1]/
http://[64:ff9b::7f00:1]/
http://[64:ff9b::5db8:d70e]/
http://[64:ff9b:1::1]/
http://[2002:7f00:1::]/
http://[2001:0:7f00:1::]/
http://[2001:db8::1]/
http://[fc00::1]/
http://[fd00:ec2::254]/
http://[fe80::1]/
http://[fe80::1%25eth0]/
http://[2606:4700::1%25eth0]/
http://[ff02::1]/
http://[4000::1]/
http://①②⑦.⓪.⓪.①/
http://127。0。0。1/
http://%31%32%37.0.0.1/
http://data.example\\@127.0.0.1/
http://127.0.0.1\\.data.example/
http://data.example#@127.0.0.1:8080\\/
http://data exam.ple/
http://-data.example/
http://data..example/
""".strip().splitlines()
HOSTILE += ["http://data.example/\tx", "http://data.example/\r\nX-Injected: 1", "http://data.example/\x00"]
HOSTILE += ["http://data.example/" + "x" * 5000, "http://" + "a" * 64 + ".example/"]


def test_the_list_of_hostile_urls_is_long_enough_to_mean_something() -> None:
    assert len(set(HOSTILE)) >= 60


@pytest.mark.parametrize("url", HOSTILE)
@pytest.mark.parametrize("through", ["a mirror", "no mirror"])
def test_a_hostile_url_is_refused_without_a_lookup_or_a_connection(url: str, through: str) -> None:
    resolve, dialler = Resolver([PUBLIC]), Dialler(1)
    mirror = "http://127.0.0.1:1" if through == "a mirror" else None
    fetcher = Fetcher(AGENT, mirror=mirror, resolve=resolve, network=dialler)
    with fetcher, pytest.raises(FetchRefused, match="is refused: "):
        fetcher.fetch(url)
    assert resolve.asked == 0
    assert dialler.dialled == []


@pytest.mark.parametrize(
    "bad",
    [
        "127.0.0.1",
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "172.20.0.1",
        "192.168.0.1",
        "0.0.0.0",
        "224.0.0.251",
        "240.0.0.1",
        "::1",
        "::ffff:10.0.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:0:a00:1::",
        "ff02::1",
        "nonsense",
    ],
)
def test_one_bad_record_among_good_ones_condemns_the_name(bad: str, direct: Direct) -> None:
    fetcher, dialler = direct([PUBLIC, "2606:2800:220:1::1", bad])
    with pytest.raises(FetchRefused, match="its name leads to"):
        fetcher.fetch(URL)
    assert dialler.dialled == []


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"])
def test_a_public_address_is_public(address: str) -> None:
    assert not_public(address) == ""


def test_a_name_that_changes_its_address_is_looked_up_once_for_a_document(
    server: HostileServer, direct: Direct
) -> None:
    resolve = Resolver([PUBLIC], ["127.0.0.1"])
    fetcher, dialler = direct(resolve=resolve)
    server.pages[ROBOTS] = Reply(b"", 404, fault="cut")  # closes the connection: the document needs another
    assert isinstance(fetcher.fetch("http://data.example/scores.json"), Fetched)
    assert resolve.asked == 1
    assert dialler.dialled == [(PUBLIC, 80), (PUBLIC, 80)]
    server.pages[PLACE] = Reply(fault="drop")
    with pytest.raises(FetchError):
        fetcher.fetch("http://data.example/scores.json")  # over the connection that was there
    assert resolve.asked == 1
    with pytest.raises(FetchRefused, match=r"127.0.0.1, a loopback address"):
        fetcher.fetch("http://data.example/scores.json")  # a new connection, a new look, and it is refused
    assert {address for address, _ in dialler.dialled} == {PUBLIC}


def test_a_connection_is_kept_for_the_next_document(server: HostileServer, direct: Direct) -> None:
    fetcher, dialler = direct()
    server.pages[ROBOTS] = Reply(b"User-agent: *\nAllow: /", media_type="text/plain")
    for _ in range(3):
        fetcher.fetch("http://data.example/scores.json")
    server.pages[PLACE] = Reply(status=304)
    fetcher.fetch("http://data.example/scores.json", etag='"a"')
    fetcher.fetch("http://data.example/scores.json", etag='"a"')
    assert len(dialler.dialled) == 1


def test_the_next_address_is_tried_when_one_is_dead(server: HostileServer, direct: Direct) -> None:
    class HalfDead(Dialler):
        def connect_tcp(self, host: str, port: int, *rest: Any, **named: Any) -> httpcore.NetworkStream:
            if host == "2606:4700::1":
                raise httpcore.ConnectError("no route")
            return super().connect_tcp(host, port, *rest, **named)

    fetcher, _ = direct(["2606:4700::1", PUBLIC], network=HalfDead(server.port))
    assert isinstance(fetcher.fetch("http://data.example/scores.json"), Fetched)


def test_a_name_without_address_may_be_asked_again() -> None:
    def nothing(host: str, port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    with (
        Fetcher(AGENT, resolve=nothing) as fetcher,
        pytest.raises(FetchError, match=r"data.example could not be found"),
    ):
        fetcher.fetch(URL)


class Waiting(Dialler):
    """Notes how long the network was told to wait for a connection, and for an answer."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.connects: set[float] = set()
        self.reads: set[float] = set()

    def connect_tcp(self, host: str, port: int, *rest: Any, **named: Any) -> httpcore.NetworkStream:
        self.connects.add(rest[0])
        stream = super().connect_tcp(host, port, *rest, **named)
        read = stream.read

        def noted(max_bytes: int, timeout: float) -> bytes:
            self.reads.add(timeout)
            return read(max_bytes, timeout)

        stream.read = noted
        return stream


def test_a_host_has_ten_seconds_to_open_twenty_to_speak_and_no_more_than_the_document_has_left(
    server: HostileServer, direct: Direct
) -> None:
    for limits, seconds in ((None, (10.0, 20.0)), (Limits(seconds=4), (4.0, 4.0))):
        dialler = Waiting(server.port)
        direct(network=dialler, monotonic=Clock(), limits=limits)[0].fetch("http://data.example/scores.json")
        assert (dialler.connects, dialler.reads) == ({seconds[0]}, {seconds[1]})


def test_proxies_in_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch, direct: Direct) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    fetcher, dialler = direct()
    fetcher.fetch("http://data.example/scores.json")
    assert set(dialler.dialled) == {(PUBLIC, 80)}


@pytest.mark.parametrize(
    "agent", ["", "curl/8", "Land Scape", "Tracker/1 (+https://x)\r\nX: 1", "Tracker9/1 (+https://x)", "Träcker (@)"]
)
def test_a_user_agent_without_token_or_contact_stops_the_start(agent: str) -> None:
    with pytest.raises(ValueError, match="user agent"):
        Fetcher(agent)


@pytest.mark.parametrize(
    "mirror", ["127.0.0.1:8900", "ftp://m.example", "http://u:p@m.example", "http://m.example?x=1"]
)
def test_a_mirror_that_is_no_plain_url_stops_the_start(mirror: str) -> None:
    with pytest.raises(ValueError, match="the mirror"):
        Fetcher(AGENT, mirror=mirror)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl command to make a certificate with")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=data.example"]
    command += ["-addext", "subjectAltName=DNS:data.example", "-keyout", f"{path}.key", "-out", f"{path}.crt"]
    subprocess.run(command, check=True, capture_output=True)
    path.write_bytes(Path(f"{path}.key").read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[HostileServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HostileServer(tls=context) as server:
        server.pages[PLACE] = server.pages["other.example/scores.json"] = Reply()
        yield server


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=f"{certificate}.crt")


def test_a_certificate_is_checked_against_the_name_not_the_pinned_address(
    tls_server: HostileServer, certificate: Path
) -> None:
    dialler = Dialler(tls_server.port)
    with Fetcher(
        AGENT, resolve=Resolver([PUBLIC]), network=dialler, pace=Pacer(0.0), tls=trusting(certificate)
    ) as asks:
        assert isinstance(asks.fetch(URL), Fetched)
        with pytest.raises(FetchError, match=r"other.example could not be reached.*certificate"):
            asks.fetch("https://other.example/scores.json")
    assert set(dialler.dialled) == {(PUBLIC, 443)}


def test_an_unknown_certificate_is_not_trusted(tls_server: HostileServer) -> None:
    fetcher = Fetcher(AGENT, resolve=Resolver([PUBLIC]), network=Dialler(tls_server.port))
    with fetcher, pytest.raises(FetchError, match="certificate"):
        fetcher.fetch(URL)
    assert tls_server.asked == []


def test_an_authority_that_only_the_environment_names_is_not_trusted(
    tls_server: HostileServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    _trusted_roots.cache_clear()  # they may have been read before
    fetcher = Fetcher(AGENT, resolve=Resolver([PUBLIC]), network=Dialler(tls_server.port))
    _trusted_roots.cache_clear()
    with fetcher, pytest.raises(FetchError, match="certificate"):
        fetcher.fetch(URL)


def test_a_redirect_from_https_to_http_is_refused(tls_server: HostileServer, certificate: Path) -> None:
    tls_server.pages[PLACE] = Reply(status=302, headers={"Location": "http://other.example/scores.json"})
    with (
        Fetcher(
            AGENT,
            resolve=Resolver([PUBLIC]),
            network=Dialler(tls_server.port),
            tls=trusting(certificate),
            pace=Pacer(0.0),
        ) as asks,
        pytest.raises(FetchRefused, match=r"data.example redirects from https to http"),
    ):
        asks.fetch(URL)
