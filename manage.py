#!/usr/bin/env python
"""The command line of the site."""

import os
import sys

from landscape.local.on_demand import needs_database, state_option


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landscape.settings")
    if state := state_option(sys.argv):
        os.environ["STATE_DIR"] = state

    from django.conf import settings
    from django.core.management import execute_from_command_line

    if settings.EMBEDDED_POSTGRES and needs_database(sys.argv):
        from landscape.local.postgres import Postgres, PostgresError

        try:
            with Postgres(settings.STATE_DIR).use():
                execute_from_command_line(sys.argv)
        except PostgresError as error:
            sys.exit(f"manage.py: {error}")
    else:
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
