"""A day whose hour is not known, where a moment is asked for."""

from datetime import date, datetime, timedelta
from typing import Any


class DateAlone(datetime):
    """The midnight that stands for a day without an hour; what is reckoned from it is a plain moment."""

    __slots__ = ()

    @classmethod
    def of(cls, at: datetime) -> "DateAlone":
        return cls.combine(at.date(), at.timetz())

    def __add__(self, other: timedelta) -> datetime:  # type: ignore[override]
        return _plain(self) + other

    __radd__ = __add__  # type: ignore[assignment]

    def __sub__(self, other: Any) -> Any:
        return _plain(self) - other


def _plain(at: datetime) -> datetime:
    return datetime.combine(date(at.year, at.month, at.day), at.timetz())
