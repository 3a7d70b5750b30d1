"""Encryption for a public key (age): who makes backups need not be able to read them."""

from collections.abc import Iterable
from pathlib import Path
from typing import IO

from django.core.management.base import CommandError
from pyrage import DecryptError, EncryptError, IdentityError, RecipientError, decrypt_io, encrypt_io, x25519

from config.backups.archive import Checksummed

NO_RECIPIENT = (
    "“{}” is not a whole public key of age (age1 and 58 letters and digits). "
    "Copy it again, or make a pair of keys with: age-keygen -o key.txt"
)
NO_KEY = "{} holds no secret key of age: a line that begins with AGE-SECRET-KEY-1."
WRONG_KEY = "This key does not open the backup: it was encrypted for another one. Nothing was changed."


def recipients(keys: Iterable[str]) -> list[x25519.Recipient]:
    return [_recipient(key.strip()) for key in keys]


def _recipient(key: str) -> x25519.Recipient:
    try:
        return x25519.Recipient.from_str(key)
    except RecipientError:
        raise CommandError(NO_RECIPIENT.format(key)) from None


def identities(path: Path) -> list[x25519.Identity]:
    try:
        lines = path.read_text().split()
        found = [x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-1")]
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
    except (IdentityError, UnicodeDecodeError):
        found = []
    if not found:
        raise CommandError(NO_KEY.format(path))
    return found


def encrypt(source: IO[bytes], target: Checksummed, keys: list[x25519.Recipient]) -> None:
    try:
        encrypt_io(source, target, keys)
    except EncryptError:
        if target.failure:
            raise target.failure from None
        raise


def decrypt(source: IO[bytes], target: IO[bytes], keys: list[x25519.Identity]) -> None:
    try:
        decrypt_io(source, target, keys)
    except DecryptError:
        raise CommandError(WRONG_KEY) from None
