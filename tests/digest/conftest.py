"""Issues are built in the world of the pages' tests, or in an empty database."""

import pytest

from tests.pages.fixtures import in_world, world_database

__all__ = ["in_world", "world_database"]


@pytest.fixture
def world(in_world: None, db: None) -> None:
    """A test with the world in its database: April's run and that of 2 September 2026, in week 36."""
