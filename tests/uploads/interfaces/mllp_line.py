"""A listener in a thread of its own, and certificates to speak TLS with it."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connections

from tests.waiting import PATIENCE
from uploads.interfaces import mllp

MOST = 2 * 1024 * 1024


@contextmanager
def listening(answer: Callable[[bytes], bytes], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port on which it listens."""
    loop, port, started = asyncio.new_event_loop(), [], threading.Event()

    def ready(at: int) -> None:
        port.append(at)
        started.set()

    server = mllp.serve(host="127.0.0.1", port=0, answer=answer, most=MOST, ready=ready, tls=tls)
    task = loop.create_task(server)

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            loop.run_until_complete(_end(asyncio.all_tasks(loop)))
            loop.run_until_complete(loop.shutdown_default_executor())
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    started.wait(PATIENCE)
    try:
        yield port[0]
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(PATIENCE)
        loop.close()


async def _end(talks: set[asyncio.Task]) -> None:
    for talk in talks:
        talk.cancel()
    await asyncio.gather(*talks, return_exceptions=True)


class Authority:
    """Signs certificates; each is a file of key and certificate."""

    def __init__(self, folder: Path, name: str):
        self.folder, self.name, self.key = folder, name, ec.generate_private_key(ec.SECP256R1())
        self.own = self._signed(name, self.key, ca=True)
        self.file = self._kept(name, self.own)

    def issue(self, name: str) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        return self._kept(f"{self.name}-{name}", self._signed(name, key), key)

    def trusted(self, client: Path | None = None) -> ssl.SSLContext:
        """What a client needs that trusts this authority alone."""
        made = ssl.create_default_context(cafile=str(self.file))
        if client:
            made.load_cert_chain(client)
        return made

    def _signed(self, name: str, key, ca: bool = False) -> x509.Certificate:
        own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(issuer, own, key.public_key(), x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        made = made.add_extension(x509.BasicConstraints(ca, None), critical=True)
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        public = self.key.public_key()
        made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        return made.add_extension(names, critical=False).sign(self.key, hashes.SHA256())

    def _kept(self, name: str, certificate: x509.Certificate, key=None) -> Path:
        pem = serialization.Encoding.PEM
        kept = self.folder / f"{name}.pem"
        own = b""
        if key:
            form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            own = key.private_bytes(pem, form, plain)
        kept.write_bytes(own + certificate.public_bytes(pem))
        return kept
