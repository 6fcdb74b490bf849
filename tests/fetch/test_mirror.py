"""The project's own mirror of the live sources with its faults, where it is at hand."""

import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fetch.hostile_server import AGENT, ROOT
from tracker.fetch import Fetched, Fetcher, FetchError, FetchRefused, Limits, NotModified

MIRROR = ROOT / ".." / "shared" / "mirror.py"
LIVE = "https://models.dev/api.json"


@pytest.fixture(scope="module")
def mirror() -> Iterator[Any]:
    if not MIRROR.exists():
        pytest.skip("no ../shared/mirror.py beside the project")
    spec = importlib.util.spec_from_file_location("mirror", MIRROR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    server = module.serve(0)
    server.handle_error = lambda *_: None
    if "models.dev/api.json" not in server.documents:
        pytest.skip("the mirror has no samples")
    server.bomb()  # made once: it takes seconds
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def at_mirror(mirror: Any) -> Iterator[Fetcher]:
    with Fetcher(AGENT, mirror=f"http://127.0.0.1:{mirror.server_address[1]}", limits=Limits(seconds=5)) as asks:
        yield asks
    mirror.faults.clear()


@pytest.mark.parametrize(
    ("mode", "error", "message"),
    [
        ("500", FetchError, "answered 500"),
        ("503", FetchError, "answered 503 .*in 2 s"),
        ("429", FetchError, "answered 429 .*in 2 s"),
        ("404html", FetchRefused, "answered 404"),
        ("html200", FetchRefused, "web page instead of application/json"),
        ("empty", FetchError, "empty body"),
        ("truncated", FetchError, "broke off its answer"),
        ("drop", FetchError, "broke off its answer"),
        ("bomb", FetchRefused, "decompression bomb"),
        ("redirect-private", FetchRefused, "169.254.169.254 is a link-local address"),
        ("redirect-loop", FetchRefused, "redirects more than 5 times"),
    ],
)
def test_the_mirrors_fault(mode: str, error: type[Exception], message: str, mirror: Any, at_mirror: Fetcher) -> None:
    mirror.faults["models.dev/api.json"] = mode
    with pytest.raises(error, match=f"models.dev .*{message}"):
        at_mirror.fetch(LIVE, accept=("application/json",))
    mirror.faults.clear()
    assert isinstance(at_mirror.fetch(LIVE, accept=("application/json",)), Fetched)


def test_the_mirrors_byte_a_second(mirror: Any) -> None:
    mirror.faults["models.dev/api.json"] = "slow"
    url = f"http://127.0.0.1:{mirror.server_address[1]}"
    fetcher = Fetcher(AGENT, mirror=url, limits=Limits(seconds=1.5))
    with fetcher, pytest.raises(FetchError, match=r"no whole document within 1.5 s"):
        fetcher.fetch(LIVE)
    mirror.faults.clear()


def test_the_mirrors_wrong_type_passes(mirror: Any, at_mirror: Fetcher) -> None:
    mirror.faults["models.dev/api.json"] = "badtype"
    got = at_mirror.fetch(LIVE, accept=("application/json",))
    assert isinstance(got, Fetched)
    assert got.media_type == "application/octet-stream"


def test_the_mirrors_documents_come_whole_and_then_not_at_all(mirror: Any, at_mirror: Fetcher) -> None:
    """Every live address whose URL is plain, as it is and then conditionally."""
    urls = sorted(url for url in mirror.documents if url.isascii() and " " not in url)
    chosen = urls[:: max(1, len(urls) // 40)]
    assert len(chosen) >= 20
    for url in chosen:
        got = at_mirror.fetch(f"https://{url}")
        assert isinstance(got, Fetched)
        assert got.body == mirror.documents[url]
        assert isinstance(at_mirror.fetch(f"https://{url}", etag=got.etag), NotModified)
