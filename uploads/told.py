"""What is said of an upload to whoever cannot see its page: who runs a command, or sent a message."""

from collections.abc import Iterator

from django.db.models import QuerySet

from interpretation.words import plural, upper_first
from uploads.matching import NEW
from uploads.matching.tally import OutcomeTally
from uploads.models import Upload, UploadRow

# So many problems of an upload are told, one line for all rows alike; the uploads page lists all.
SHOWN = 20
MARKED = "marked unconfirmed"
COUNTS = ("read", "new", "same", "changed", "refused", "waiting", "left_out")


def tally_of(rows: QuerySet[UploadRow]) -> OutcomeTally:
    """What is kept of these rows, in their order."""
    tally = OutcomeTally()
    for row in rows.order_by("upload", "row", "id").iterator():
        tally.tell(row, row.column, row.name)
    return tally


def to_look_at(uploads: list[Upload]) -> QuerySet[UploadRow]:
    """Every row that was not simply stored."""
    rows = UploadRow.objects.filter(upload__in=uploads)
    return rows.exclude(outcome__in=["new", "same"]) | rows.filter(flagged=True)


def counts(upload: Upload, flagged: int) -> str:
    """ "3 read: 1 new, 1 already in the record, ..."; `flagged`: rows stored and marked unconfirmed."""
    words = (
        f"{upload.read} read: {upload.new} new, {upload.same} already in the record, "
        f"{upload.changed} differ from the record, {upload.refused} refused, {upload.waiting} need a person"
    )
    words += f", {upload.left_out} left out" if upload.left_out else ""
    return words + (f", {flagged} {MARKED}" if flagged else "")


def problems(
    tally: OutcomeTally, sheet: str = "", accepted: bool = False, again: str = "upload"
) -> Iterator[str]:
    """One sentence for all rows alike, with the place of the first. `accepted`: somebody has said of all that
    is odd that it is right. `again`: what to do once more where it is."""
    before = f"sheet {sheet}, " if sheet else ""
    for (column, reason), (count, place) in list(tally.alike.items())[:SHOWN]:
        where = f", {column}" if column else ""
        first = before + place
        if count == 1:
            yield f"{upper_first(first)}{where}: {reason}"
        else:
            yield f"{count} rows{where}: {reason} First {first}."
    if (more := len(tally.alike) + tally.beyond - SHOWN) > 0:
        yield f"{more} other problems are on the uploads page."
    if asks := tally.asks:
        yield (
            f"{asks} of these only {plural(asks, 'asks', 'ask')} whether the value is right. "
            f"If so, {again} again with --accept-questions."
        )
    yield from _stored(tally.marked, before, f" and {MARKED}")
    if (more := tally.flagged - sum(count for count, _ in list(tally.marked.values())[:SHOWN])) > 0:
        yield f"{more} other marked rows are on the uploads page."
    if not accepted:
        yield from _stored(tally.noted, before)


def _stored(found: dict[tuple[str, str], tuple[int, str]], before: str, also: str = "") -> Iterator[str]:
    """What was stored and a person should look at: never in silence."""
    for (outcome, reason), (count, place) in list(found.items())[:SHOWN]:
        rows = "" if count == 1 else f" and {count - 1} more"
        how = "as new" if outcome == NEW else "in place of the earlier result"
        yield f"{upper_first(before + place)}{rows}, stored {how}{also}: {reason}"
