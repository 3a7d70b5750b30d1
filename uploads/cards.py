"""What the preview page shows of each file: counts, reasons with their rows, and whose rows these are."""

from django.db.models import Count, F, Min, Window
from django.db.models.functions import RowNumber

from patients.actions.undo import touched
from patients.models import OtherNumber, Patient
from uploads.models import Piece, Upload, UploadRow
from uploads.profile_words import read_with
from uploads.staging.file_store import left_over

SHOWN = 200
# Rows alike are one line: a rare reason must not hide behind hundreds of one kind.
REASONS = 30
ALIKE = 50
# So few problems are shown open.
FEW = 10
SAMPLE = 10
PEOPLE = 60
_TILES = (
    ("read", "read"),
    ("new", "new"),
    ("same", "already there"),
    ("changed", "differ"),
    ("refused", "refused"),
    ("waiting", "need a person"),
)
_ALIKE = ("outcome", "column", "reason")


def cards_of(uploads: list[Upload]) -> list[dict]:
    names: dict[str, int] = {}
    cards = []
    kept, profiles = kept_of(uploads), read_with(uploads)
    for upload in uploads:
        names[upload.file] = nth = names.get(upload.file, 0) + 1
        name = upload.file if nth == 1 else f"{upload.file} ({nth})"
        replayed = [later for later in uploads if later.replays_id == upload.pk]
        cards.append({"upload": upload, "name": name, "replayed": replayed, **_card(upload)})
        cards[-1]["profile"] = profiles.get(upload.pk)
        root = upload.replays_id or upload.pk
        cards[-1]["to_correct"] = (root in kept or bool(upload.system_id)) and left_over(upload).exists()
        cards[-1]["forget"] = root in kept and upload.state == Upload.State.STORED and not upload.replays_id
    return cards


def kept_of(uploads: list[Upload]) -> set[int]:
    """Of which of them the bytes are still here."""
    return set(Piece.objects.filter(upload__in=uploads, number=0).values_list("upload", flat=True))


def shown_people(cards: list[dict], mrns: set[str]) -> list[Patient]:
    """The patients in the record whose rows stand on the page, and those of examples (`mrns`)."""
    rows = [
        row
        for card in cards
        for name in ("asks", "settled", "changed", "flagged", "sample")
        for row in card[name]
    ]
    rows += [row for card in cards for why in card["reasons"] for row in why["rows"]]
    return patients_of(cards[0]["upload"].clinic_id, mrns | {row.mrn for row in rows})


def patients_of(clinic_id: int, mrns) -> list[Patient]:
    """Those who have these numbers, and those who had them before."""
    here = Patient.objects.current().filter(clinic_id=clinic_id).only("id", "clinic")
    before = (
        OtherNumber.objects.standing()
        .filter(clinic=clinic_id, mrn__in=mrns)
        .values_list("patient", flat=True)
    )
    return [*here.filter(mrn__in=mrns), *here.filter(pk__in=list(before))]


def written_on(uploads: list[Upload]) -> dict:
    """The patients on whose record the stored files wrote."""
    ids = set().union(*(touched(upload) for upload in uploads)) if uploads else set()
    people = Patient.objects.current().filter(pk__in=ids).order_by("family_name", "given_name", "mrn")
    return {"people": people[:PEOPLE], "more_people": max(len(ids) - PEOPLE, 0)}


def _card(upload: Upload) -> dict:
    outcome = UploadRow.Outcome
    rows = upload.rows.all()
    problems = rows.filter(outcome__in=[outcome.REFUSED, outcome.WAITING], asks=False)
    reasons, more = _reasons(problems) if upload.refused + upload.waiting else ([], False)
    flagged = list(rows.filter(flagged=True, outcome=outcome.NEW)[:SHOWN]) if upload.new else []
    asks = list(rows.filter(asks=True)[: SHOWN + 1]) if upload.waiting else []
    return {
        "tiles": _tiles(upload),
        "reasons": reasons,
        "more_reasons": more,
        "few": sum(why["count"] for why in reasons) <= FEW,
        "asks": asks[:SHOWN],
        "more_asks": len(asks) > SHOWN,
        "changed": list(rows.filter(outcome=outcome.CHANGED, settled=False)[:SHOWN])
        if upload.changed
        else [],
        "settled": list(rows.filter(outcome=outcome.CHANGED, settled=True)[:SHOWN]) if upload.changed else [],
        "flagged": flagged,
        "sample": list(rows.filter(outcome=outcome.NEW)[:SAMPLE]) if upload.new else [],
        "download": bool(upload.refused or upload.waiting or upload.changed or flagged),
    }


def _tiles(upload: Upload) -> list[tuple]:
    tiles = [(name, getattr(upload, name), word) for name, word in _TILES]
    return tiles + ([("same", upload.left_out, "left out")] if upload.left_out else [])


def _reasons(problems) -> tuple[list[dict], bool]:
    """The most frequent reasons, each with its first rows, and whether there are more reasons."""
    alike = problems.order_by(*_ALIKE).values(*_ALIKE).annotate(count=Count("id"), first=Min("row"))
    found = list(alike.order_by("-count", "first")[: REASONS + 1])
    reasons = {tuple(why[name] for name in _ALIKE): why | {"rows": []} for why in found[:REASONS]}
    nth = Window(RowNumber(), partition_by=[F(name) for name in _ALIKE], order_by=["row", "id"])
    rows = problems.filter(reason__in={why["reason"] for why in found[:REASONS]})
    for row in rows.annotate(nth=nth).filter(nth__lte=ALIKE).order_by("row", "id"):
        if why := reasons.get((row.outcome, row.column, row.reason)):
            why["rows"].append(row)
    for why in reasons.values():
        why["more"] = why["count"] - len(why["rows"])
    return list(reasons.values()), len(found) > REASONS
