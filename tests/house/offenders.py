"""The list of those who offended before there was a limit. It may only shrink."""

import json
import tomllib
from pathlib import Path

from tests.house.files import Counts
from tests.house.limits import LIMITS

LIST = Path(__file__).with_name("offenders.toml")
HEAD = """\
# Who offended before there was a limit. This list may only shrink: whoever touches an offender takes it off.
# python -m tests.house writes it anew, only downwards; with --accept-moves also where files were renamed.
"""


def read(path: Path = LIST) -> dict[str, Counts]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def write(listed: dict[str, Counts], path: Path = LIST) -> None:
    path.write_text(HEAD + "".join(_part(name, listed[name]) for name in LIMITS if listed.get(name)), "utf-8")


def differences(listed: Counts, found: Counts) -> list[str]:
    """What is not as the list says: new offenders, worse ones, and better ones that it does not know of."""
    both = ((name, listed.get(name, 0), found.get(name, 0)) for name in sorted(listed | found))
    return [_told(name, was, now) for name, was, now in both if now != was]


def shrunk(listed: Counts, found: Counts, *, accept_moves: bool = False) -> Counts:
    """The list as it may be written: nothing new, nothing worse; or all anew when the sum did not grow."""
    if accept_moves and sum(found.values()) <= sum(listed.values()):
        return found
    kept = {name: min(was, found.get(name, 0)) for name, was in listed.items()}
    return {name: number for name, number in kept.items() if number}


def _told(name: str, was: int, now: int) -> str:
    if now < was:
        return f"{name}: better, {now} where the list says {was}. Run python -m tests.house."
    return f"{name}: worse, {now} where the list allows {was}."


def _part(name: str, counts: Counts) -> str:
    lines = (f"{json.dumps(offender)} = {number}" for offender, number in sorted(counts.items()))
    return "\n".join(["", f"# {LIMITS[name].says}", f"[{name}]", *lines, ""])
