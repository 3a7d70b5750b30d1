"""References across the files of an export, as whoever reads one resource of it asks for them."""

from collections.abc import Callable
from functools import lru_cache

from ..fhir.bundle import BundleEntry, Scope, resolve
from ..fhir.reports import Reports, laboratory_in
from .index import ExportIndex, key_of, references_of

# Patients, reports and organisations that stay at hand.
_AT_HAND = 4096


class ExportScope(Scope):
    """Around every line: what the other lines hold."""

    def __init__(self, index: ExportIndex) -> None:
        super().__init__()
        self.index = index
        self.read: Callable[[str], dict | None] = lru_cache(_AT_HAND)(index.find)

    def add(self, key: str, entry: BundleEntry) -> None:
        """The index has them all."""

    def find(self, key: str) -> BundleEntry | None:
        found = self.read(self.index.key(key))
        return BundleEntry(key, found, self) if found else None


class ExportReports(Reports):
    """As `Reports`, of the whole export: what stands in one line with a result is at hand, all else in the index."""

    def __init__(self, scope: ExportScope) -> None:
        super().__init__()
        self._scope, self._index = scope, scope.index
        self._has_pending: Callable[[str], bool] = lru_cache(_AT_HAND)(self._index.has_pending)
        self.missing, self.worded = self._index.missing, self._index.worded
        # The resources of the line at hand, and those of them whose ids say nothing outside of another one.
        self._here: set[int] = set()
        self._inner: set[int] = set()

    def take_line(self, entries: list[BundleEntry]) -> None:
        """From now on it speaks of these entries."""
        self.around.clear()
        self._pending.clear()
        self._laboratories.clear()
        self._here = {id(entry.resource) for entry in entries}
        self._inner = {id(entry.resource) for entry in entries if entry.parent}
        if len(entries) > 1:
            missing, worded = self.missing, self.worded
            self.gather(entries)
            self.missing, self.worded = missing, worded

    def named_by_provenance(self, *resources: dict) -> str:
        here = super().named_by_provenance(*resources)
        keys = (self._key(one) for one in resources if one)
        return here or next((name for key in keys if key and (name := self._index.laboratory(key))), "")

    def _tell(self, member: dict, container: dict) -> None:
        # What another line holds the index knows of.
        if id(member) in self._here:
            super()._tell(member, container)

    def _directly(self, resource: dict) -> list[dict]:
        key = self._key(resource)
        named = map(self._scope.read, self._index.containers(key)) if key else ()
        return [*super()._directly(resource), *(one for one in named if one)]

    def _mark(self, resource: dict) -> object:
        return self._key(resource) or super()._mark(resource)

    def _is_apart(self, report: dict) -> bool:
        key = self._key(report)
        return super()._is_apart(report) or bool(key and self._has_pending(key))

    def _key(self, resource: dict) -> str:
        return "" if id(resource) in self._inner else key_of(resource)


def gather_provenance(scope: ExportScope) -> None:
    """Which laboratory made what: asked once all files are known, for organisations stand anywhere."""
    index = scope.index
    for provenance in index.provenances():
        entry = BundleEntry("", provenance, scope)
        if name := laboratory_in(entry):
            index.add_laboratory(map(index.key, references_of(provenance, "target")), name)


def needed_by(entry: BundleEntry, scope: ExportScope, references: list[dict]) -> set[str]:
    """The keys of what a resource refers to, and of the reports around it, but for other results."""
    own = key_of(entry.resource)
    found = set(scope.index.containers(own)) if own else set()
    for reference in references:
        there = resolve(entry, reference)
        if there and there.type != "Observation" and (key := key_of(there.resource)):
            found.add(key)
    return found
