"""MLLP, HL7's minimal lower layer: messages framed by VT and FS CR over TCP, each answered on the spot."""

import asyncio
from collections.abc import Callable

START, FS = b"\x0b", b"\x1c"
END = FS + b"\r"
# A connection that says nothing for so long is closed; laboratories open another one.
IDLE_SECONDS = 3600
CHUNK = 65536


class Frames:
    """Bytes as they come, cut into messages. What stands outside the frames is dropped, so also the CR after
    FS, which some senders leave out. Of a message that is larger than `most` so much is kept that it is seen
    to be too large."""

    def __init__(self, most: int):
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


async def serve(
    *, host: str, port: int, answer: Callable[[bytes], bytes], most: int, ready: Callable[[int], None]
) -> None:
    """Listens until it is cancelled. `answer` may block: it runs in a thread, one message a connection; it
    refuses what is larger than `most`."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Frames(most)
        try:
            while data := await asyncio.wait_for(reader.read(CHUNK), IDLE_SECONDS):
                for raw in frames.take(data):
                    writer.write(START + await asyncio.to_thread(answer, raw) + END)
                    await writer.drain()
        except (TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, host, port)
    async with server:
        ready(server.sockets[0].getsockname()[1])
        await server.serve_forever()
