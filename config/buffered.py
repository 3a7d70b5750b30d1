"""A web process that takes up a request once it is whole: whoever sends one slowly, or half of one, holds nobody up.

gunicorn starts and watches the processes. In each, waitress reads and writes in one loop and gives whole requests to
threads.
"""

import os
import time

from gunicorn.workers.base import Worker
from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

from config.operating.channels import Door, MeasuredConnection, OneSize

# Open at once in one process. What has sent nothing for so many seconds is closed.
CONNECTIONS, SILENT = 2000, 60
# Seconds in which the loop looks up though nothing happens, and while it ends.
TURN, LAST_TURN = 0.5, 0.05
# And after which it looks who is too slow.
LOOK = 5


class BufferedWorker(Worker):
    # What is larger than that is refused (413) before anything is kept of it.
    door: Door = OneSize(300 * 1024 * 1024)

    def run(self) -> None:
        self.map: dict[int, wasyncore.dispatcher] = {}
        create_server(
            self.wsgi,
            map=self.map,
            sockets=[listener.sock for listener in self.sockets],
            threads=self.cfg.threads,
            connection_limit=CONNECTIONS,
            channel_timeout=SILENT,
            cleanup_interval=SILENT // 4,
            # Django believes them where BEHIND_PROXY says so, and nowhere else.
            clear_untrusted_proxy_headers=False,
            ident=None,
        )
        self._measure()
        looked = time.monotonic()
        while self.alive and self.ppid == os.getppid():
            self.notify()
            self._turn(TURN)
            if time.monotonic() - looked > LOOK:
                self._end_slow()
                looked = time.monotonic()
        self._finish()

    def _measure(self) -> None:
        for one in self.map.values():
            if isinstance(one, BaseWSGIServer):
                one.channel_class, one.adj.door = MeasuredConnection, self.door

    def _end_slow(self) -> None:
        for one in list(self.map.values()):
            if isinstance(one, MeasuredConnection):
                one.end_if_slow()

    def _turn(self, seconds: float) -> None:
        # Not select(), which knows no file above 1,024.
        wasyncore.loop(timeout=seconds, use_poll=True, map=self.map, count=1)

    def _finish(self) -> None:
        """Answers what has come whole, and takes nothing more."""
        for one in self.map.values():
            one.accepting = False
        end = time.monotonic() + self.cfg.graceful_timeout
        while time.monotonic() < end and any(map(_is_busy, list(self.map.values()))):
            self.notify()
            self._turn(LAST_TURN)


def _is_busy(one: wasyncore.dispatcher) -> bool:
    return isinstance(one, HTTPChannel) and bool(one.requests or one.total_outbufs_len)
