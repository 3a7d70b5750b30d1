"""How a sender writes, in words: on the Senders page, and beside each file that was read so."""

from dataclasses import dataclass
from uuid import UUID

from interpretation.record import analytes
from interpretation.record.units import unit_label
from uploads.importers import profile as reading
from uploads.importers.dates import DAY_FIRST, ISO, MONTH_FIRST
from uploads.importers.profile import IGNORE, KEEP, STRIP
from uploads.models import SenderProfile, SenderProfileHistory, Upload
from uploads.profiles import Row, merged

_DATES = {DAY_FIRST: "dates day first", MONTH_FIRST: "dates month first", ISO: "dates year first"}
_DECIMAL = {".": "decimal point", ",": "decimal comma"}
_THOUSANDS = {
    ".": "thousands with a point",
    ",": "thousands with a comma",
    "space": "thousands with a space",
    "apostrophe": "thousands with an apostrophe",
    "none": "no mark between thousands",
}
_ZEROS = {
    KEEP: "zeros in front of an MRN count",
    IGNORE: "zeros in front of an MRN do not count",
    STRIP: "MRNs without zeros in front",
}


@dataclass(frozen=True)
class ReadWith:
    """With which profile an upload was read. `profile`: the one to change, None where the sender has none;
    `old`: it has changed since."""

    names: str
    words: str
    profile: UUID | None
    old: bool


def words_of(profile: reading.WritingProfile) -> list[str]:
    """Each thing that is decided."""
    said = [
        _DATES.get(profile.date_order),
        _DECIMAL.get(profile.decimal),
        _THOUSANDS.get(profile.thousands),
        profile.time_zone and f"times of {profile.time_zone}",
        _ZEROS.get(profile.mrn_zeros) or (profile.mrn_zeros and f"MRNs of {profile.mrn_width} digits"),
        *(f"laboratory {said} is {meant}" for said, meant in sorted(profile.laboratory_names.items())),
        *(_unit(key, unit) for key, unit in sorted(profile.default_units.items())),
    ]
    return [words for words in said if words]


def own_words(row: Row) -> list[str]:
    """What one profile says, without the clinic's defaults."""
    return words_of(merged(None, row))


def read_with(uploads: list[Upload]) -> dict[int, ReadWith]:
    """By the id of the upload; without those that name no sender where no profile speaks of all."""
    clinics = {upload.clinic_id for upload in uploads}
    there = {_mrn_of(row): row for row in SenderProfile.objects.filter(clinic__in=clinics)}
    rows = SenderProfileHistory.objects.filter(pgh_obj__in=[row.pk for row in there.values()])
    kept = {(*_mrn_of(row), row.version): row for row in rows}
    found = {upload.pk: _read_with(upload, there, kept) for upload in uploads}
    told = {upload.pk for upload in uploads if upload.sender or found[upload.pk].profile}
    return {pk: read for pk, read in found.items() if pk in told}


def _read_with(upload: Upload, there: dict, kept: dict) -> ReadWith:
    clinic, sender = upload.clinic_id, upload.sender.casefold()
    own = kept.get((clinic, sender, upload.profile_version)) if sender else None
    defaults = kept.get((clinic, "", upload.defaults_version))
    names = [f"the profile of {own.sender} (version {own.version})"] if own else []
    names += [f"the defaults of {upload.clinic} (version {defaults.version})"] if defaults else []
    now, all_now = there.get((clinic, sender)) if sender else None, there.get((clinic, ""))
    read, newest = (upload.profile_version, upload.defaults_version), (_version(now), _version(all_now))
    chosen = now if sender else all_now
    words = ", ".join(words_of(merged(defaults, own))) or "nothing is set"
    return ReadWith(" over ".join(names), words, chosen and chosen.uuid, read != newest)


def _version(row: SenderProfile | None) -> int | None:
    return row.version if row else None


def _mrn_of(row: Row) -> tuple[int, str]:
    return row.clinic_id, row.sender.casefold()


def _unit(key: str, unit: str) -> str:
    return f"{analytes.get(key).name} without a unit in {unit_label(unit)}"
