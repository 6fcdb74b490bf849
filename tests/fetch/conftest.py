"""A hostile server, and fetchers that reach it: as their mirror, or in the place of the whole internet."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.fetch.hostile_server import AGENT, PLACE, PUBLIC, Dialler, Direct, HostileServer, Reply, Resolver
from tracker.fetch import Fetcher, Limits, Pacer


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as server:
        server.pages[PLACE] = Reply(b'{"score": 1}')
        yield server


@pytest.fixture
def fetcher(server: HostileServer) -> Iterator[Fetcher]:
    """Asks our server as its mirror."""
    with Fetcher(AGENT, mirror=server.url, limits=Limits(seconds=5)) as fetcher:
        yield fetcher


@pytest.fixture
def direct(server: HostileServer) -> Iterator[Direct]:
    """Makes fetchers without a mirror, that find our server at every public address."""
    made: list[Fetcher] = []

    def make(*answers: Sequence[str], **named: Any) -> tuple[Fetcher, Dialler]:
        dialler = named.pop("network", Dialler(server.port))
        resolve = named.pop("resolve", Resolver(*(answers or [[PUBLIC]])))
        named.setdefault("pace", Pacer(0.0))
        made.append(Fetcher(AGENT, resolve=resolve, network=dialler, **named))
        return made[-1], dialler

    yield make
    for fetcher in made:
        fetcher.close()
