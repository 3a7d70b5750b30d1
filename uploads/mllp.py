"""MLLP, HL7's minimal lower layer: messages framed by VT and FS CR over TCP, each answered on the spot."""

import asyncio
import logging
from collections.abc import Callable

START, END = b"\x0b", b"\x1c\r"
# A connection that says nothing for so long is closed; laboratories open another one.
IDLE_SECONDS = 3600
CHUNK = 65536
logger = logging.getLogger(__name__)


class Frames:
    """Bytes as they come, cut into messages. What stands outside the frames is dropped."""

    def __init__(self, most: int):
        self.most, self.held = most, bytearray()

    def take(self, data: bytes) -> list[bytes]:
        """The messages that these bytes complete. ValueError: one is larger than allowed."""
        self.held += data
        found = []
        while True:
            start = self.held.find(START)
            if start < 0:
                self.held.clear()
                return found
            del self.held[:start]
            end = self.held.find(END)
            if max(end, 0) > self.most or (end < 0 and len(self.held) > self.most):
                raise ValueError("message larger than allowed")
            if end < 0:
                return found
            found.append(bytes(self.held[1:end]))
            del self.held[: end + len(END)]


async def serve(
    *, host: str, port: int, answer: Callable[[bytes], bytes], most: int, ready: Callable[[int], None]
) -> None:
    """Listens until it is cancelled. `answer` may block: it runs in a thread, one message a connection."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Frames(most)
        try:
            while data := await asyncio.wait_for(reader.read(CHUNK), IDLE_SECONDS):
                for raw in frames.take(data):
                    writer.write(START + await asyncio.to_thread(answer, raw) + END)
                    await writer.drain()
        except ValueError:
            logger.warning("MLLP: a message larger than allowed; the connection was closed.")
        except (TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, host, port)
    async with server:
        ready(server.sockets[0].getsockname()[1])
        await server.serve_forever()
