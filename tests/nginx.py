"""nginx with the file that a site takes, before webs on this machine; what is changed are ports, folders and names."""

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SITE = Path(__file__).parents[1] / "config/operating/nginx.conf"
# Debian keeps it where only root looks.
PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
MISSING = "nginx is not here. On Debian and Ubuntu: apt-get install nginx-light"
# What is around it elsewhere: /etc/nginx/nginx.conf.
AROUND = """
%s
daemon off;
worker_processes 1;
pid nginx.pid;
error_log nginx.log;
events { worker_connections 512; }
http {
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
}
"""


def write(folder: Path, webs: list[int], *, plain: int, port: int, tls: bool = True) -> None:
    """The file of a site for ports of 127.0.0.1; without TLS for those who measure the rest."""
    text = SITE.read_text(encoding="utf-8")
    servers = " ".join(f"server 127.0.0.1:{web};" for web in webs)
    for pattern, new in (
        (r"server 127\.0\.0\.1:8000;", servers),
        (r"listen 80;", f"listen 127.0.0.1:{plain};"),
        (r"listen 443 ssl;", f"listen 127.0.0.1:{port}{' ssl' if tls else ''};"),
        (r"https://liver\.hospital\.example", f"https://localhost:{port}"),
        (r"server_name liver\.hospital\.example;", "server_name localhost;"),
        (r"/etc/ssl/|/var/log/nginx/", ""),
    ):
        text, changed = re.subn(pattern, new, text)
        assert changed, pattern
    dropped = r"^ *listen \[::\].*\n" if tls else r"^ *(?:listen \[::\]|ssl_).*\n"
    text = re.sub(dropped, "", text, flags=re.MULTILINE)
    (folder / "site.conf").write_text(text, encoding="utf-8")
    (folder / "nginx.conf").write_text(AROUND % ("user root;" if os.geteuid() == 0 else ""), encoding="utf-8")
    write_certificate(folder)


def command(folder: Path, *words: str) -> list[str]:
    return [PROGRAM, "-p", str(folder), "-c", "nginx.conf", "-e", "nginx.log", *words]


def start(folder: Path) -> subprocess.Popen:
    return subprocess.Popen(command(folder), start_new_session=True)


def write_certificate(folder: Path) -> None:
    """One that nobody has signed, for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "liver.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "liver.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
