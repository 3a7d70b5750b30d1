"""Temporary passwords: easy to read aloud and to type, impossible to guess."""

import secrets

# No 0 and o, no 1, i and l: they are misread.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP_LENGTH = 4, 4


def temporary_password() -> str:
    """Four groups of four: about 79 bits."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)
