"""What a clinic's senders mean by their names: asked of a person once, remembered, and taken back."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Protocol

import pghistory
from django.db import transaction

from accounts.models import Clinic, User
from interpretation.record import analytes
from interpretation.record.units import unit_label
from patients.actions.errors import Refused, refusing
from patients.words import full_day
from uploads.importers.dates import DAY_FIRST, MONTH_FIRST, read_date
from uploads.importers.meanings import EXAMPLES, HEADER, KEEP, NEVER, TEST, UNIT, Meanings
from uploads.importers.recognise import KINDS
from uploads.importers.records import WRITING, UnknownName
from uploads.models import Mapping, Sender, SenderProfile, Upload
from uploads.profiles import learn as learn_writing
from uploads.profiles import merged, rows_of

# In the form: the choice that is no column, test or unit.
NEVER_WORD = "never"
# How a sender may write, by the field of its profile: what is meant, in words.
_WRITES = {
    "date_order": {DAY_FIRST: "day first", MONTH_FIRST: "month first"},
    "decimal": {".": "decimal point", ",": "decimal comma"},
}
# A test of no list that is kept as it is sent.
KEEP_WORD = "keep"


class Asks(Protocol):
    """What a form asks about one name."""

    @property
    def field(self) -> str: ...

    @property
    def is_test(self) -> bool: ...


@dataclass(frozen=True)
class MappingQuestion:
    """One unknown name of a batch and what a person may say that it means. `field`: its name in the form."""

    name: UnknownName
    files: tuple[str, ...]
    # Group, [(value, label)].
    choices: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

    @property
    def field(self) -> str:
        key = "|".join((self.name.what, self.name.about, self.name.folded))
        return f"n-{sha256(key.encode()).hexdigest()[:16]}"

    @property
    def word(self) -> str:
        return "How it writes" if self.name.what == WRITING else Mapping.What(self.name.what).label

    @property
    def of(self) -> str:
        """The analyte whose unit this is."""
        return analytes.get(self.name.about).name if self.name.what == UNIT else ""

    @property
    def values(self) -> set[str]:
        return {value for _, pairs in self.choices for value, _ in pairs}

    @property
    def is_test(self) -> bool:
        """A test, or a column that may hold the results of one."""
        return self.name.what == TEST or self.name.tests


def clean_sender(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:80]


def meanings_of(clinic: Clinic, sender: str) -> Meanings:
    """What was said of any sender, and over it what was said of this one: names and how it writes; whose
    numbers it sends as MRNs."""
    profiles = rows_of(clinic, sender)
    rows = Mapping.objects.filter(clinic=clinic, undone_at=None)
    found = [row for row in rows if row.sender.casefold() in ("", sender.casefold())]
    found.sort(key=lambda row: row.sender != "")
    return Meanings(
        headers={(row.about, row.folded): row.meant for row in found if row.what == HEADER},
        tests={row.folded: row.meant for row in found if row.what == TEST},
        units=_units(found, profiles[1]),
        authority=_authority(clinic, sender),
        profile=merged(*profiles),
        zone=clinic.zone,
    )


def _units(rows: list[Mapping], own: SenderProfile | None) -> dict[tuple[str, str], str]:
    """The sender's own unit for what has none goes before what was said of any sender."""
    units = {(row.about, row.folded): row.meant for row in rows if row.what == UNIT and not row.sender}
    units |= {(key, ""): unit for key, unit in own.default_units.items()} if own else {}
    return units | {(row.about, row.folded): row.meant for row in rows if row.what == UNIT and row.sender}


def unknown_of(upload: Upload) -> list[UnknownName]:
    return [unknown(row) for row in upload.unknown]


def unknown(row: dict) -> UnknownName:
    """A name as the upload keeps it."""
    return UnknownName(**{**row, "examples": tuple(map(tuple, row["examples"]))})


def as_stored(names: Iterable[UnknownName]) -> list[dict]:
    return [asdict(name) for name in names]


def answered(uploads: Iterable[Upload]) -> list[Upload]:
    """The files among them that wait for a name which has a meaning now; messages have
    `messages.replay_named`."""
    known: dict[tuple, Meanings] = {}
    found = []
    for upload in uploads:
        if upload.system_id or not upload.unknown:
            continue
        whose = upload.clinic_id, upload.sender.casefold()
        if whose not in known:
            known[whose] = meanings_of(upload.clinic, upload.sender)
        if any(_is_meant(name, known[whose]) for name in unknown_of(upload)):
            found.append(upload)
    return found


def _is_meant(name: UnknownName, meanings: Meanings) -> bool:
    if name.what == WRITING:
        profile = meanings.profile
        return bool(profile.mark if name.folded == "decimal" else getattr(profile, name.folded))
    if name.what == UNIT:
        return (name.about, name.folded) in meanings.units
    test = name.folded in meanings.tests
    if name.what == TEST:
        return test
    headers = [said for about, said in meanings.headers if name.about in ("", about)]
    return name.folded in headers or (name.tests and test)


def questions_of(uploads: Iterable[Upload]) -> list[MappingQuestion]:
    """The unknown names of what waits, each once, with its counts and examples over all files."""
    found: dict[tuple, tuple[UnknownName, tuple[str, ...]]] = {}
    for upload in uploads:
        for name in unknown_of(upload):
            key = (name.what, name.about, name.folded)
            there, files = found.get(key, (None, ()))
            found[key] = (together(there, name) if there else name, (*files, upload.file))
    return [question(name, files) for name, files in found.values()]


