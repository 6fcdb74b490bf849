"""A database of a benchmark's own on the configured server: made with all tables, dropped at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import psycopg
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql


@contextmanager
def scratch_database(*, migrated: bool = True) -> Iterator[str]:
    """Every new connection goes to an empty database until the block ends, in other threads too; yields its URL. Its
    tables are there unless they are to come from elsewhere.

    The operator's own database is never touched: the server only has to let us create another.
    """
    home, name = connection.settings_dict["NAME"], f"benchmark_{os.getpid()}"
    told = connection.get_connection_params()
    server = {key: told[key] for key in ("host", "port", "user", "password") if told.get(key)}
    with psycopg.connect(**server, dbname=home, autocommit=True) as outside:
        outside.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            _lead_to(name)
            if migrated:
                call_command("migrate", verbosity=0)
            yield _url(server, name)
        finally:
            _lead_to(home)
            outside.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _lead_to(name: str) -> None:
    connections.close_all()
    connection.close_pool()
    connection.settings_dict["NAME"] = name


def _url(server: dict[str, str], name: str) -> str:
    """What DATABASE_URL says to a process that works on the same database."""
    user = ":".join(quote(str(server[key]), safe="") for key in ("user", "password") if key in server)
    port = f":{server['port']}" if "port" in server else ""
    return f"postgres://{user}@{quote(str(server.get('host', '')), safe='')}{port}/{name}"
