"""How a sender writes, as a person of the clinic has said: what a file alone may leave open."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SenderProfile:
    """Every field left empty is not decided: the file says it, or it is asked.

    `date_order`: `dates.DAY_FIRST`, `MONTH_FIRST` or `ISO`. `decimal` and `thousands`: the marks in numbers.
    `time_zone`: an IANA name. `strip_leading_zeros`: 12345 is the MRN 0012345 where that one is on record.
    `laboratory_names`: the sender's name of a laboratory -> ours. `default_units`: analyte key -> unit of a
    column without one.
    """

    date_order: str = ""
    decimal: str = ""
    thousands: str = ""
    time_zone: str = ""
    strip_leading_zeros: bool = False
    laboratory_names: Mapping[str, str] = field(default_factory=dict)
    default_units: Mapping[str, str] = field(default_factory=dict)


NOTHING_SET = SenderProfile()
