"""How a sender writes, as a person of the clinic has said: what a file alone may leave open."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from interpretation.record.spelling import fold_name

from .dates import DateAlone
from .local_time import unclear
from .mrn import without_zeros
from .numbers import OTHER
from .records import WAITING, EventRow, Item, LabRow, RowProblem

# What an MRN's zeros in front mean. IGNORE: the patient on record whose number is the same but for zeros.
KEEP, IGNORE, STRIP, PAD = "keep", "ignore", "strip", "pad"
# Times that may lack their zone -> the column that a person mends; the others only help.
_TIMES = {
    LabRow: {"taken_at": "collected_at", "received_at": "", "verified_at": ""},
    EventRow: {"started_at": "started_at", "ended_at": "ended_at"},
}
_DIGITS = re.compile(r"[0-9]+(?:[.,]0+)?")


@dataclass(frozen=True)
class WritingProfile:
    """Every field left empty is not decided: the file says it, or it is asked.

    `date_order`: `dates.DAY_FIRST`, `MONTH_FIRST` or `ISO`. `decimal`: the mark in numbers. `thousands`: the
    mark between thousands, or "space", "apostrophe", "none". `time_zone`: an IANA name. `mrn_zeros`: see
    above, `mrn_width` digits where they are filled up. `laboratory_names`: the sender's name of a laboratory
    -> ours. `default_units`: analyte key -> unit of a column without one. `version`, `defaults_version`: of
    what is kept for this sender and for its clinic; 0 where nothing is.
    """

    date_order: str = ""
    decimal: str = ""
    thousands: str = ""
    time_zone: str = ""
    mrn_zeros: str = ""
    mrn_width: int = 0
    laboratory_names: Mapping[str, str] = field(default_factory=dict)
    default_units: Mapping[str, str] = field(default_factory=dict)
    version: int = 0
    defaults_version: int = 0

    def __post_init__(self) -> None:
        names = self.laboratory_names
        laboratories = {fold_name(name): name for name in names.values()}
        laboratories |= {fold_name(said): meant for said, meant in names.items()}
        object.__setattr__(self, "_laboratories", laboratories)
        # Asked of every row.
        changes = bool(laboratories or self.time_zone or self.mrn_zeros in (STRIP, PAD))
        object.__setattr__(self, "_changes", changes)

    @property
    def zone(self) -> ZoneInfo | None:
        return ZoneInfo(self.time_zone) if self.time_zone else None

    @property
    def mark(self) -> str:
        """The decimal mark; the one between thousands leaves only the other."""
        return self.decimal or OTHER.get(self.thousands, "")

    def mrn(self, number: str) -> str:
        """The number as it is on record: filled up with zeros, or without those in front."""
        if self.mrn_zeros not in (STRIP, PAD) or not _DIGITS.fullmatch(number):
            return number
        bare = without_zeros(number)
        return bare.zfill(self.mrn_width) if bare and self.mrn_zeros == PAD else bare or number

    def applied(self, item: Item) -> Item:
        """A row with its number and laboratory as they are called here, its times in the sender's zone."""
        if isinstance(item, RowProblem) or not self._changes:
            return item
        item = self._with_number(item)
        if isinstance(item, LabRow):
            name = self._laboratories.get(fold_name(item.laboratory), item.laboratory)
            item = replace(item, laboratory=name)
        return self._with_zone(item) if self.time_zone else item

    def _with_number(self, item: Item) -> Item:
        if self.mrn_zeros not in (STRIP, PAD):
            return item
        identity = getattr(item, "identity", None)
        numbers = getattr(identity or item, "numbers", None)
        if numbers is None:
            return replace(item, mrn=self.mrn(item.mrn))
        both = {name: tuple(map(self.mrn, getattr(numbers, name))) for name in ("live", "retired")}
        numbers = replace(numbers, **both)
        where = {"identity": replace(identity, numbers=numbers)} if identity else {"numbers": numbers}
        return replace(item, mrn=numbers.words, **where)

    def _with_zone(self, item: Item) -> Item:
        """Days without a time stay the clinic's."""
        zone, times = self.zone, {}
        for name, column in _TIMES.get(type(item), {}).items():
            time = getattr(item, name)
            if time is None or time.tzinfo or isinstance(time, DateAlone):
                continue
            if column and (text := unclear(time, zone)):
                named = (item.test, item.code) if isinstance(item, LabRow) else ("", "")
                return RowProblem(item.place.at(column), text, WAITING, test=named)
            times[name] = time.replace(tzinfo=zone)
        return replace(item, **times) if times else item


NOTHING_SET = WritingProfile()
