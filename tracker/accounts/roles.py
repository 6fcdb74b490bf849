"""What each part of the site may do in the database, so that a hole in a page is not a hole in the tables.

The owner migrates. Workers read and write every table but the trails, to which they add. The web does the same, and
changes neither documents nor what was read in them. Who only reads sees what may be published, and nothing of people.
"""

import re
from collections.abc import Iterator, Mapping

from django.apps import apps

USUAL = {"web": "landscape_web", "worker": "landscape_worker", "reader": "landscape_reader"}
PLAIN = re.compile(r"[a-z_][a-z0-9_]{0,62}")
# Added to, never changed: triggers say so too, but who owns a table may drop its triggers, and these roles own none.
TRAILS = ("tracker_decision", "tracker_accountevent")
# The bytes of documents: a decision may bring one, no page changes any.
ADDED_BY_WEB = ("tracker_blob",)
# People: their accounts, sessions, addresses and letters.
PRIVATE = (
    "tracker_subscriber",
    "tracker_suppression",
    "tracker_letter",
    "tracker_operatorletter",
    "tracker_mailevent",
    "tracker_attempts",
    "tracker_accountevent",
    "tracker_passkey",
    "tracker_codegenerator",
    "tracker_recoverycode",
)


def is_plain(role: str) -> bool:
    """Whether the name can stand in SQL as it is: `statements` puts no quotes around it."""
    return PLAIN.fullmatch(role) is not None


def tables() -> list[str]:
    """Every table of the site that has a model, and Django's own list of migrations."""
    ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if not model._meta.proxy}
    return sorted(ours | {"django_migrations"})


def is_public(table: str) -> bool:
    """Whether who only reads the database may read the table: one of the site's own that is not about people."""
    return table.startswith("tracker_") and table not in PRIVATE


def statements(names: Mapping[str, str]) -> Iterator[str]:
    """The grants for roles that exist or are made here without a password; none of them may make or drop a table."""
    for role in names.values():
        yield (
            f"DO $$ BEGIN CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE; "
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
        yield f"REVOKE CREATE ON SCHEMA public FROM {role}"
        yield f"GRANT USAGE ON SCHEMA public TO {role}"
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    for table in tables():
        for part in ("web", "worker"):
            added = table in TRAILS or (part == "web" and table in ADDED_BY_WEB)
            may = "SELECT, INSERT" if added else "SELECT, INSERT, UPDATE, DELETE"
            may = "SELECT" if table == "django_migrations" else may
            yield f"GRANT {may} ON {table} TO {names[part]}"
        if is_public(table):
            yield f"GRANT SELECT ON {table} TO {names['reader']}"
    for part in ("web", "worker"):
        yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {names[part]}"
