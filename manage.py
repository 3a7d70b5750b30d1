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
        from django.core.management import execute_from_command_line
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
    except Exception as error:
        if sentence := remedy(error, sys.argv[1] if sys.argv[1:] else ""):
            sys.exit(sentence)
        if not quietly(error):
            raise
        sys.exit(1)


def remedy(error: Exception, command: str) -> str:
    """What to do about it, "" where nobody knows."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError, ProgrammingError

    # Only a failed connection has no code of PostgreSQL.
    code = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, ImproperlyConfigured):
        return f"Settings: {error}"
    if isinstance(error, OperationalError) and not code:
        return f"The database cannot be reached. Check DATABASE_URL and that the server runs.\n{error}"
    if isinstance(error, ProgrammingError) and code == "42501" and command in AS_OWNER:
        return f"{command} works as the owner of the tables, and this role may not: name the owner in MIGRATE_URL."
    return ""


def quietly(error: Exception) -> bool:
    """In production logged as an error of a page is: where it happened, without its words, which may hold a patient."""
    import logging

    from django.conf import settings

    if not (settings.configured and settings.PRODUCTION):
        return False
    logging.getLogger("manage").critical("The command failed", exc_info=error)
    return True


if __name__ == "__main__":
    main()
