"""What an acknowledgement says of the rows of a message: refused, waiting, or stored and flagged.

Nothing here names a patient, and of what is stored nothing is said but that it is: a sender may not read.
"""

from dataclasses import dataclass

from django.db.models import Case, Q, QuerySet, Value, When

from interpretation.words import plural, upper_first
from uploads.importers.hl7v2.ack import Remark
from uploads.importers.hl7v2.message import Fault
from uploads.matching import CHANGED, REFUSED, WAITING
from uploads.matching.match import is_marked
from uploads.models import Message, Upload, UploadRow
from uploads.told import MARKED, to_look_at

# So many remarks are sent back; all rows are on the uploads page.
REMARKS = 20
WAITS = "waits for a person"
_DIFFERS = f"another value is in the record, {WAITS}"
_REFUSED, _OPEN, _CHANGED, _FLAGGED = range(4)


@dataclass(frozen=True)
class RowRemarks:
    """`summary`: one sentence for all rows alike, without what was refused; "" where all was simply stored."""

    remarks: tuple[Remark, ...] = ()
    summary: str = ""


def remarks_of(upload: Upload | None, state: str) -> RowRemarks:
    """What was refused first, then what waits, then what is stored and flagged. `state`: of the message; in
    one that is stored nothing waits any more."""
    if upload is None:
        return RowRemarks()
    found = _rows(upload, state)
    rows = list(found[:REMARKS])
    more = found.count() - len(rows)
    summary = _summary([row for row in rows if row.rank != _REFUSED])
    rest = f"{more:,} more {plural(more, 'is', 'are')} on the uploads page." if more else ""
    return RowRemarks(tuple(map(_remark, rows)), f"{summary} {rest}".strip())


def _summary(rows: list[UploadRow]) -> str:
    said: dict[str, list[str]] = {}
    for row in rows:
        said.setdefault(_what(row), []).append(_place(row))
    return " ".join(f"{upper_first(what)}: {', '.join(places)}." for what, places in said.items())


def reason_of(upload: Upload, state: str) -> str:
    """The first thing for a person to look at."""
    row = _rows(upload, state).exclude(rank=_FLAGGED).first()
    if row is None or row.rank == _CHANGED:
        return "a result differs from the one in the record."
    return f"{row.where}: {row.reason}"


def _rows(upload: Upload, state: str) -> QuerySet[UploadRow]:
    """What the clinic never reads, or the laboratory itself changes, is nobody's error."""
    rank = Case(
        When(outcome=REFUSED, then=Value(_REFUSED)),
        When(outcome=WAITING, then=Value(_OPEN)),
        When(outcome=CHANGED, settled=False, flagged=False, then=Value(_CHANGED)),
        default=Value(_FLAGGED),
    )
    wanted = Q(flagged=True) | Q(outcome__in=[REFUSED, WAITING], settled=False)
    if state != Message.State.STORED:
        wanted |= Q(outcome=CHANGED, settled=False)
    return to_look_at([upload]).filter(wanted).annotate(rank=rank).order_by("rank", "row", "id")


def _what(row: UploadRow) -> str:
    if row.rank == _OPEN:
        return WAITS
    if row.rank == _CHANGED:
        return _DIFFERS
    return f"stored, {MARKED}" if is_marked(row) else "stored, flagged"


def _remark(row: UploadRow) -> Remark:
    if row.rank == _REFUSED:
        return Remark(Fault("102", row.where, f"{row.where}: {row.reason}"), "E")
    if row.rank == _OPEN:
        # A question may compare the value with an earlier one.
        why = "is the value right?" if row.asks else row.reason
        return Remark(Fault("204", row.where, f"{row.where}: {WAITS}: {why}"), "W")
    if row.rank == _CHANGED:
        return Remark(Fault("205", _place(row), f"{_place(row)}: not stored, {_DIFFERS}."), "W")
    severity = "W" if is_marked(row) else "I"
    return Remark(Fault("0", _place(row), f"{_place(row)}: {_what(row)}."), severity)


def _place(row: UploadRow) -> str:
    """ "OBX 3": one message comes at a time."""
    return row.name.partition(", ")[2] or row.name
