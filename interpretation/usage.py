"""Where the knowledge is used: each module says so where it asks for it, when it is imported."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


def _table() -> Any:
    return field(default_factory=lambda: defaultdict(set))


@dataclass
class Usage:
    """Modules by what they ask for.

    `limits` and `sections` by file and name, `ids` by statement or reference; `said`: the sections of the
    panel by statement, and `sayers` who says it there.
    """

    limits: dict[tuple[str, str], set[str]] = _table()
    sections: dict[tuple[str, str], set[str]] = _table()
    ids: dict[str, set[str]] = _table()
    said: dict[str, set[str]] = _table()
    sayers: dict[str, set[str]] = _table()

    def reads_limits(self, module: str, file: str, names: Iterable[str]) -> None:
        for name in names:
            self.limits[file, name].add(module)

    def reads_sections(self, module: str, file: str, names: Iterable[str]) -> None:
        for name in names:
            self.sections[file, name].add(module)

    def cites(self, module: str, ids: Iterable[str]) -> None:
        for id in ids:
            self.ids[id].add(module)

    def says(self, module: str, section: str, ids: Iterable[str]) -> None:
        for id in ids:
            self.said[id].add(section)
            self.sayers[id].add(module)

    # --- asked by the page and the check; what nobody uses must not come into being here ---

    @property
    def files(self) -> set[str]:
        return {file for file, _ in (*self.limits, *self.sections)}

    def limit(self, file: str, name: str) -> tuple[str, ...]:
        return tuple(sorted(self.limits.get((file, name), ())))

    def readers(self, file: str, section: str) -> tuple[str, ...]:
        """Modules that read the section; where none does, all that read the file."""
        tables = (*self.sections.items(), *self.limits.items())
        every = {module for (home, _), users in tables if home == file for module in users}
        return tuple(sorted(self.sections.get((file, section)) or every))

    def users(self, id: str) -> tuple[str, ...]:
        """Modules that say this statement or cite this source."""
        return tuple(sorted(self.ids.get(id, set()) | self.sayers.get(id, set())))

    def shown(self, id: str) -> tuple[str, ...]:
        """Sections of the panel in which the statement is said."""
        return tuple(sorted(self.said.get(id, ())))


USAGE = Usage()
