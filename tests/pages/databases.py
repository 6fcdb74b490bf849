"""Tests of pages on a database of their own: the connection is led there and back."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Every new connection goes to the database of that name until the block ends, in other threads too."""
    home = connection.settings_dict["NAME"]
    connections.close_all()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = home
