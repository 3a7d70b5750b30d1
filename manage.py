#!/usr/bin/env python3
"""Runs Django; starts the embedded database when no other is configured."""

import os
import sys

# What makes or empties tables does so as their owner; everything else as the runtime role.
AS_OWNER = (
    "createcachetable",
    "flush",
    "migrate",
    "pgtrigger",
    "remove_stale_contenttypes",
    "restore",
    "retention",
)


def main() -> None:
    settings = "config.owner" if sys.argv[1:2] and sys.argv[1] in AS_OWNER else "config.settings"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    if sys.argv[1:2] == ["restore"]:
        from config.backups.target import choose

        choose(sys.argv[2:])
    try:
        import django
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import OperationalError
    except ImportError:
        sys.exit("Django is not installed here. Run script/server once, then .venv/bin/python manage.py")
    # Django's own command of this name tells Django's version.
    if sys.argv[1:] in (["version"], ["--version"]):
        from config.version import VERSION

        sys.stdout.write(f"Liver dissociation {VERSION}\n")
        return
    try:
        django.setup()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Settings: {error}")
    except OperationalError as error:
        # Only a failed connection has no code of PostgreSQL.
        if getattr(error.__cause__, "sqlstate", None):
            raise
        sys.exit(f"The database cannot be reached. Check DATABASE_URL and that the server runs.\n{error}")


if __name__ == "__main__":
    main()
