"""Patients: one person a row."""

from interpretation.record.spelling import fold_name
from patients.values.anticoagulants import is_group, kind_of
from uploads.importers.columns import MRN, CellRow, KnownColumn
from uploads.importers.dates import read_date
from uploads.importers.formats.table import is_blank
from uploads.importers.records import WAITING, AnticoagulantRow, Identity, Item, PatientRow, RowProblem

KIND = "patients"
WORDS = "patients"
COLUMNS = (
    MRN,
    KnownColumn(
        "family_name",
        ("last name", "surname", "lastname", "name last", "patient last name", "familyname"),
        needed=True,
        abroad=("nachname", "familienname", "nom de famille", "apellidos", "cognome", "achternaam"),
    ),
    KnownColumn(
        "given_name",
        ("first name", "forename", "firstname", "given", "patient first name", "givenname"),
        abroad=("vorname", "prénom", "voornaam"),
    ),
    KnownColumn(
        "sex",
        ("gender", "sex at birth", "administrative sex"),
        needed=True,
        abroad=("geschlecht", "sexe", "sexo", "sesso"),
    ),
    KnownColumn(
        "birth_date",
        ("dob", "date of birth", "birthdate", "born", "birthday", "birth", "d o b"),
        needed=True,
        abroad=(
            "geburtsdatum",
            "geb datum",
            "gebdatum",
            "geboren",
            "geboren am",
            "date de naissance",
            "fecha de nacimiento",
            "data di nascita",
            "geboortedatum",
        ),
    ),
    KnownColumn(
        "death_date",
        ("died on", "date of death", "dod", "deathdate", "died", "deceased on", "death"),
    ),
    KnownColumn("anticoagulant", ("anticoagulants", "anticoagulation", "blood thinner", "blood thinners")),
    KnownColumn(
        "anticoagulant_since", ("anticoagulated since", "anticoagulant start", "anticoagulant started")
    ),
)
DATES = ("birth_date", "death_date", "anticoagulant_since")
NUMBERS = ()
_SEXES = {
    "f": "F", "female": "F", "woman": "F", "m": "M", "male": "M", "man": "M", "x": "X", "other": "X",
    "u": "U", "unknown": "U", "not recorded": "U", "": "U",
}  # fmt: skip
# Of an anticoagulant: that none is taken, and what says nothing.
_NONE, _NOT_KNOWN = {"none", "no", "nil"}, {"", "not known", "unknown", "not recorded"}


def read(row: CellRow, order: str) -> Item:
    if not row["mrn"]:
        return row.problem("mrn", "the MRN is missing. Fill it in.")
    if not row["family_name"]:
        return row.problem("family_name", "the family name is missing. Fill it in.")
    sex = _SEXES.get(row["sex"].casefold())
    if sex is None:
        return row.problem("sex", f"“{row['sex'][:20]}” is not known. Use F, M, X or leave it empty.")
    birth = row.read("birth_date", read_date, order)
    if birth is None:
        return row.problem("birth_date", "the date of birth is missing. Fill it in.")
    death = row.read("death_date", read_date, order)
    for found in (birth, death):
        if isinstance(found, RowProblem):
            return found
    if death and death < birth:
        return row.problem("death_date", "the date of death is before the date of birth. Correct one.")
    place = row.place()
    return PatientRow(place, row["mrn"], row["family_name"], row["given_name"], sex, birth, death)


def says_anticoagulant(cell: str) -> bool:
    folded = fold_name(cell)
    return folded in _NONE or not (is_blank(cell) or folded in _NOT_KNOWN)


def anticoagulant_of(row: CellRow, who: PatientRow, order: str) -> list[Item]:
    """What the row of this person says of an anticoagulant, as an item of its own."""
    cell = row["anticoagulant"]
    folded = fold_name(cell)
    identity = Identity(who.family_name, who.given_name, who.birth_date, asks=False)
    # Elsewhere "none" is an empty cell.
    if folded in _NONE:
        return [AnticoagulantRow(row.place(), who.mrn, identity=identity)]
    if not says_anticoagulant(cell):
        return []
    kind, since = kind_of(cell), row.read("anticoagulant_since", read_date, order)
    if not kind:
        text = f"“{cell[:40]}” is not an anticoagulant known here. Write none, or one such as warfarin."
        return [row.problem("anticoagulant", text, level=WAITING)]
    if isinstance(since, RowProblem):
        return [since]
    label = "" if is_group(cell) else cell[:120]
    return [AnticoagulantRow(row.place(), who.mrn, kind, label, since, identity)]
