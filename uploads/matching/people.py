"""Patients, diagnoses and events against the record."""

import unicodedata
from datetime import date, datetime, timedelta
from typing import NamedTuple

from interpretation.record.spelling import fold_name
from patients.actions.bulk import NewDiagnosis, NewEvent, NewPatient, NoAnticoagulant, StoredChange
from patients.words import DIAGNOSIS_NAMES
from uploads.importers.records import (
    AnticoagulantRow,
    DeathRow,
    DiagnosisRow,
    EventRow,
    Identity,
    LabRow,
    PatientRow,
    Place,
    RefutedRow,
)
from uploads.matching.record_view import RecordRow, RecordView

from .match import CHANGED, NEW, REFUSED, SAME, WAITING, Match

NUMBER_ALONE = "No date of birth is given: only the number speaks for this patient."
MANY_NUMBERS = (
    "The sender gives this person several numbers, and nothing tells which one counts here: say under "
    "Waiting whose results these are."
)
NEW_WAITS = "A new patient: files may not add patients in this clinic before a person has said so."
AFTER_DEATH = (
    "{what} after the death of this patient: it is another patient’s, or the date of death is wrong. "
    "Correct the date of death on the patient’s page, or tell the sender."
)
BEFORE_RESULTS = (
    "The record holds results taken after this day of death: this is another patient, or the date is wrong. "
    "Look at the patient’s page; enter the date of death by hand if it is right."
)
NO_FAMILY = (
    "The file gives no family name, or not which part of the name it is. Add this patient by hand under the "
    "same MRN, then store the file again."
)
REFUTED = (
    "The sender says {said} of “{name}”, and the record holds it. Look at the patient’s page and withdraw it there "
    "if the sender is right."
)
NOT_STOPPED = (
    "The file says that no anticoagulant is taken, and the record holds one without a confirmed stop: confirm "
    "it on the patient’s page."
)
SINCE_WHEN = "The file does not say since when. Add a column anticoagulant_since; about is enough."
# What a row says of a person who is in the record; a column and its day.
AboutPerson = DeathRow | DiagnosisRow | EventRow | AnticoagulantRow
Days = tuple[tuple[str, date | None], ...]
OLDEST = timedelta(days=130 * 366)
_WORDS = {
    "family_name": "family name",
    "given_name": "given name",
    "sex": "sex",
    "birth_date": "date of birth",
    "died_on": "date of death",
    "resolved_on": "end",
    "codes": "codes",
    "ended_at": "end",
    "grade": "grade",
    "route": "route",
    "stop_confirmed": "confirmation of the stop",
}
_OF_PERSON = ("family_name", "given_name", "sex", "birth_date", "died_on")
# Commands print reasons: these values stay on the page, in the row's own text.
_PRIVATE = ("family_name", "given_name", "birth_date", "died_on")


class IdentityDoubt(NamedTuple):
    """Whose a row is, is a question: where it arises, in words, and of which kind it is."""

    column: str
    text: str
    unclear: str


def match_patient(item: PatientRow, view: RecordView, file: int, accepted: bool = False) -> Match:
    """`accepted`: a person has said that this is a new patient."""
    if wrong := _wrong_person(item, view):
        return wrong
    fields = {name: getattr(item, name) for name in _OF_PERSON}
    there = view.patients.get(item.mrn)
    if there is None:
        allowed = accepted or view.clinic.new_patients_from_files
        return _new_person(item, view, file, fields, allowed)
    if fields["sex"] == "U":
        fields.pop("sex")
    return _too_early(item, view, there) or _compared(item, "patient", there, fields, file)


def _wrong_person(item: PatientRow, view: RecordView) -> Match | None:
    """What nobody can be; and several numbers, of which a person must choose one."""
    days = (("birth_date", item.birth_date), ("death_date", item.died_on))
    if wrong := _in_future(item, view, days):
        return wrong
    if item.birth_date < view.today - OLDEST:
        return _refused(item, "birth_date", f"{item.birth_date} is more than 130 years ago. Correct it.")
    if len(item.mrn) > 64 or len(item.family_name) > 120 or len(item.given_name) > 120:
        return _refused(item, "", "the MRN or a name is too long. Shorten it.")
    if item.numbers:
        return Match(_at(item, "mrn"), WAITING, MANY_NUMBERS, unclear="many")
    return None


def _new_person(item: PatientRow, view: RecordView, file: int, fields: dict, allowed: bool) -> Match:
    if not item.family_name:
        return Match(_at(item, "family_name"), WAITING, NO_FAMILY)
    if not allowed:
        return Match(_at(item, "mrn"), WAITING, NEW_WAITS, unclear="new")
    view.patients[item.mrn] = RecordRow(fields, None, file, item.place.name)
    view.tell_death(item.mrn, item.died_on)
    return Match(item.place, NEW, record=NewPatient(item.mrn, **fields))


