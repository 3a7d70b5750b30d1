"""A bundle is made, unpacked elsewhere and started where no other machine can be reached.

    python -m tests.delivery.without_internet

It takes two minutes or more and, to cut the network, root on Linux; the registry is needed for making the bundle alone.
"""

import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from delivery.lock import ROOT

PORT = "8377"
PATIENCE = 450
# In a network of its own a machine has nothing but itself.
ALONE = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def main() -> None:
    if os.geteuid() != 0:
        raise SystemExit("To cut the network this needs root.")
    with tempfile.TemporaryDirectory(prefix="without-internet-") as folder:
        Path(folder).chmod(0o755)
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        run("-m", "delivery.bundle", here, os.uname().machine, folder)
        [archive] = Path(folder).glob("*.tar.gz")
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        [unpacked] = (path for path in Path(folder).iterdir() if path.is_dir())
        run("-m", "tests.delivery.without_internet", "--alone", str(unpacked), before=ALONE)


def run(*words: str, before: list[str] | tuple = ()) -> None:
    if subprocess.run([*before, sys.executable, *words], cwd=ROOT, check=False).returncode:
        raise SystemExit(f"failed: {words[1]}")


def start_alone(unpacked: Path) -> None:
    """script/server of the bundle, from nothing to its sign-in page."""
    if reaches("https://pypi.org/simple/"):
        raise SystemExit("The network is not cut.")
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment["VAR_DIR"] = str(unpacked / "var")
    server = subprocess.Popen(["script/server", PORT], cwd=unpacked, env=environment, start_new_session=True)
    try:
        page = await_page(f"http://127.0.0.1:{PORT}/accounts/login/", server)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()
    if "Sign in" not in page:
        raise SystemExit("The sign-in page does not say “Sign in”.")
    sys.stdout.write("Without a network: installed, started, and the sign-in page answered.\n")


def reaches(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def await_page(address: str, server: subprocess.Popen) -> str:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            time.sleep(1)
    raise SystemExit("The server did not come.")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--alone"]:
        start_alone(Path(sys.argv[2]))
    else:
        main()
