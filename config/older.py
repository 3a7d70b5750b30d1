"""A database made before 0.9: recognised by its migrations, refused or kept aside, never migrated.

With 0.9 the migrations of our apps began anew, so those of an older database say nothing to this version.
"""

from collections.abc import Mapping, Set
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config import embedded

APPS = ("accounts", "patients", "uploads", "meetings")
Migration = tuple[str, str]
OLDER = "was made by a version before 0.9, and this one cannot bring it up to date"
EXPORT = "Its manage.py export FILE.zip --clinic CODE writes the record as files that this version uploads."


def made_before(applied: Set[Migration], first: Mapping[str, str]) -> bool:
    """Whether an app has been migrated, but not by what is its first migration today.

    applied: (app, name) of each migration in the database; first: app to the name of its first migration.
    """
    begun = {app for app, _ in applied}
    return any(app in begun and (app, name) not in applied for app, name in first.items())


def is_older() -> bool:
    """Whether the database of the settings was made before 0.9."""
    loader = MigrationLoader(connection)
    first = {app: loader.graph.root_nodes(app)[0][1] for app in APPS}
    return made_before(loader.applied_migrations.keys(), first)


def remedy() -> str:
    """What to do about it, in a sentence or two; nothing has been changed."""
    if not settings.DATABASE_URL:
        return "script/server keeps it aside, whole, and begins an empty one."
    return (
        "Nothing was changed. Name an empty database in DATABASE_URL. "
        f"The version that made the old one still reads it. {EXPORT}"
    )


def set_aside(var_dir: Path, today: date) -> Path:
    """Moves the embedded database to a folder that can serve the older version as its VAR_DIR; gives it."""
    embedded.stop(var_dir)
    kept = unused(var_dir / f"before-0.9-{today}")
    kept.mkdir()
    (var_dir / "postgres").rename(kept / "postgres")
    return kept


def unused(folder: Path) -> Path:
    """The folder, or the first of its name with a number behind it that does not exist."""
    number = 2
    found = folder
    while found.exists():
        found = folder.with_name(f"{folder.name}-{number}")
        number += 1
    return found


def told(kept: Path) -> str:
    return (
        f"The database in {kept.parent} {OLDER}. It is kept, whole, in {kept}; "
        "a new one begins now.\n"
        f"To read the old one, start the version that made it with this setting:\n  VAR_DIR={kept}\n{EXPORT}"
    )


@register(Tags.database)
def check_database(databases: list[str] | None = None, **kwargs: object) -> list[Error]:
    """Stops manage.py migrate before it fails half-way through."""
    if not databases or not is_older():
        return []
    return [Error(f"The database {OLDER}.", hint=remedy(), id="config.E001")]
