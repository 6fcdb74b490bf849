"""Tests of pages on a database of their own: the connection is led there and back."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, connections

from tests.conftest import end_other_sessions


def clone(suffix: str) -> str:
    """A copy of the test database as it is; returns its name. Whoever still has a connection to it loses that."""
    end_other_sessions()
    connection.creation.clone_test_db(suffix=suffix, verbosity=0, autoclobber=True)
    return str(connection.creation.get_test_db_clone_settings(suffix)["NAME"])


def count_from_one() -> None:
    """Rows that come next are numbered as in a new database, whatever the tests before this have rolled back."""
    models = apps.get_app_config("tracker").get_models()
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
            cursor.execute(statement)


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
