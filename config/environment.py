"""Reads the settings that a site may choose. A bad or missing value stops the start with its remedy."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

SECRET_REMEDY = (
    "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(64))', "
    "keep it out of the code and set it as {name}."
)
FOLDER_REMEDY = "Name a folder of your own: VAR_DIR=/path/to/folder"
DATABASE_FORM = (
    "Write it as postgresql://user:password@host:5432/name, with commas between several host:port."
)
DATABASE_SIGNS = "In user and password write special characters as %XX, for example / as %2F."
# One a host, each may be left out.
PORTS = re.compile(r"[0-9]*(,[0-9]*)*")
# Unless the address says otherwise. A host that is gone without a word is noticed in seconds, not in hours.
CONNECTING = {
    "target_session_attrs": "read-write",
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}
# Seconds after which a connection is made anew.
KEPT = 3600


def envbool(name: str, default: bool) -> bool:
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return default
    if text not in ("true", "false"):
        raise ImproperlyConfigured(f"{name} is “{text}”. Set it to true or false.")
    return text == "true"


def envchoice(name: str, default: str, *others: str) -> str:
    text = os.environ.get(name, "").strip().lower() or default
    if text not in (default, *others):
        raise ImproperlyConfigured(f"{name} is “{text}”. Set it to {' or '.join((default, *others))}.")
    return text


def envint(name: str, default: int, low: int, high: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise ImproperlyConfigured(f"{name} is “{text}”. Set it to a whole number from {low} to {high}.")
    return int(text)


def envlist(name: str, example: str, *, required: bool) -> list[str]:
    words = [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]
    if required and not words:
        raise ImproperlyConfigured(
            f"{name} is missing. Set it, with commas between several: {name}={example}"
        )
    return words


def envhosts(name: str, *, required: bool) -> list[str]:
    hosts = envlist(name, "liver.hospital.example", required=required)
    for host in hosts:
        if "/" in host or host == "*":
            raise ImproperlyConfigured(
                f"{name} contains “{host}”. Give names only, without http:// and without *: "
                f"{name}=liver.hospital.example"
            )
    return hosts


def envorigins(name: str) -> list[str]:
    origins = envlist(name, "https://liver.hospital.example", required=False)
    for origin in origins:
        if urlsplit(origin).scheme not in ("http", "https"):
            raise ImproperlyConfigured(
                f"{name} contains “{origin}”. Begin each with https://: {name}=https://liver.hospital.example"
            )
    return origins


def envsecret(name: str, default: str, *, required: bool) -> str:
    """A long random text. The default serves invented people only."""
    secret = os.environ.get(name, "")
    if not required:
        return secret or default
    if not secret:
        raise ImproperlyConfigured(f"{name} is missing. {SECRET_REMEDY.format(name=name)}")
    if len(secret) < 50 or len(set(secret)) < 10 or secret == default:
        raise ImproperlyConfigured(
            f"{name} is too weak: 50 or more random characters. {SECRET_REMEDY.format(name=name)}"
        )
    return secret


def envissuer(name: str, *, production: bool) -> str:
    """The address of the hospital's sign-in; in production its answers travel by https only."""
    issuer = os.environ.get(name, "").strip().rstrip("/")
    schemes = ("https",) if production else ("https", "http")
    if issuer and urlsplit(issuer).scheme not in schemes:
        raise ImproperlyConfigured(
            f"{name} is “{issuer}”. Begin it with https://: {name}=https://login.hospital.example"
        )
    return issuer


def envgroups(name: str) -> dict[str, tuple[str, str]]:
    """Clinic and role by the name of a group. A group may hold commas and =: the last = counts."""
    found = {}
    for part in filter(None, (part.strip() for part in os.environ.get(name, "").split(";"))):
        group, _, meant = part.rpartition("=")
        clinic, _, role = meant.partition(":")
        if not (group and clinic and role):
            raise ImproperlyConfigured(
                f"{name} contains “{part}”. Write GROUP=CLINIC:ROLE, with ; between several: "
                f"{name}=liver-nurses=north:clinician;liver-office=north:data_manager"
            )
        found[group.strip()] = (clinic.strip(), role.strip())
    return found


def envtogether(name: str, issuer: str) -> str:
    """What the hospital's sign-in needs beside its address."""
    text = os.environ.get(name, "").strip()
    if issuer and not text:
        raise ImproperlyConfigured(
            f"{name} is missing: OIDC_ISSUER is set. The hospital’s sign-in gives you one."
        )
    return text


def envtoken(name: str) -> str:
    """A random text for one purpose, or none."""
    token = os.environ.get(name, "").strip()
    if token and (len(token) < 20 or not token.isascii()):
        raise ImproperlyConfigured(
            f"{name} is too weak: 20 or more random characters. {SECRET_REMEDY.format(name=name)}"
        )
    return token


def writable(name: str, default: Path) -> Path:
    """The folder, made where it does not exist."""
    folder = Path(os.environ.get(name) or default).expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}: {folder} cannot be made ({error.strerror}). {FOLDER_REMEDY}"
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"{name}: this user may not write into {folder}. {FOLDER_REMEDY}")
    return folder


def databases(runtime: str, owner: str) -> tuple[dict, dict] | None:
    """Django's settings for the runtime role and for the owner of one database; None where no address is given."""
    if not runtime:
        if owner:
            raise ImproperlyConfigured("MIGRATE_URL is set and DATABASE_URL is not. Set both, or neither.")
        return None
    found = database(runtime), database(owner or runtime, "MIGRATE_URL" if owner else "DATABASE_URL")
    if found[0]["NAME"] != found[1]["NAME"]:
        raise ImproperlyConfigured("MIGRATE_URL names another database than DATABASE_URL. Name the same one.")
    return found


def database(address: str, setting: str = "DATABASE_URL") -> dict:
    """Django's settings for one PostgreSQL, of one host or several. The address is never quoted: it has a password.

    Of several hosts the one that takes writes is used, so that a standby that was promoted is found.
    """
    if not address.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(f"{setting} does not name a PostgreSQL. {DATABASE_FORM}")
    try:
        parts = conninfo_to_dict(address)
    except ProgrammingError:
        parts = {"port": "unreadable"}
    if "@" in parts.get("host", "") or not PORTS.fullmatch(parts.get("port", "")):
        raise ImproperlyConfigured(f"{setting} cannot be read. {DATABASE_FORM} {DATABASE_SIGNS}")
    name = parts.pop("dbname", "")
    if not name or "/" in name:
        raise ImproperlyConfigured(f"{setting} does not name one database. {DATABASE_FORM}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        **{key.upper(): parts.pop(key, "") for key in ("user", "password", "host", "port")},
        # A thread of the web server keeps its connection, and looks whether it still lives before each request.
        "CONN_MAX_AGE": KEPT,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": CONNECTING | parts,
    }