def match_death(item: DeathRow, view: RecordView, file: int) -> Match:
    """A death that is new is a change of the record: a person says yes."""
    if wrong := _about_person(item, view, (("death_date", item.died_on),)):
        return wrong
    there = view.patients[item.mrn]
    return _too_early(item, view, there) or _compared(item, "patient", there, {"died_on": item.died_on}, file)


def _too_early(item: PatientRow | DeathRow, view: RecordView, there: RecordRow) -> Match | None:
    """A death that is told and not known: results after it speak against it, those of this batch too."""
    if item.died_on is None or item.died_on == there.fields["died_on"]:
        return None
    view.tell_death(item.mrn, item.died_on)
    if there.pk is None or not view.has_draws_after(there.pk, item.died_on):
        return None
    return Match(_at(item, "death_date"), WAITING, BEFORE_RESULTS)


def match_diagnosis(item: DiagnosisRow, view: RecordView, file: int) -> Match:
    wrong = _about_person(item, view, (("noted_on", item.noted_on), ("resolved_on", item.resolved_on)))
    if wrong:
        return wrong
    if any(len(code) > 20 for code in item.codes):
        return _refused(item, "codes", "a code is longer than 20 characters. Separate codes with semicolons.")
    key = (item.mrn, item.kind, item.noted_on)
    fields = {"resolved_on": item.resolved_on, "codes": list(item.codes)}
    there = view.diagnoses.get(key)
    if there is not None:
        return _compared(item, "diagnosis", there, fields, file)
    view.diagnoses[key] = RecordRow(fields, None, file, item.place.name)
    record = NewDiagnosis(item.mrn, item.kind, item.noted_on, item.resolved_on, item.codes, item.note)
    return Match(item.place, NEW, record=record)


def match_refuted(item: RefutedRow, view: RecordView) -> Match:
    """Never a diagnosis; where the record holds it, a person decides which of the two is right."""
    column = "verificationStatus"
    if wrong := _about_person(item, view, ()):
        return wrong
    kept = [
        key for key, row in view.diagnoses.items() if key[:2] == (item.mrn, item.kind) and not _ended(row)
    ]
    if not kept:
        return Match(_at(item, column), SAME, f"{item.said}: not kept.")
    return Match(_at(item, column), WAITING, REFUTED.format(said=item.said, name=DIAGNOSIS_NAMES[item.kind]))


def _ended(row: RecordRow) -> bool:
    return row.fields.get("resolved_on") is not None


def match_event(item: EventRow, view: RecordView, file: int) -> Match:
    start = view.moment(item.started_at)
    end = view.moment(item.ended_at) if item.ended_at else None
    if wrong := _misplaced_event(item, view, start):
        return wrong
    key = (item.mrn, item.kind, fold_name(item.label), start)
    fields = {"ended_at": end, "grade": item.grade, "route": item.route}
    if item.stop_confirmed:
        fields["stop_confirmed"] = True
    there = view.events[key]
    for entry in there:
        if not _differences(entry.fields, fields):
            return Match(item.place, SAME, _above(entry, file))
    # Two entries of one file that start together are two entries: doses of one infusion, for instance.
    stored = [entry for entry in there if entry.file != file]
    if stored:
        return _compared(item, "event", stored[0], fields, file)
    there.append(RecordRow(fields, None, file, item.place.name))
    view.tell_drug(item.mrn, item.kind, fields)
    record = NewEvent(
        item.mrn, item.kind, item.label, start, end, item.grade, item.route, item.note, item.stop_confirmed
    )
    return Match(item.place, NEW, record=record)


def _misplaced_event(item: EventRow, view: RecordView, start: datetime) -> Match | None:
    """At a time that cannot be or is unclear, of somebody who is not here, or outside of their life."""
    if start > view.now:
        return _refused(item, "started_at", f"{start:%Y-%m-%d %H:%M} lies in the future. Correct it.")
    for column, time in (("started_at", item.started_at), ("ended_at", item.ended_at)):
        if time in view.unclear:
            return Match(_at(item, column), WAITING, view.unclear[time])
    if wrong := _about_person(item, view, (("started_at", view.day(start)),)):
        return wrong
    if item.mrn in view.deaths and view.day(start) > view.deaths[item.mrn]:
        return Match(_at(item, "started_at"), WAITING, AFTER_DEATH.format(what="This began"))
    return None


def match_anticoagulant(item: AnticoagulantRow, view: RecordView, file: int) -> Match:
    """A drug is an event, from the day on that is told; "none" stands only where the record holds no drug."""
    if item.mrn not in view.patients:
        return Match(_at(item, "mrn"), WAITING, view.stranger(item.mrn))
    if wrong := _about_person(item, view, (("anticoagulant_since", item.since),)):
        return wrong
    if item.kind:
        return _match_drug(item, view, file)
    fields = view.patients[item.mrn].fields
    if view.drugs[item.mrn]:
        return Match(_at(item, "anticoagulant"), WAITING, NOT_STOPPED)
    if fields.get("anticoagulant") == "none":
        return Match(item.place, SAME)
    fields["anticoagulant"] = "none"
    return Match(item.place, NEW, record=NoAnticoagulant(item.mrn))


