"""How senders write: said by a person once, remembered in versions, read with every file and message."""

from collections.abc import Mapping as Names

import pghistory
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Clinic, User, check_time_zone
from interpretation.record import analytes
from interpretation.record.spelling import fold_name
from interpretation.record.units import unit_label
from patients.actions.errors import Refused, refusing
from uploads.importers import profile as reading
from uploads.importers.meanings import NEVER, UNIT
from uploads.models import Mapping, Sender, SenderProfile, SenderProfileHistory, Upload

FIELDS = (
    "date_order", "decimal", "thousands", "time_zone", "mrn_zeros", "mrn_width", "laboratory_names",
    "default_units",
)  # fmt: skip
_LISTS = ("laboratory_names", "default_units")
# The longest name of a laboratory that the record keeps.
_NAME = 80
Row = SenderProfile | SenderProfileHistory


def rows_of(clinic: Clinic, sender: str) -> tuple[SenderProfile | None, SenderProfile | None]:
    """What holds for all senders of the clinic, and what was said of this one."""
    found = SenderProfile.objects.filter(Q(sender="") | Q(sender__iexact=sender), clinic=clinic)
    by_name = {row.sender.casefold(): row for row in found}
    return by_name.get(""), by_name.get(sender.casefold()) if sender else None


def profile_of(clinic: Clinic, sender: str) -> reading.WritingProfile:
    return merged(*rows_of(clinic, sender))


def merged(defaults: Row | None, own: Row | None) -> reading.WritingProfile:
    """What the sender's own profile leaves open, the defaults of its clinic say."""
    given: dict = {name: {} for name in _LISTS}
    for row in filter(None, (defaults, own)):
        said = {name: value for name in FIELDS if (value := getattr(row, name))}
        _give_way(given, said)
        given |= {name: given[name] | value if name in _LISTS else value for name, value in said.items()}
    versions = {"version": own.version if own else 0, "defaults_version": defaults.version if defaults else 0}
    return reading.WritingProfile(**given, **versions)


def known_senders(clinics: list[Clinic]) -> list[str]:
    """By name: systems, and whatever files, mappings and profiles name."""
    files = Upload.objects.filter(clinic__in=clinics, system=None).order_by("sender")
    rows = (
        Sender.objects.filter(clinic__in=clinics).values_list("name", flat=True),
        files.values_list("sender", flat=True).distinct(),
        Mapping.objects.filter(clinic__in=clinics, undone_at=None).values_list("sender", flat=True),
        SenderProfile.objects.filter(clinic__in=clinics).values_list("sender", flat=True),
    )
    found: dict[str, str] = {}
    for name in (name for names in rows for name in names if name):
        found.setdefault(name.casefold(), name)
    return sorted(found.values(), key=str.casefold)


def set_profile(*, clinic: Clinic, sender: str, by: User, version: int, **fields) -> SenderProfile:
    """Remembers how a sender writes, as its next version; the same again changes nothing.

    `version`: the one that the person has seen, 0 where there was none. `fields`: of FIELDS; others stay.
    """
    with pghistory.context(user=by.pk), refusing():
        row = _locked(clinic, sender)
        if row.version != version:
            raise Refused(_changed(row, version))
        return _kept(row, by, fields)


def learn(*, clinic: Clinic, sender: str, by: User, field: str, value: str) -> SenderProfile | None:
    """The answer to a question that a file has left open; None where this was said already."""
    with pghistory.context(user=by.pk), refusing():
        row = _locked(clinic, sender)
        said = getattr(row, field)
        if said and said != value:
            raise Refused(f"{row.by} has said otherwise of {row} by now. Look at it under Senders first.")
        return None if said else _kept(row, by, {field: value})


def go_back(*, profile: SenderProfile, to: int, by: User) -> SenderProfile:
    """An earlier version holds again, as the next one; 0: nothing is said, as before the first."""
    with pghistory.context(user=by.pk), refusing():
        row = SenderProfile.objects.select_for_update(no_key=True).get(pk=profile.pk)
        earlier = versions_of(row).filter(version=to).first() if to else SenderProfile()
        if earlier is None or to == row.version:
            raise Refused("There is no such earlier version of this profile.")
        return _kept(row, by, {name: getattr(earlier, name) for name in FIELDS})


def versions_of(profile: SenderProfile) -> QuerySet[SenderProfileHistory]:
    """Newest first."""
    return SenderProfileHistory.objects.filter(pgh_obj=profile).select_related("by").order_by("-version")


def _locked(clinic: Clinic, sender: str) -> SenderProfile:
    """The profile, or a new one that is not saved."""
    rows = SenderProfile.objects.select_for_update(no_key=True, of=("self",)).select_related("by")
    found = rows.filter(clinic=clinic, sender__iexact=sender).first()
    return found or SenderProfile(clinic=clinic, sender=sender, version=0)


def _kept(row: SenderProfile, by: User, fields: dict) -> SenderProfile:
    same = all(getattr(row, name) == value for name, value in fields.items())
    if row.pk and same:
        return row
    for name, value in fields.items():
        setattr(row, name, value)
    _refuse_misfit(row)
    row.version, row.by, row.at = row.version + 1, by, timezone.now()
    row.save()
    return row


def _changed(row: SenderProfile, version: int) -> str:
    if version:
        return f"{row.by} has changed this profile since you opened this page. Open it again and look."
    return f"{row.by} has made a profile of {row} already. Change that one."


def _refuse_misfit(row: SenderProfile) -> None:
    """What no constraint of the database tells."""
    try:
        if row.time_zone:
            check_time_zone(row.time_zone)
    except ValidationError as error:
        raise Refused(error.messages[0], "time_zone") from None
    _refuse_laboratories(row.laboratory_names)
    for key, unit in row.default_units.items():
        if key not in analytes.ANALYTES or analytes.get(key).factor(unit) is None:
            raise Refused("Choose a unit from the list.", "default_units")
    _refuse_mapped(row)


def _refuse_laboratories(names: Names[str, str]) -> None:
    ours = {fold_name(name) for name in names.values()}
    seen: dict[str, str] = {}
    for said, meant in names.items():
        if not said or not meant or max(len(said), len(meant)) > _NAME:
            raise Refused(f"The name of a laboratory has 1 to {_NAME} letters.", "laboratory_names")
        if seen.setdefault(fold_name(said), meant) != meant:
            raise Refused(f"“{said}” is given two names. Keep one of them.", "laboratory_names")
        if fold_name(said) in ours and fold_name(said) != fold_name(meant):
            text = f"“{said}” is a name here and another name of {meant}. Keep one of the two lines."
            raise Refused(text, "laboratory_names")


def _refuse_mapped(row: SenderProfile) -> None:
    """What was answered about a missing unit is said under Mappings."""
    said = Mapping.objects.filter(clinic=row.clinic, sender__iexact=row.sender, undone_at=None)
    for mapping in said.filter(what=UNIT, folded="", about__in=row.default_units).select_related("by"):
        if mapping.meant != row.default_units[mapping.about]:
            words = "never read" if mapping.meant == NEVER else f"in {unit_label(mapping.meant)}"
            name = analytes.get(mapping.about).name
            text = f"{name} without a unit is {words}, {mapping.by} has said. Undo that under Mappings first."
            raise Refused(text, "default_units")


def _give_way(given: dict, said: dict) -> None:
    """A mark that the sender uses for one thing cannot be the clinic's mark for the other."""
    for one, other in (("decimal", "thousands"), ("thousands", "decimal")):
        if one in said and other not in said and given.get(other) == said[one]:
            given.pop(other)
