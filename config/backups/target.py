"""Where `manage.py restore FILE --to` restores: chosen before the settings are read, for they name a database."""

import argparse
import os
from collections.abc import Sequence

ADDRESSES = ("postgresql://", "postgres://")


def choose(words: Sequence[str]) -> None:
    """A folder is another VAR_DIR with a database of its own; an address is another database, as its owner."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--to", default="")
    to = parser.parse_known_args(words)[0].to
    if to.startswith(ADDRESSES):
        os.environ["DATABASE_URL"] = os.environ["MIGRATE_URL"] = to
    elif to:
        os.environ["VAR_DIR"] = to
        for name in ("DATABASE_URL", "MIGRATE_URL"):
            os.environ.pop(name, None)
