"""Shrinks the list of old offenders to what is still true: python -m tests.house [--accept-moves]

Nothing new and nothing worse gets on it. Where there is no list yet it is written whole.
"""

import argparse
import sys
from pathlib import Path

from tests.house.files import ROOT, Counts
from tests.house.limits import LIMITS
from tests.house.offenders import LIST, differences, read, shrunk, write


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.house", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--accept-moves",
        action="store_true",
        help="offenders may have new names (renamed files and functions) where the limit's sum does not grow",
    )
    chosen = parser.parse_args()
    found = {name: limit.offenders(ROOT) for name, limit in LIMITS.items()}
    return tidy(found, LIST, accept_moves=chosen.accept_moves)


def tidy(found: dict[str, Counts], path: Path, *, accept_moves: bool) -> int:
    """Writes the list, says what is on it and what does not get on it; 1 when there is any of that."""
    before = read(path) if path.exists() else found
    after = {
        name: shrunk(before.get(name, {}), counts, accept_moves=accept_moves)
        for name, counts in found.items()
    }
    write(after, path)
    for name, listed in after.items():
        now, was = sum(listed.values()), sum(before.get(name, {}).values())
        sys.stdout.write(f"{name}: {len(listed)} offenders, {now} in all (was {was})\n")
    refused = [f"{name}: {one}" for name in found for one in differences(after[name], found[name])]
    sys.stderr.writelines(f"{line}\n" for line in refused)
    return int(bool(refused))


if __name__ == "__main__":
    sys.exit(main())
