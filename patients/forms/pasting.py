"""A pasted report in the draw form: into its rows, its time and its laboratory, beside what is typed."""

from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256

from interpretation.record import units
from patients.forms.draws import DrawForm
from patients.forms.fields import written
from patients.forms.memory import Memory
from patients.forms.rows import DrawFormRow, fill, follow_laboratory
from patients.models import Patient
from patients.pasted.parts import NotTaken, Pasted, PastedResult
from patients.pasted.report import read_pasted
from patients.values.dates import Undated, read_moment


@dataclass
class TakenOver:
    """What became of a pasted report. `refusal`: why nothing of it was taken."""

    names: list[str] = field(default_factory=list)
    without_unit: list[str] = field(default_factory=list)
    laboratory: str = ""
    left: list[NotTaken] = field(default_factory=list)
    refusal: str = ""


def is_unread(form: DrawForm) -> bool:
    """Whether a report stands in the form that nobody has asked to read: it is not passed over."""
    text = form.data.get("pasted", "")
    return "pasted" in form.fields and bool(text.strip()) and form.data.get("pasted_before") != _mark(text)


def paste(form: DrawForm, memory: Memory) -> TakenOver:
    """Fills the form; what is typed already stays."""
    text = form.data.get("pasted", "")
    read = read_pasted(text)
    form.data = form.data.copy()
    form.data["pasted_before"] = _mark(text)
    if refusal := _refusal(read, form.patient):
        return TakenOver(refusal=refusal)
    taken = TakenOver(left=list(read.left))
    _set_time(form, read.taken_at, taken)
    _set_laboratory(form, read.laboratory, memory, taken)
    rows = {row.key: row for row in form.rows}
    for result in read.results:
        _set_row(rows[result.key], result, taken)
    return taken


def _refusal(read: Pasted, patient: Patient) -> str:
    if read.mrn and _plain(read.mrn) != _plain(patient.mrn):
        return f"The report bears the MRN {read.mrn}, this patient’s is {patient.mrn}. Nothing is taken over."
    return "" if read.results or read.left else "There is nothing to read: paste the report first."


def _plain(mrn: str) -> str:
    return "".join(mrn.split()).lstrip("0").casefold()


def _set_time(form: DrawForm, text: str, taken: TakenOver) -> None:
    if not text:
        return
    # Of a day without its hour, and of one that does not exist, the field says so.
    with suppress(Undated):
        text = written(read_moment(text))
    typed = form.data.get("taken_at", "").strip()
    if typed and typed != text:
        taken.left.append(NotTaken(text, f"The time “{typed}” is typed already and stays."))
    else:
        form.data["taken_at"] = text


def _set_laboratory(form: DrawForm, name: str, memory: Memory, taken: TakenOver) -> None:
    typed = form.data.get("laboratory", "").strip()
    if not name:
        return
    if typed not in ("", name, memory.laboratory):
        taken.left.append(NotTaken(name, f"The laboratory “{typed}” is typed already and stays."))
        return
    form.data["laboratory"] = taken.laboratory = name
    follow_laboratory(form.rows, name, memory)


def _set_row(row: DrawFormRow, result: PastedResult, taken: TakenOver) -> None:
    typed = row.value.strip()
    if typed and typed != result.value:
        shown = f"{row.name}: {result.value} {units.unit_label(result.unit)}".strip()
        taken.left.append(NotTaken(shown, f"{row.shown} is typed already and stays."))
        return
    if not typed:
        fill(row, value=result.value, unit=result.unit, lower=result.lower, upper=result.upper)
    taken.names.append(row.name)
    if not result.unit and row.unit_label:
        taken.without_unit.append(f"{row.name} in {row.unit_label}")


def _mark(text: str) -> str:
    """Tells one text from another, whatever the browser makes of its line ends."""
    return sha256("\n".join(text.split()).encode()).hexdigest()[:16]
