"""What mypy finds in the core when it is strict (pyproject.toml)."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.house.files import Counts


def typing_errors(root: Path) -> Counts:
    """How many errors each module has. What mypy learnt is kept with all that is written."""
    kept = (root / os.environ.get("VAR_DIR", "var") / "mypy").resolve()
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--no-pretty", "--cache-dir", str(kept)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"mypy could not check: {done.stdout}{done.stderr}")
    return dict(Counter(line.split(":")[0] for line in done.stdout.splitlines() if ": error: " in line))
