"""Where the knowledge is used: each module says so where it asks for it, when it is imported."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field


def _table() -> dict:
    return field(default_factory=lambda: defaultdict(dict))


@dataclass
class Usage:
    """Modules by what they ask for, in the order in which they were imported.

    `limits` and `sections` by file and name, `ids` by statement or reference; `said`: the sections of the
    panel by statement.
    """

    limits: dict[tuple[str, str], dict[str, None]] = _table()
    sections: dict[tuple[str, str], dict[str, None]] = _table()
    ids: dict[str, dict[str, None]] = _table()
    said: dict[str, dict[str, None]] = _table()

    def reads_limits(self, module: str, file: str, names: Iterable[str]) -> None:
        for name in names:
            self.limits[file, name][module] = None

    def reads_sections(self, module: str, file: str, names: Iterable[str]) -> None:
        for name in names:
            self.sections[file, name][module] = None

    def cites(self, module: str, ids: Iterable[str]) -> None:
        for id in ids:
            self.ids[id][module] = None

    def says(self, module: str, section: str, ids: Iterable[str]) -> None:
        for id in ids:
            self.ids[id][module] = self.said[id][section] = None

    # --- asked by the page and the check; what nobody uses must not come into being here ---

    @property
    def files(self) -> set[str]:
        return {file for file, _ in (*self.limits, *self.sections)}

    def limit(self, file: str, name: str) -> tuple[str, ...]:
        return tuple(self.limits.get((file, name), ()))

    def readers(self, file: str, section: str) -> tuple[str, ...]:
        """Modules that read the section; where none does, all that read the file."""
        every = [users for (home, _), users in (*self.sections.items(), *self.limits.items()) if home == file]
        return tuple(self.sections.get((file, section)) or dict.fromkeys(m for users in every for m in users))

    def users(self, id: str) -> tuple[str, ...]:
        """Modules that say this statement or cite this source."""
        return tuple(self.ids.get(id, ()))

    def shown(self, id: str) -> tuple[str, ...]:
        """Sections of the panel in which the statement is said."""
        return tuple(self.said.get(id, ()))


USAGE = Usage()
