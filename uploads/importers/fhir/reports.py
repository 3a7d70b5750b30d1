"""What reports, groups and statements of provenance say about the observations that they name."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..records import WAITING, Place, RowProblem
from .bundle import BundleEntry, items, resolve
from .people import FhirSubject
from .values import word, words_of

# What follows is still to come: nobody calls it final.
UNFINISHED = ("registered", "partial", "preliminary")
VOID = ("entered-in-error", "cancelled")
_PENDING = ("registered", "preliminary")
_LISTS = {"DiagnosticReport": "result", "Observation": "hasMember"}


@dataclass
class Reports:
    """By the observation's identity."""

    around: dict[int, list[dict]] = field(default_factory=dict)
    bare: int = 0
    groups: int = 0
    # Results that are named and not there, and reports that name none.
    missing: int = 0
    worded: int = 0
    # Reports of which single results say that they are not final; and what provenance names.
    _pending: set[int] = field(default_factory=set)
    _laboratories: dict[int, str] = field(default_factory=dict)

    def gather(self, entries: list[BundleEntry]) -> None:
        for entry in entries:
            members = members_of(entry.resource)
            for reference in members:
                if member := resolve(entry, reference):
                    self._tell(member.resource, entry.resource)
                else:
                    self.missing += 1
            if entry.parent and entry.type == "Observation":
                # Whether its container lists it or not.
                self._tell(entry.resource, entry.parent.resource)
            if entry.type == "Provenance":
                self._trace(entry)
            self.worded += entry.type == "DiagnosticReport" and not members and not _holds_results(entry)

    def of(self, resource: dict) -> list[dict]:
        """The groups around an observation, then their reports; each once, whatever circles there are."""
        found, seen, level = [], {self._mark(resource)}, [resource]
        while level:
            level = [
                one
                for inner in level
                for one in self._directly(inner)
                if self._mark(one) not in seen and not seen.add(self._mark(one))
            ]
            found += level
        return found

    def status_of(self, report: dict, status: str) -> str:
        """A final result of a report that is not: where its sender tells single results apart each has its own
        word; where all are called final, the report speaks for all of them."""
        unfinished = word(report.get("status")) in UNFINISHED
        return "preliminary" if status == "final" and unfinished and not self._is_apart(report) else status

    def named_by_provenance(self, *resources: dict) -> str:
        """The laboratory, where neither result nor report names one."""
        return next((name for one in resources if (name := self._laboratories.get(id(one)))), "")

    def _mark(self, resource: dict) -> object:
        """What tells one resource from another."""
        return id(resource)

    def _directly(self, resource: dict) -> list[dict]:
        return self.around.get(id(resource), [])

    def _is_apart(self, report: dict) -> bool:
        return id(report) in self._pending

    def _tell(self, member: dict, container: dict) -> None:
        around = self.around.setdefault(id(member), [])
        if not any(one is container for one in around):
            around.append(container)
        if is_pending(member):
            self._pending.add(id(container))

    def _trace(self, entry: BundleEntry) -> None:
        name = laboratory_in(entry)
        for target in items(entry.resource.get("target")) if name else ():
            if found := resolve(entry, target):
                self._laboratories.setdefault(id(found.resource), name)


def members_of(resource: dict) -> list[dict]:
    """References to the results that a report or group lists."""
    name = _LISTS.get(word(resource.get("resourceType")))
    return items(resource.get(name)) if name else []


def is_pending(resource: dict) -> bool:
    return resource.get("resourceType") == "Observation" and word(resource.get("status")) in _PENDING


def laboratory_in(entry: BundleEntry) -> str:
    """The organisation that a Provenance names; a person or device is no laboratory."""
    for agent in items(entry.resource.get("agent")):
        who = agent.get("who")
        if not isinstance(who, dict):
            continue
        found = resolve(entry, who)
        kind = found.type if found else word(who.get("type")) or word(who.get("reference")).rpartition("/")[0]
        if kind.rpartition("/")[2] == "Organization":
            return word(who.get("display")) or (word(found.resource.get("name")) if found else "")
    return ""


def withdrawn(entry: BundleEntry, place: Place, subject: FhirSubject) -> Iterator[RowProblem]:
    """A report that its sender takes back, without the results that it names: nobody else can say which these
    are."""
    status = word(entry.resource.get("status"))
    gone = [one for one in members_of(entry.resource) if resolve(entry, one) is None]
    if status in VOID and gone:
        name = words_of(entry.resource.get("code"))[:60] or "a report"
        place = Place(place.row, "status", (subject.mrn, *place.cells, name), place.words)
        text = (
            f"the sender marks this report as {status}, and its results are not in the file. Look at what is "
            "stored of it and withdraw that by hand."
        )
        yield RowProblem(place, text, WAITING)


def _holds_results(report: BundleEntry) -> bool:
    return any(one.get("resourceType") == "Observation" for one in items(report.resource.get("contained")))