def _match_drug(item: AnticoagulantRow, view: RecordView, file: int) -> Match:
    if item.kind in view.drugs[item.mrn]:
        return Match(item.place, SAME)
    if item.since is None:
        return Match(_at(item, "anticoagulant_since"), WAITING, SINCE_WHEN)
    start = datetime(item.since.year, item.since.month, item.since.day)
    told = (None, None, "", "", False, item.identity)
    return match_event(EventRow(item.place, item.mrn, item.kind, item.label, start, *told), view, file)


def _about_person(item: AboutPerson, view: RecordView, days: Days) -> Match | None:
    """Problems of dates, first against today, then against the person's birth."""
    if wrong := _in_future(item, view, days) or _stranger(item, view):
        return wrong
    if item.identity and item.identity.number_alone:
        return Match(_at(item, "mrn"), WAITING, NUMBER_ALONE, unclear="alone")
    born = view.patients[item.mrn].fields["birth_date"]
    for column, day in days:
        if day and day < born:
            return _refused(item, column, f"{day} is before the patient was born. Correct one of the dates.")
    return None


def _in_future(item: PatientRow | AboutPerson, view: RecordView, days: Days) -> Match | None:
    for column, day in days:
        if day and day > view.today:
            return _refused(item, column, f"{day} lies in the future. Correct it.")
    return None


def _stranger(item: AboutPerson, view: RecordView) -> Match | None:
    doubt = doubt_of(item, view)
    return doubt and Match(_at(item, doubt.column), WAITING, doubt.text, unclear=doubt.unclear)


def doubt_of(item: AboutPerson | LabRow, view: RecordView) -> IdentityDoubt | None:
    """Why a row waits: nobody here has this number, or whoever has it is somebody else."""
    if item.identity and item.identity.numbers:
        return IdentityDoubt("mrn", MANY_NUMBERS, "many")
    person = view.patients.get(item.mrn)
    if person is None:
        return IdentityDoubt("mrn", view.stranger(item.mrn), "nobody")
    if item.identity and (text := near_miss(item.identity, person.fields)):
        return IdentityDoubt(_near_column(text), text, "near")
    return None


def near_miss(identity: Identity, fields: dict) -> str:
    """Why a row whose MRN agrees is not filed: date of birth or family name are another's. "" if they agree.

    Without a date of birth on the row the number speaks alone: see `Results`.
    """
    different = []
    if identity.birth_date and identity.birth_date != fields["birth_date"]:
        different.append("date of birth")
    if identity.family_name and not _same_family(identity, fields["family_name"]):
        different.append("family name")
    if not different:
        return ""
    return (
        f"Near match: the MRN is that of a patient here, but the {' and the '.join(different)} "
        f"{'differ' if different[1:] else 'differs'}. Not filed: say under Waiting whether it is "
        "this patient, or correct what is wrong."
    )


def _near_column(text: str) -> str:
    """The column of what differs first in the sentence of a near miss."""
    return "birth_date" if _WORDS["birth_date"] in text else "family_name"


def _same_family(identity: Identity, family_name: str) -> bool:
    if not identity.whole:
        return fold_family(identity.family_name) == fold_family(family_name)
    return set(map(fold_family, family_name.split())) <= set(map(fold_family, identity.family_name.split()))


def fold_family(name: str) -> str:
    """O'Brien, OBRIEN and O’Brien, Müller and Muller are one name."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in plain if sign.isalnum())


def _compared(item, kind: str, there: RecordRow, fields: dict, file: int) -> Match:
    """What the file leaves blank says nothing against what is stored."""
    different = _differences(there.fields, fields)
    if not different:
        return Match(item.place, SAME, _above(there, file))
    words = ", ".join(_WORDS[name] for name in different)
    if there.pk is None:
        text = f"{there.row} says the same with another {words}. Keep one of the two rows."
        if there.file != file:
            text = f"another file of this batch says the same with another {words}. Keep one of the two."
        return _refused(item, "", text)
    told = [name for name in different if name not in _PRIVATE]
    pairs = [f"{_WORDS[n]}: stored {_show(there.fields[n])}, file {_show(fields[n])}" for n in told]
    shown = "; ".join(pairs)
    reason = f"Differs in {words}." + (f" {shown}." if shown else "")
    record = StoredChange(item.mrn, kind, there.pk, {name: fields[name] for name in different})
    return Match(item.place, CHANGED, reason, record)


def _differences(stored: dict, fields: dict) -> list[str]:
    given = {name: value for name, value in fields.items() if value not in (None, "", [])}
    return [name for name, value in given.items() if stored.get(name) != value]


def _show(value) -> str:
    if value in (None, "", []):
        return "nothing"
    return f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "hour") else str(value)


def _above(entry: RecordRow, file: int) -> str:
    return f"The same as {entry.row}." if entry.file == file and entry.row else ""


def _at(item, column: str) -> Place:
    return item.place.at(column)


def _refused(item, column: str, text: str) -> Match:
    return Match(_at(item, column), REFUSED, text)
