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
    yield from serve()


@pytest.fixture
def watched() -> Iterator[Server]:
    """It asks who sends what is long, and is impatient: see tests/config/tiny_serve.py."""
    yield from serve("--config", "python:tests.config.tiny_serve")


def serve(*options: str) -> Iterator[Server]:
    """One process with two threads."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--worker-class", WORKER, "--threads", "2"]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error", "--no-control-socket"]
    process = subprocess.Popen([*command, *options, "tests.config.tiny"], cwd=ROOT)
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


# --- what comes is measured ---


def chunked(size: int, piece: int = 500) -> Iterator[bytes]:
    for _ in range(size // piece):
        yield b"x" * piece


def test_a_little_is_taken_from_anybody(watched):
    assert watched.ask("POST", body=b"x" * 1000) == (200, "1000 bytes for nobody")
    assert watched.ask("POST", body=chunked(1000), encode_chunked=True) == (200, "1000 bytes for nobody")


@pytest.mark.parametrize("address", ["/", "/files/"])
def test_more_is_taken_from_who_is_known(watched, address):
    known = {"Cookie": "ada"}
    assert watched.ask("POST", address, body=b"x" * 20_000, headers=known) == (200, "20000 bytes for nobody")
    found = watched.ask("POST", address, body=chunked(10_000), headers=known, encode_chunked=True)
    assert found == (200, "10000 bytes for nobody")


@pytest.mark.parametrize("headers", [{}, {"Cookie": "eve"}])
def test_nobody_else_sends_more(watched, headers):
    for body in (b"x" * 15_000, b"x" * 150_000):
        status, said = watched.ask("POST", "/files/", body=body, headers=headers)
        assert (status, "who are you?" in said) == (400, True)


def test_nor_in_pieces_of_unknown_number(watched):
    status, said = watched.ask("POST", "/files/", body=chunked(15_000), encode_chunked=True)
    assert (status, "who are you?" in said) == (400, True)


def test_the_answer_comes_before_the_body(watched):
    with watched.connect() as one:
        one.sendall(BODY.replace(b"1000", b"15000"))
        assert answer(one).status == 400


@pytest.mark.parametrize("size", [20_001, 10**12])
def test_what_is_too_large_for_its_address_is_refused_whoever_sends_it(watched, size):
    with watched.connect() as one:
        one.sendall(BODY.replace(b"1000", str(size).encode()).replace(b"\r\n", b"\r\nCookie: ada\r\n", 1))
        found = answer(one)
        assert (found.status, b"too large for /" in found.read()) == (413, True)


def test_pieces_are_counted(watched):
    status, said = watched.ask("POST", body=chunked(50_000), headers={"Cookie": "ada"}, encode_chunked=True)
    assert (status, "too large for /" in said) == (413, True)


def test_while_one_is_asked_for_others_are_answered(watched):
    with watched.connect() as one:
        one.sendall(
            BODY.replace(b"1000", b"5000").replace(b"login=", b"").replace(b"Host", b"X-Think: 2\r\nHost")
        )
        began = time.monotonic()
        assert watched.ask() == (200, "0 bytes for nobody")
        assert time.monotonic() - began < 1.5
        one.sendall(b"x" * 5000)
        assert answer(one).status == 400


@pytest.mark.parametrize("begun", [HEAD[:5], HEAD, BODY])
def test_who_sends_a_byte_now_and_then_is_ended(watched, begun):
    with watched.connect() as one:
        one.sendall(begun)
        one.settimeout(0.3)
        end = time.monotonic() + PATIENCE
        closed = False
        while not closed and time.monotonic() < end:
            with suppress(TimeoutError):
                try:
                    one.sendall(b"x")
                    closed = one.recv(1) == b""
                except OSError as error:
                    if isinstance(error, TimeoutError):
                        raise
                    closed = True
        assert closed


def test_who_sends_steadily_is_not(watched):
    """For longer than a head may take, faster than the rate."""
    with watched.connect() as one:
        one.sendall(b"POST /files/ HTTP/1.1\r\nHost: x\r\nCookie: ada\r\nContent-Length: 180000\r\n\r\n")
        for _ in range(9):
            one.sendall(b"x" * 20_000)
            time.sleep(0.18)
        assert answer(one).read() == b"180000 bytes for nobody"
