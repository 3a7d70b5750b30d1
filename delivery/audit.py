"""Says which locked packages have known faults. It reports: whatever it finds, it ends well.

python -m delivery.audit     called by script/audit
"""

import json
import subprocess
import sys
from collections.abc import Iterator

from delivery.lock import LOCK

COMMAND = (
    "-m",
    "pip_audit",
    "--format",
    "json",
    "--progress-spinner",
    "off",
    "--disable-pip",
    "--require-hashes",
)
UNREACHED = "The lists of known faults could not be reached: nothing was looked up."


def main() -> None:
    command = [sys.executable, *COMMAND, "--requirement", str(LOCK)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in report(done.stdout, done.stderr):
        sys.stdout.write(f"{line}\n")


def report(found: str, failed: str) -> Iterator[str]:
    """Of what pip-audit wrote; it writes no JSON where it did not get as far."""
    try:
        packages = json.loads(found)["dependencies"]
    except ValueError:
        yield UNREACHED
        yield from failed.strip().splitlines()[-1:]
        return
    faults = [(package, fault) for package in packages for fault in package.get("vulns", ())]
    for package, fault in faults:
        mended = ", ".join(fault["fix_versions"]) or "no version yet"
        yield f"{package['name']} {package['version']}: {fault['id']}, mended in {mended}"
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    yield f"{len(faults)} known faults in {len(packages) - len(unknown)} packages that were looked up."
    if unknown:
        yield f"{len(unknown)} could not be looked up: {', '.join(unknown)}."


if __name__ == "__main__":
    main()
