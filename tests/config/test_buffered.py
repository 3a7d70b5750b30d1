"""The web server itself: half-sent requests hold nobody up, and what has begun is finished."""

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKER = "config.buffered.BufferedWorker"
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
BODY = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nlogin="
# Seconds after which an answer counts as none.
PATIENCE = 20


@dataclass
class Server:
    process: subprocess.Popen
    port: int

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def ask(self, method: str = "GET", address: str = "/", **more) -> tuple[int, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request(method, address, **more)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


def answer(one: socket.socket) -> http.client.HTTPResponse:
    """Its head; the body may come in a later piece."""
    found = http.client.HTTPResponse(one)
    found.begin()
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server() -> Iterator[Server]:
    """One process with two threads."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--worker-class", WORKER, "--threads", "2"]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error", "--no-control-socket"]
    process = subprocess.Popen([*command, "tests.config.tiny"], cwd=ROOT)
    found = Server(process, port)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(OSError):
            found.connect().close()
            break
        time.sleep(0.05)
    yield found
    process.terminate()
    process.wait(PATIENCE)


@pytest.mark.parametrize("begun", [HEAD, BODY, HEAD[:5], b""])
def test_a_hundred_half_sent_requests_hold_nobody_up(server, begun):
    with ExitStack() as half:
        for _ in range(100):
            half.enter_context(server.connect()).sendall(begun)
        assert [server.ask() for _ in range(5)] == [(200, "0 bytes for nobody")] * 5


def test_a_request_in_pieces_arrives_whole(server):
    with server.connect() as one:
        for piece in (BODY[:20], BODY[20:], b"x" * 500, b"x" * 494):
            one.sendall(piece)
            time.sleep(0.05)
        assert answer(one).read() == b"1000 bytes for nobody"


def test_a_large_body_arrives_whole(server):
    assert server.ask("POST", body=b"x" * 3_000_000) == (200, "3000000 bytes for nobody")


def test_what_is_too_large_is_refused_before_it_is_sent(server):
    with server.connect() as one:
        one.sendall(BODY.replace(b"1000", b"999999999999"))
        assert answer(one).status == 413


def test_the_word_of_the_proxy_reaches_the_application(server):
    assert server.ask(headers={"X-Forwarded-For": "10.1.1.1"}) == (200, "0 bytes for 10.1.1.1")


def test_the_server_does_not_name_itself(server):
    with server.connect() as one:
        one.sendall(HEAD + b"\r\n")
        assert answer(one).headers["Server"] is None


def test_what_has_begun_is_answered_before_the_server_ends(server):
    with server.connect() as one:
        one.sendall(HEAD.replace(b"/ ", b"/slow/ ") + b"\r\n")
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        assert answer(one).read() == b"0 bytes for nobody"
    assert server.process.wait(PATIENCE) == 0
