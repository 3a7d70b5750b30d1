"""`@once`: a property that is worked out when first asked for and then kept with its object.

As functools.cached_property, which in Python 3.11 takes a lock that costs more than most facts here; from
3.12 on it takes none and can stand in its place. An object belongs to one reading of one case.
"""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

Found = TypeVar("Found")


class once(Generic[Found]):
    def __init__(self, find: Callable[[Any], Found]) -> None:
        self._find, self.__doc__ = find, find.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...

    @overload
    def __get__(self, owner: object, kind: type | None = None) -> Found: ...

    def __get__(self, owner: object, kind: type | None = None) -> Self | Found:
        if owner is None:
            return self
        found: Found = self._find(owner)
        owner.__dict__[self._name] = found
        return found
