"""monitoring.toml: what is measured how often, and what a dissociation changes."""

from collections.abc import Iterable

from ..limits import LimitsShape
from ..shape import NAME, TEXT, Content, Each, Files, Many, NumberShape, TableShape, Word

DAYS = NumberShape(0, 366, whole=True)
TIMING = TableShape(
    {"soon": DAYS, "grace": DAYS},
    {"months": NumberShape(1, 60, whole=True), "days": NumberShape(1, 366, whole=True)},
    sourced=True,
)
ITEM = TableShape({"name": NAME, "analytes": Many(NAME)}, sourced=True)
REMINDER = TableShape({"name": NAME, "interval": NAME, "who": NAME}, sourced=True)
REPEAT = TableShape(
    {
        "words": TEXT,
        "unit": Word(("d", "h")),
        "soon": NumberShape(0, 366),
        "from": NumberShape(0, 366),
        "to": NumberShape(0, 366),
    },
    sourced=True,
)
REMINDERS = "ultrasound afp after_hcc varices portal_hypertension decompensated fontan yearly"

SHAPE = TableShape(
    {
        "limit": LimitsShape({"months": "core_interval", "d": "complete_within"}),
        "timing": Many(TIMING),
        "item": Each(ITEM, "ast alt inr"),
        "with_cirrhosis": Each(ITEM),
        # Whom each is for is a condition of the code, so there are these and no others.
        "reminder": TableShape(dict.fromkeys(REMINDERS.split(), REMINDER)),
        "repeat": Each(REPEAT),
    },
)


def rules(files: Files) -> Iterable[str]:
    data = files["monitoring"]
    if "sources" not in data:
        yield "monitoring.toml: sources: missing: the checklist shows them, add them below the header"
    yield from _intervals(data)
    for section in ("item", "with_cirrhosis"):
        for key, row in data[section].items():
            yield from _unknown_tests(f"{section}.{key}", row["analytes"], files)
    for key, row in data["repeat"].items():
        if row["from"] > row["to"]:
            place = f"monitoring.toml: repeat.{key}.from"
            yield f"{place}: {row['from']:g} is after `to`: make it {row['to']:g} or less"


def _intervals(data: Content) -> Iterable[str]:
    """An interval needs its timing row, and a row is for one interval."""
    rows = [(row.get("months"), row.get("days")) for row in data["timing"]]
    for number, row in enumerate(rows, start=1):
        place = f"monitoring.toml: timing.{number}"
        if (row[0] is None) == (row[1] is None):
            yield f"{place}: names months and days, or neither: name one of them"
        elif rows.index(row) != number - 1:
            yield f"{place}: the same interval as timing.{rows.index(row) + 1}: take one out"
    months = data["limit"]["core_interval"]["value"]
    if (months, None) not in rows:
        known = ", ".join(str(row[0]) for row in rows if row[0])
        place = f"monitoring.toml: limit.core_interval: {months} months have no row of timing"
        yield f"{place}: add one with months = {months}, or use {known}"


def _unknown_tests(place: str, analytes: list[str], files: Files) -> Iterable[str]:
    known = files["analytes"]["analyte"]
    for key in analytes:
        if key not in known or known[key].get("derived"):
            yield f"monitoring.toml: {place}.analytes: {key!r} is no test that is entered: see analytes.toml"
