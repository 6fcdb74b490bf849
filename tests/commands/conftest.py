"""Commands as a person or a program runs them: by call_command, and by a process of its own in an empty folder."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pages.fixtures import world_database
from tests.pipeline.local_publisher import Publisher

__all__ = ["world_database"]

PROJECT = Path(__file__).resolve().parents[2]

Manage = Callable[..., subprocess.CompletedProcess[str]]
Call = Callable[..., str]


@pytest.fixture
def manage(state_folder: Path) -> Manage:
    """Runs manage.py in a process of its own, with nothing installed but what the command itself makes."""

    def run(*arguments: str, given: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "STATE_DIR": str(state_folder), "DATABASE_URL": "", **variables}
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture
def call() -> Call:
    """Runs a command in this process; returns what it printed."""
    from django.core.management import call_command

    def run(*arguments: str) -> str:
        out = io.StringIO()
        call_command(*arguments, stdout=out, stderr=io.StringIO())
        return out.getvalue()

    return run


@pytest.fixture
def publisher(settings: Any) -> Iterator[Publisher]:
    """A publisher on this machine, which the settings name as the mirror of all sources."""
    from tracker.tasks import fetching

    with Publisher() as publisher:
        settings.SOURCE_MIRROR = publisher.url
        fetching.cache_clear()
        yield publisher
        fetching().close()
        fetching.cache_clear()


@pytest.fixture
def in_world(world_database: str, django_db_blocker: Any) -> Iterator[None]:
    from tests.pages.databases import connected_to

    with django_db_blocker.unblock(), connected_to(world_database):
        django_db_blocker.block()
        yield
        django_db_blocker.restore()


@pytest.fixture
def world(in_world: None, db: None) -> None:
    """A test with the world in its database; what it changes is rolled back."""
