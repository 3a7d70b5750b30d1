"""How a sender writes, as a person of the clinic has said: what a file alone may leave open."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from interpretation.spelling import fold_name

from .local_time import unclear
from .records import WAITING, Item, LabRow, Problem


@dataclass(frozen=True)
class SenderProfile:
    """Every field left empty is not decided: the file says it, or it is asked.

    `date_order`: `dates.DAY_FIRST`, `MONTH_FIRST` or `ISO`. `decimal` and `thousands`: the marks in numbers.
    `time_zone`: an IANA name. `strip_leading_zeros`: 12345 is the MRN 0012345 where that one is on record.
    `laboratory_names`: the sender's name of a laboratory, folded -> ours. `default_units`: analyte key -> the
    unit of a column without one.
    """

    date_order: str = ""
    decimal: str = ""
    thousands: str = ""
    time_zone: str = ""
    strip_leading_zeros: bool = False
    laboratory_names: Mapping[str, str] = field(default_factory=dict)
    default_units: Mapping[str, str] = field(default_factory=dict)


NOTHING_SET = SenderProfile()

_TIMES = ("taken_at", "received_at", "verified_at")


def as_sent(row: LabRow, profile: SenderProfile) -> Item:
    """A result with its laboratory in our words and its times in the zone of the sender."""
    if ours := profile.laboratory_names.get(fold_name(row.laboratory)):
        row = replace(row, laboratory=ours)
    if not profile.time_zone or row.taken_at.tzinfo:
        return row
    zone = ZoneInfo(profile.time_zone)
    if text := unclear(row.taken_at, zone):
        return Problem(row.place.at("collected_at"), text, WAITING, test=(row.test, row.code))
    times = {name: _in_zone(getattr(row, name), zone) for name in _TIMES}
    return replace(row, **times)


def _in_zone(time: datetime | None, zone: ZoneInfo) -> datetime | None:
    return time if time is None or time.tzinfo else time.replace(tzinfo=zone)
