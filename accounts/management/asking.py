"""Passwords that commands ask for: never on the command line, where others see them."""

import sys
from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.management.base import CommandError

from accounts.models import User


def asked_password(name: str) -> str:
    """Typed twice at the terminal; raises `ValidationError` for one that is too weak."""
    try:
        password, again = getpass(f"Password for {name}: "), getpass("The same again: ")
    except EOFError:
        raise CommandError(
            "The password is asked at a terminal, and there is none. Nothing was stored. "
            "Send it to the standard input, with --password-stdin."
        ) from None
    if password != again:
        raise CommandError("The two passwords differ. Nothing was stored.")
    return checked(name, password)


def read_password(name: str) -> str:
    """The first line of the standard input."""
    return checked(name, sys.stdin.readline().rstrip("\r\n"))


def checked(name: str, password: str) -> str:
    validate_password(password, User(username=name))
    return password
