"""What other apps do when two patients become one. They add theirs when ready; none is known here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from django.apps import apps
from django.db.models import Model, Q

from accounts.models import User
from patients.models import Merge


@dataclass(frozen=True)
class Moving:
    """Rows that go over, of those that are `only`. Of those that are `standing` the ones stay of which the survivor
    has one with the same `keys`."""

    label: str
    standing: Q = Q()
    keys: tuple[str, ...] | None = None
    only: Q = Q()

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.label)


class MergeFollower(Protocol):
    """In the transaction of the merge, with both patients locked."""

    def merged(self, merge: Merge, by: User) -> None: ...

    def undone(self, merge: Merge, by: User) -> None: ...


followers: list[MergeFollower] = []
moves: list[Moving] = []
# The uploads that came since a merge under a number of the merged one, and under no other.
came_since: list[Callable[[Merge], set[int]]] = []
