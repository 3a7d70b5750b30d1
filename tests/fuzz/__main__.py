"""Changed files through every reader and over HTTP: python -m tests.fuzz [--count N] [--seed S]"""

import argparse
import os
import sys

# Of a run over both, one in ten goes over HTTP, where each takes twenty times as long.
SHARE = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="how many changed files (default 10000)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same files (default 1)")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--readers", action="store_true", help="only the readers, without a database")
    only.add_argument("--http", action="store_true", help="only the pages and interfaces")
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.owner")
    import django

    django.setup()
    return _run(chosen)


def _run(chosen: argparse.Namespace) -> int:
    from tests.fuzz import http, readers

    over_http = chosen.count if chosen.http else 0 if chosen.readers else chosen.count // SHARE
    wrong = 0
    if count := chosen.count - over_http:
        wrong += _tell("readers", count, chosen.seed, readers.faults)
    if over_http:
        with http.pages() as trial:
            wrong += _tell("HTTP", over_http, chosen.seed, trial)
    return int(bool(wrong))


def _tell(name: str, count: int, seed: int, trial) -> int:
    from django.conf import settings

    from tests.fuzz.run import FuzzRun
    from tests.fuzz.seeds import mutants

    run = FuzzRun(seed, settings.VAR_DIR / "fuzz")
    run.through(trial, mutants(count, seed))
    sys.stdout.write(f"{name}, seed {seed}: {run.words}\n")
    return len(run.faults)


if __name__ == "__main__":
    sys.exit(main())