def answers_of(asked: Iterable[Asks], said: dict[str, str]) -> list[tuple[Asks, str]]:
    """What a person said of some names, by their fields; all other tests left out where `others` says so."""
    others = NEVER_WORD if said.get("others") == NEVER_WORD else ""
    told = ((one, said.get(one.field) or (others if one.is_test else "")) for one in asked)
    return [(one, value) for one, value in told if value]


def question(name: UnknownName, files: tuple[str, ...]) -> MappingQuestion:
    return MappingQuestion(name, files, _choices(name))


@transaction.atomic
def learn(
    *, clinic: Clinic, sender: str, by: User, answers: list[tuple[MappingQuestion, str]]
) -> list[Mapping | SenderProfile]:
    """Remembers what names mean, and in the sender's profile how it writes. `answers`: each question with one
    of the values of its choices."""
    made = []
    with pghistory.context(user=by.pk), refusing():
        for question, value in answers:
            if value not in question.values:
                raise Refused("Choose a meaning from the list.")
            if question.name.what == WRITING:
                said = {"field": question.name.folded, "value": value.split("|", 2)[2]}
                made.append(learn_writing(clinic=clinic, sender=sender, by=by, **said))
                continue
            fields = _fields(question.name, value)
            if _said_already(clinic, sender, fields):
                continue
            made.append(Mapping.objects.create(clinic=clinic, sender=sender, by=by, **fields))
    return list(filter(None, made))


def meaning_in_words(mapping: Mapping) -> str:
    if mapping.meant == NEVER:
        return "never read"
    if mapping.what == HEADER:
        return mapping.meant
    if mapping.meant == KEEP:
        return "kept as sent"
    if mapping.what == TEST:
        return analytes.get(mapping.meant).name
    return f"{unit_label(mapping.meant)} (of {analytes.get(mapping.about).name})"


def _authority(clinic: Clinic, sender: str) -> str:
    if not sender:
        return ""
    found = Sender.objects.filter(clinic=clinic, name__iexact=sender).values_list("authority", flat=True)
    return found.first() or ""


def _said_already(clinic: Clinic, sender: str, fields: dict) -> bool:
    which = {name: fields[name] for name in ("what", "about", "folded")}
    there = Mapping.objects.filter(clinic=clinic, sender__iexact=sender, undone_at=None, **which).first()
    if there and there.meant != fields["meant"]:
        words = f"“{there.shown}” was mapped to {meaning_in_words(there)} by {there.by}."
        raise Refused(f"{words} Undo that under Mappings first.")
    return there is not None


def _fields(name: UnknownName, value: str) -> dict:
    """The mapping that an answer makes: a column that is a test becomes the mapping of a test."""
    fields = {"what": name.what, "about": name.about, "folded": name.folded[:200], "shown": name.shown[:200]}
    if value == NEVER_WORD:
        return {**fields, "meant": NEVER}
    if value == KEEP_WORD:
        return {**fields, "what": TEST, "about": "", "meant": KEEP}
    what, about, meant = value.split("|", 2)
    return {**fields, "what": what, "about": about, "meant": meant}


def together(one: UnknownName, other: UnknownName) -> UnknownName:
    examples = tuple(dict((*one.examples, *other.examples)).items())[:EXAMPLES]
    return replace(one, count=one.count + other.count, examples=examples, tests=one.tests or other.tests)


def _choices(name: UnknownName) -> tuple:
    groups = []
    if name.what == WRITING:
        return (_ways(name),)
    if name.what == HEADER:
        groups += _columns(name.about)
    if name.what == TEST or name.tests:
        groups.append(("Test", tuple((f"{TEST}||{key}", a.name) for key, a in analytes.ANALYTES.items())))
    if name.what == UNIT:
        units = [unit for unit in analytes.get(name.about).choices if unit_label(unit)]
        groups.append(("Unit", tuple((f"{UNIT}|{name.about}|{unit}", unit_label(unit)) for unit in units)))
    if name.what == TEST or name.tests:
        groups.append(("Neither", ((NEVER_WORD, "Leave out"), (KEEP_WORD, "Keep as sent"))))
    elif name.about:
        groups.append(("Neither", ((NEVER_WORD, "Never read this"),)))
    return tuple(groups)


def _ways(name: UnknownName) -> tuple:
    """Each way to read the example."""
    text = name.examples[0][0]
    pairs = [
        (f"{WRITING}|{name.about}|{meant}", f"{words[:1].upper()}{words[1:]}: {_read_so(text, meant)}")
        for meant, words in _WRITES[name.folded].items()
    ]
    return "Reading", tuple(pairs)


def _read_so(text: str, meant: str) -> str:
    """The example as it would be read."""
    if meant in (DAY_FIRST, MONTH_FIRST):
        return f"{text} is {full_day(read_date(text, meant))}"
    other = "," if meant == "." else "."
    return f"{text} is {text.replace(other, '').replace(',', '.')}"


def _columns(kind: str) -> list[tuple]:
    """The columns of this kind of file, or of all kinds where that is what is not known."""
    return [
        (
            f"Column of {module.WORDS}",
            tuple((f"{HEADER}|{module.KIND}|{column.name}", column.name) for column in module.COLUMNS),
        )
        for module in KINDS.values()
        if kind in ("", module.KIND)
    ]
