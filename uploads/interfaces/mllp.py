"""MLLP, HL7's minimal lower layer: messages framed by VT and FS CR over TCP or TLS, each answered on the spot."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from uploads.interfaces.mllp_turns import Turns

START, FS = b"\x0b", b"\x1c"
END = FS + b"\r"
# A connection that says nothing for so long is closed; laboratories open another one.
IDLE_SECONDS = 3600
# Whoever has not shown by then that it speaks TLS is closed, and so is who does not take its answers.
HANDSHAKE_SECONDS = 10
ANSWER_SECONDS = 60
# One more is closed at once: each holds up to a message in memory.
CONNECTIONS = 200
CHUNK = 65536
log = logging.getLogger("mllp")


class Frames:
    """Bytes as they come, cut into messages. What stands outside the frames is dropped, so also the CR after
    FS, which some senders leave out. Of a message that is larger than `most` so much is kept that it is seen
    to be too large."""

    def __init__(self, most: int) -> None:
        self.most, self.held = most, bytearray()

    def take(self, data: bytes) -> list[bytes]:
        """The messages that these bytes complete."""
        self.held += data
        found = []
        while True:
            start = self.held.find(START)
            if start < 0:
                self.held.clear()
                return found
            del self.held[:start]
            end = self.held.find(FS)
            if end < 0:
                del self.held[self.most + 2 :]
                return found
            found.append(bytes(self.held[1 : min(end, self.most + 2)]))
            del self.held[: end + 1]


@dataclass
class Listener:
    """`answer` may block: it runs in a thread, one message a connection; it refuses what is larger than `most`.
    `tls`: None for connections without encryption."""

    answer: Callable[[bytes], bytes]
    most: int
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self.turns, self.open = Turns(), 0

    async def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A new connection, until its end."""
        self.open += 1
        try:
            if self.open > CONNECTIONS:
                log.warning("A connection was closed: %d are open already.", CONNECTIONS)
            elif await self._is_secure(writer):
                await self._talk(reader, writer)
        except (TimeoutError, OSError):
            # Gone, silent or cut in the middle: what was not answered is sent again.
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _is_secure(self, writer: asyncio.StreamWriter) -> bool:
        """Here and not before the connection is made known: a handshake that fails is told, and waits alone."""
        if self.tls is None:
            return True
        peer = writer.get_extra_info("peername")
        try:
            await writer.start_tls(self.tls, ssl_handshake_timeout=HANDSHAKE_SECONDS)
        except OSError as error:
            log.warning("No TLS with %s: %s", peer[0] if peer else "somebody", _why(error))
            return False
        return True

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Frames(self.most)
        while data := await asyncio.wait_for(reader.read(CHUNK), IDLE_SECONDS):
            for raw in frames.take(data):
                async with self.turns.of(raw):
                    writer.write(START + await asyncio.to_thread(self.answer, raw) + END)
                await asyncio.wait_for(writer.drain(), ANSWER_SECONDS)


async def serve(
    *,
    host: str,
    port: int,
    answer: Callable[[bytes], bytes],
    most: int,
    ready: Callable[[int], None],
    tls: ssl.SSLContext | None = None,
) -> None:
    """Listens until it is cancelled; see `Listener`."""
    server = await asyncio.start_server(Listener(answer, most, tls).welcome, host, port)
    async with server:
        ready(server.sockets[0].getsockname()[1])
        await server.serve_forever()


def _why(error: OSError) -> str:
    """What OpenSSL says: “certificate verify failed: unable to get local issuer certificate”."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {error.verify_message}"
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    # As the library ends a handshake that takes too long.
    if isinstance(error, ConnectionAbortedError):
        return f"no handshake within {HANDSHAKE_SECONDS} s"
    return "it ended the connection"
