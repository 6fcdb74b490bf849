"""Pages are asked for in the world of `world.py`, or in an empty database."""

from collections import deque
from collections.abc import Callable
from datetime import datetime

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.pages.fixtures import in_world, world_database

__all__ = ["in_world", "world_database"]


@pytest.fixture
def world(in_world: None, db: None) -> None:
    """A test with the world in its database."""


@pytest.fixture(scope="session")
def remembered() -> dict[tuple[datetime, str], HttpResponse]:
    """What the world's addresses answered, for the tests that only look at it from different sides."""
    return {}


@pytest.fixture
def ask(
    world: None, client: Client, remembered: dict[tuple[datetime, str], HttpResponse]
) -> Callable[[str], HttpResponse]:
    """The answer of an address in the world as it is: asked for once an hour, by which answers have another tag. Not
    for tests that change the world."""
    from tracker.views import state

    def answer(address: str) -> HttpResponse:
        key = state.clock(), address
        if key not in remembered:
            remembered[key] = client.get(address)
            if remembered[key].streaming:
                # A whole table, which nobody looks at here, is an open file until it has been read.
                deque(remembered[key].streaming_content, maxlen=0)
        return remembered[key]

    return answer


@pytest.fixture
def labs(db: None) -> None:
    """What a reader of the digest may choose from, in a database without the world."""
    from tracker.models import Lab

    for slug, name in (("acme", "Acme"), ("birch", "Birch"), ("cedar", "Cedar")):
        Lab.objects.create(slug=slug, name=name, region="europe")
