"""An installation with a small catalogue, a publisher on this machine to collect from, and time as the tests say it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.catalogue import write_catalogue
from tests.pipeline.letter_box import LetterBox
from tests.pipeline.local_publisher import Publisher
from tracker.fetch import Fetcher, Limits

# Nothing of Django's is imported up here: pytest reads this file before Django is set up.

AGENT = "LandscapeTracker/1.0 (+https://tracker.example/about; mail@tracker.example)"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The catalogue's folder, for tests that edit it."""
    return write_catalogue(tmp_path / "catalogue")


@pytest.fixture
def installed(db: None, root: Path) -> None:
    """The catalogue is loaded and every declared address has its row, as after a first start."""
    from tests import kept
    from tests.pipeline.catalogue import contents
    from tests.pipeline.steps import at
    from tracker.pipeline.catalog import load_catalog
    from tracker.pipeline.collect import enrol

    def build() -> None:
        load_catalog(now=at(1, 0), root=root)
        enrol(now=at(1, 0))

    kept.put(("installed", contents(root)), build)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as publisher:
        yield publisher


@pytest.fixture
def fetching(publisher: Publisher) -> Iterator[Callable[[], Fetcher]]:
    """What `collect` asks for its fetcher: one that finds our publisher where the internet would be."""
    with Fetcher(AGENT, mirror=publisher.url, limits=Limits(seconds=2)) as fetcher:
        yield lambda: fetcher


@pytest.fixture
def refused() -> Callable[[str], AbstractContextManager[None]]:
    """The block is refused by the database constraint of that name, and leaves the connection usable."""
    from django.db import IntegrityError, transaction

    @contextmanager
    def by(constraint: str) -> Iterator[None]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            yield

    return by


@pytest.fixture
def box(settings: Any) -> Iterator[LetterBox]:
    """A mail server on this machine, to which letters go."""
    with LetterBox() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_TIMEOUT = 10
        yield box


@pytest.fixture
def facts(installed: None) -> None:
    """Prices and the panel of index_runs.py, taken in on the first two days of September 2026."""
    from tests.pipeline.index_runs import OPENS, SCORES
    from tests.pipeline.steps import at, take_in
    from tests.pipeline.vintages import PANEL, PRICES, panel, prices

    take_in(PRICES, prices(*OPENS), at(1))
    take_in(PANEL, panel(*SCORES), at(2))
