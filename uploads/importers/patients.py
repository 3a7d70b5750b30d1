"""Patients: one person a row."""

from .columns import MRN, Column, Row
from .dates import read_date
from .records import Item, PatientRow, Problem
from .table import is_blank

KIND = "patients"
WORDS = "patients"
COLUMNS = (
    MRN,
    Column(
        "family_name",
        ("last name", "surname", "lastname", "name last", "patient last name", "familyname"),
        needed=True,
        abroad=("nachname", "familienname", "nom de famille", "apellidos", "cognome", "achternaam"),
    ),
    Column(
        "given_name",
        ("first name", "forename", "firstname", "given", "patient first name", "givenname"),
        abroad=("vorname", "prénom", "voornaam"),
    ),
    Column(
        "sex",
        ("gender", "sex at birth", "administrative sex"),
        needed=True,
        abroad=("geschlecht", "sexe", "sexo", "sesso"),
    ),
    Column(
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
    Column(
        "death_date",
        ("died on", "date of death", "dod", "deathdate", "died", "deceased on", "death"),
    ),
)
DATES = ("birth_date", "death_date")
NUMBERS = ()
_SEXES = {
    "f": "F", "female": "F", "woman": "F", "m": "M", "male": "M", "man": "M", "x": "X", "other": "X",
    "u": "U", "unknown": "U", "not recorded": "U", "": "U",
}  # fmt: skip


def read(row: Row, order: str) -> Item:
    if not row["mrn"]:
        return row.problem("mrn", "the MRN is missing. Fill it in.")
    if not row["family_name"]:
        return row.problem("family_name", "the family name is missing. Fill it in.")
    sex = _SEXES.get(row["sex"].casefold())
    if sex is None:
        return row.problem("sex", f"“{row['sex'][:20]}” is not known. Use F, M, X or leave it empty.")
    birth = _date(row, "birth_date", order)
    if birth is None:
        return row.problem("birth_date", "the date of birth is missing. Fill it in.")
    death = _date(row, "death_date", order)
    for found in (birth, death):
        if isinstance(found, Problem):
            return found
    if death and death < birth:
        return row.problem("death_date", "the date of death is before the date of birth. Correct one.")
    place = row.place()
    return PatientRow(place, row["mrn"], row["family_name"], row["given_name"], sex, birth, death)


def _date(row: Row, column: str, order: str):
    if is_blank(row[column]):
        return None
    try:
        return read_date(row[column], order)
    except ValueError as error:
        return row.problem(column, str(error))
