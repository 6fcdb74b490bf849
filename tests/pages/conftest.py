"""Databases for tests of pages: the world of `world.py`, made once a session, and an empty one."""

from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoDbBlocker

# Nothing of Django's is imported up here: pytest reads this file before Django is set up.


@pytest.fixture(scope="session")
def world_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a database that holds the world, beside the one that all other tests find empty."""
    from django.db import connection

    from tests.pages.databases import connected_to
    from tests.pages.world import build

    creation = connection.creation
    with django_db_blocker.unblock():
        creation.clone_test_db(suffix="world", verbosity=0, autoclobber=True)
        name = creation.get_test_db_clone_settings("world")["NAME"]
        with connected_to(name):
            build(tmp_path_factory.mktemp("world"))
    yield name
    with django_db_blocker.unblock():
        creation.destroy_test_db(suffix="world", verbosity=0)


@pytest.fixture(scope="module")
def in_world(world_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The tests of this module find the world; what each changes is rolled back."""
    from tests.pages.databases import connected_to

    with django_db_blocker.unblock(), connected_to(world_database):
        django_db_blocker.block()
        yield
        django_db_blocker.restore()


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
        return remembered[address]

    return answer
