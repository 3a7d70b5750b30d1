"""Connections that keep no more of a body than its sender may send: counted while it is read, before it fills a disk.

Of a longer one it is first asked who sends it, by a thread, while the connection is not read on.
"""

import copy
import socket
import time
from collections.abc import Mapping
from typing import Protocol

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error, RequestEntityTooLarge

# A head has so many seconds; a body comes with so many bytes a second at least, after that.
HEAD_SECONDS, RATE = 30, 1000
# For so many seconds more is read and thrown away after a refusal: whoever still sends would not see the answer.
LINGER = 5


class Door(Protocol):
    """What may come in. `free`: bytes for which nobody is asked who sends them."""

    free: int

    def most(self, path: str) -> int:
        """Bytes that anybody may send to this address."""

    def too_large(self, path: str) -> Error:
        """The answer to more."""

    def refusal(self, path: str, headers: Mapping[str, str]) -> Error | None:
        """The answer to somebody who may not send more than `free`; None: it may come in."""


class OneSize:
    """The same for everybody, and nobody is asked."""

    def __init__(self, largest: int) -> None:
        self.free = self.largest = largest

    def most(self, path: str) -> int:
        return self.largest

    def too_large(self, path: str) -> Error:
        return RequestEntityTooLarge(f"At most {self.largest} bytes are taken.")

    def refusal(self, path: str, headers: Mapping[str, str]) -> Error | None:
        return None


class MeasuredRequest(HTTPRequestParser):
    """`adj` has a `door`."""

    is_known = False

    def __init__(self, adj) -> None:
        super().__init__(adj)
        self.began = time.monotonic()

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        # Its own limit, read by the parser at the head's end and after each piece of the body.
        self.adj = copy.copy(self.adj)
        self.adj.max_request_body_size = self.adj.door.most(self.path) + 1

    def received(self, data: bytes) -> int:
        consumed = super().received(data)
        if isinstance(self.error, RequestEntityTooLarge):
            self.error = self.adj.door.too_large(self.path)
        return consumed

    @property
    def is_asked_for(self) -> bool:
        """Whether it must be known who sends it before more of it is read."""
        size = max(self.content_length, self.body_bytes_received)
        return self.headers_finished and not (self.completed or self.is_known) and size > self.adj.door.free

    @property
    def is_slow(self) -> bool:
        return time.monotonic() - self.began > HEAD_SECONDS + self.body_bytes_received / RATE


class MeasuredConnection(HTTPChannel):
    parser_class = MeasuredRequest
    is_asking = is_refused = False
    # Since when what comes is thrown away.
    lingers_since: float | None = None

    def readable(self) -> bool:
        if self.lingers_since is not None:
            return not self.will_close
        return not self.is_asking and super().readable()

    def received(self, data: bytes) -> bool:
        if self.lingers_since is not None:
            return False
        taken = super().received(data)
        if self.request is not None and self.request.is_asked_for and not self.is_asking:
            self.is_asking = True
            self.server.add_task(WhoSends(self, self.request))
        return taken

    def service(self) -> None:
        self.is_refused = self.requests[0].error is not None
        super().service()

    def handle_write(self) -> None:
        if not (self.is_refused and self.close_when_flushed) or self.will_close:
            return super().handle_write()
        self._flush_exception(self._flush_some)
        if self.connected and not self.total_outbufs_len:
            self._linger()

    def answer_asked(self, refusal: Error | None) -> None:
        """By another thread than the one that reads."""
        with self.requests_lock:
            request = self.request
            request.is_known = refusal is None
            if refusal is not None:
                request.error, request.completed = refusal, True
                self.request = None
                self.requests.append(request)
                if len(self.requests) == 1:
                    self.server.add_task(self)
        self.is_asking = False
        self.server.pull_trigger()

    def end_if_slow(self) -> None:
        if self.lingers_since is not None:
            self.will_close = time.monotonic() - self.lingers_since > LINGER
        elif self.request is not None and not self.is_asking and self.request.is_slow:
            self.will_close = True

    def _linger(self) -> None:
        """The answer is whole; the other side is told that nothing more comes."""
        self.close_when_flushed = False
        self.lingers_since = time.monotonic()
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.will_close = True


class WhoSends:
    """A task for waitress's threads."""

    def __init__(self, connection: MeasuredConnection, request: MeasuredRequest) -> None:
        self.connection, self.request = connection, request

    def service(self) -> None:
        door = self.request.adj.door
        self.connection.answer_asked(door.refusal(self.request.path, self.request.headers))

    def cancel(self) -> None:
        """The server ends: nothing of the request is taken."""
        self.connection.will_close = True
