"""Pages are asked for in the world of `world.py`, or in an empty database."""

from collections import deque
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.pages.fixtures import in_world, world_database

__all__ = ["in_world", "world_database"]


@pytest.fixture
def world(in_world: None, db: None) -> None:
    """A test with the world in its database."""


@pytest.fixture(scope="session")
def remembered() -> dict[str, HttpResponse]:
    """What the world's addresses answered, for the tests that only look at it from different sides."""
    return {}


@pytest.fixture
def ask(world: None, client: Client, remembered: dict[str, HttpResponse]) -> Callable[[str], HttpResponse]:
    """The answer of an address in the world as it is: asked for once a session. Not for tests that change the world."""

    def answer(address: str) -> HttpResponse:
        if address not in remembered:
            remembered[address] = client.get(address)
            if remembered[address].streaming:
                # A whole table, which nobody looks at here, is an open file until it has been read.
                deque(remembered[address].streaming_content, maxlen=0)
        return remembered[address]

    return answer


@pytest.fixture
def labs(db: None) -> None:
    """What a reader of the digest may choose from, in a database without the world."""
    from tracker.models import Lab

    for slug, name in (("acme", "Acme"), ("birch", "Birch"), ("cedar", "Cedar")):
        Lab.objects.create(slug=slug, name=name, region="europe")
