"""What one entry after the other brings, and what is to be said of all of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from patients.codes import EVENT

from ..dates import dates_alone
from ..records import DECLARED, REFUSED, WAITING, Item, LabRow, PatientRow, Place, RowProblem
from . import conditions, histories, observations, people, prescriptions, reports
from .bundle import BundleEntry
from .check import TYPES, RightParts, complaint
from .people import FhirSubject
from .values import code_in, word, words_of

_READERS = {
    "MedicationStatement": histories.read_drug,
    "MedicationAdministration": histories.read_drug,
    "MedicationRequest": prescriptions.read,
    "Procedure": histories.read_event,
}
_NAMED = 12


@dataclass
class EntryReader:
    """`about`: what other entries say of each. Counts the rows that it gave, by which they are numbered."""

    about: reports.Reports
    authority: str
    zoned: bool
    count: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    _kinds: set[type] = field(default_factory=set)
    _right: RightParts = field(default_factory=RightParts)

    def read(self, entry: BundleEntry) -> Iterator[Item]:
        """What one entry brings, each item with its row number."""
        for item in self._items(entry, Place(0, "", (entry.type,), entry.name)):
            yield self.numbered(item)

    def numbered(self, item: Item) -> Item:
        """An item with the next row number."""
        self.count += 1
        self._kinds.add(type(item))
        return replace(item, place=replace(item.place, row=self.count))

    @property
    def kind(self) -> str:
        if self._kinds == {PatientRow}:
            return "patients"
        return "labs" if self._kinds <= {LabRow, RowProblem} else "record"

    @property
    def notes(self) -> tuple[str, ...]:
        notes, about = [], self.about
        if self.passed:
            named = sorted(self.passed.items())[:_NAMED]
            counted = ", ".join(f"{count:,} {name[:30]}" for name, count in named)
            notes.append(f"Read for what they say about others, or not at all: {counted}.")
        if about.groups:
            notes.append(f"{about.groups:,} groups of results hold no value of their own.")
        if about.missing:
            text = f"Results that reports name and this file does not hold: {about.missing:,}. Send them with it."
            notes.append(text)
        if about.worded:
            notes.append(f"Reports in words or documents alone: {about.worded:,}. Read them in the file.")
        notes += dates_alone(about.bare)
        if LabRow in self._kinds:
            notes.append(DECLARED)
        return tuple(notes)

    def _items(self, entry: BundleEntry, place: Place) -> Iterator[Item]:
        if gone := deleted(entry):
            text = (
                f"the sender has deleted {gone}. Nothing is deleted here by that: if something of it is in the "
                "record, withdraw it by hand."
            )
            yield RowProblem(Place(0, "", ("deleted", gone), entry.name), text, WAITING)
        elif entry.type not in TYPES or _is_elsewhere(entry):
            self.passed[word(entry.type) or "entries without a resource"] += 1
        elif problem := self._complaint(entry, place):
            yield problem
        elif entry.type == "DiagnosticReport":
            self.passed[entry.type] += 1
            yield from reports.withdrawn(entry, place, people.subject_of(entry, self.authority))
        else:
            yield from self._read(entry, place)

    def _complaint(self, entry: BundleEntry, place: Place) -> RowProblem | None:
        # What a report says is read where its results are.
        if entry.type == "DiagnosticReport":
            return None
        path, wrong = complaint(entry.resource, self.zoned, self._right)
        if wrong:
            return RowProblem(place.at(path), f"not valid FHIR R4: {wrong}", REFUSED)
        if entry.resource.get("modifierExtension"):
            # FHIR: whoever does not understand one must not use the resource.
            text = (
                "a modifier extension changes its meaning in a way that is not known here. Read it "
                "in the file and enter it by hand."
            )
            return RowProblem(place.at("modifierExtension"), text, WAITING)
        return None

    def _read(self, entry: BundleEntry, place: Place) -> Iterator[Item]:
        if entry.type == "Patient":
            cells = people.cells_of(entry.resource, self.authority)
            yield people.read(entry, replace(place, cells=cells), self.authority)
            return
        if entry.type == "Observation" and observations.is_group(entry.resource):
            self.about.groups += 1
            return
        subject = people.subject_of(entry, self.authority)
        words = words_of(entry.resource.get("code"))[:200]
        place = replace(place, cells=(subject.mrn, *place.cells, words))
        if subject.problem:
            test = observations.test_of(entry.resource) if entry.type == "Observation" else ("", "")
            yield RowProblem(place.at("subject"), subject.problem, WAITING, test=test)
        else:
            yield from self._of(entry, place, subject)

    def _of(self, entry: BundleEntry, place: Place, subject: FhirSubject) -> Iterator[Item]:
        if entry.type == "Condition":
            yield from conditions.read(entry, place, subject)
        elif reader := _READERS.get(entry.type):
            yield reader(entry, place, subject)
        elif code_in(entry.resource.get("code"), EVENT):
            yield histories.read_event(entry, place, subject)
        else:
            yield from observations.read(entry, place, subject, self.about)


def deleted(entry: BundleEntry) -> str:
    """ "Observation/7" where an entry without a resource asks to delete that; "" for any other."""
    request = entry.resource.get("request") if not entry.type else None
    if not isinstance(request, dict) or word(request.get("method")) != "DELETE":
        return ""
    return word(request.get("url"))[:100] or "something that it does not name"


def _is_elsewhere(entry: BundleEntry) -> bool:
    """Vital signs, surveys and the like: no results of a laboratory, unless they are events of ours."""
    if entry.type != "Observation" or code_in(entry.resource.get("code"), EVENT):
        return False
    return not observations.is_laboratory(entry.resource)
