"""How gunicorn serves: gunicorn --config python:config.serve config.wsgi"""

import os
import signal
import subprocess
import sys
import tempfile

from gunicorn.glogging import Logger

from config.environment import envint
from config.logs import formatter, tell

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = envint("WEB_WORKERS", 2, 1, 64)
threads = 4
worker_class = "config.buffered.BufferedWorker"
# The first process starts the embedded database once and stops it last.
preload_app = True
timeout = 120
graceful_timeout = 10
control_socket_disable = True
loglevel = "error"
BESIDE = [sys.executable, "-m", "config.beside"]
# No access log: addresses of searches hold names.
accesslog = None


class WithoutQueries(Logger):
    """Where a request fails outside Django, gunicorn names its address. Its lines look like all others."""

    def setup(self, cfg) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter())

    def exception(self, msg, *args, **options) -> None:
        super().exception(msg, *(str(arg).partition("?")[0] for arg in args), **options)


logger_class = WithoutQueries


def when_ready(server) -> None:
    # script/server asks for it; in a hospital the worker is a service of its own.
    if os.environ.get("WITH_WORKER") == "true":
        server.worker_beside = subprocess.Popen(BESIDE, stdin=subprocess.PIPE)
    tell(f"Open http://{bind.replace('127.0.0.1', 'localhost')}/ (Ctrl-C stops)")


def post_fork(server, worker) -> None:
    """Only the first process holds the input of what runs beside: it closes with it, however that ends."""
    if beside := getattr(server, "worker_beside", None):
        beside.stdin.close()


def on_exit(server) -> None:
    """The worker ends before the database that it uses."""
    if beside := getattr(server, "worker_beside", None):
        beside.stdin.close()
        beside.wait()


def post_worker_init(worker) -> None:
    from django.conf import settings

    from config.operating.bodies import SiteDoor

    worker.door = SiteDoor()
    # What comes waits in VAR_DIR, not in /tmp.
    tempfile.tempdir = str(settings.FILE_UPLOAD_TEMP_DIR)
    # Ctrl-C reaches a worker from the terminal and again from its parent: obey the parent, at once.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGQUIT, lambda *_: os._exit(0))
