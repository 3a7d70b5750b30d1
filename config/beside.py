"""Keeps the worker running beside the web server: python -m config.beside, started by `config.serve`.

Ends the worker when its standard input closes: that happens whenever the web server ends, however it ends.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

COMMAND = [sys.executable, "manage.py", "worker"]
ROOT = Path(__file__).resolve().parent.parent
# Seconds before a worker that ended by itself is begun anew, and those it has to end when told to.
PAUSE, PATIENCE = 5, 15
PR_SET_PDEATHSIG = 1
WATCHER = os.getpid()


def main() -> None:
    # Ctrl-C reaches everybody in the terminal: only the closing of the input counts.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    over = threading.Event()
    threading.Thread(target=_watch, args=[over], daemon=True).start()
    while not over.is_set():
        # In a session of its own: it hears of Ctrl-C from here, once.
        worker = subprocess.Popen(
            COMMAND, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_end_with_parent
        )
        _wait(worker, over)
        over.wait(PAUSE)


def _end_with_parent() -> None:
    """In the worker, before it is one: should this process be killed, the kernel tells the worker to stop."""
    # What is ignored here would be ignored there, too, while it starts or waits for the database: it would stay.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != WATCHER:
        # Killed before the kernel knew whom to tell.
        os._exit(0)


def _watch(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


def _wait(worker: subprocess.Popen, over: threading.Event) -> None:
    while worker.poll() is None and not over.wait(0.2):
        pass
    if worker.poll() is None:
        worker.terminate()
        try:
            worker.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


if __name__ == "__main__":
    main()
