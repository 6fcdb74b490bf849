"""The database that holds the world, for every folder of tests that wants it: built once a session."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

# Nothing of Django's is imported up here: pytest reads this file before Django is set up.

_built: list[str] = []


@pytest.fixture(scope="session")
def world_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a database that holds the world, beside the one that all other tests find empty."""
    if _built:  # by the same fixture, as another folder of tests has it
        yield _built[0]
        return
    from django.db import connection

    from tests.pages.databases import clone, connected_to, count_from_one
    from tests.pages.world import build

    with django_db_blocker.unblock():
        name = clone("world")
        with connected_to(name):
            count_from_one()
            build(tmp_path_factory.mktemp("world"))
    _built.append(name)
    yield name
    with django_db_blocker.unblock():
        connection.creation.destroy_test_db(suffix="world", verbosity=0)


@pytest.fixture(scope="module")
def in_world(world_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The tests of this module find the world; what each changes is rolled back."""
    from tests.pages.databases import connected_to

    with django_db_blocker.unblock(), connected_to(world_database):
        django_db_blocker.block()
        yield
        django_db_blocker.restore()
