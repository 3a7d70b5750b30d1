"""gunicorn's settings for the tests of the server: whoever says their name may send 200 kB, anybody 1 kB."""

import time

from waitress.utilities import BadRequest, RequestEntityTooLarge

from config.operating import channels

KB = 1000
# Soon enough for a test.
channels.HEAD_SECONDS, channels.RATE, channels.LINGER = 1, 100 * KB, 2


class TinyDoor:
    free = KB

    def most(self, path: str) -> int:
        return 200 * KB if path == "/files/" else 20 * KB

    def too_large(self, path: str) -> RequestEntityTooLarge:
        return RequestEntityTooLarge(f"too large for {path}")

    def refusal(self, path: str, headers) -> BadRequest | None:
        time.sleep(float(headers.get("X_THINK", 0)))
        return None if headers.get("COOKIE") == "ada" else BadRequest("who are you?")


def post_worker_init(worker) -> None:
    from config import buffered

    buffered.LOOK = 0.2
    worker.door = TinyDoor()
