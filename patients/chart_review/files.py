"""Labels as CSV, out and in: for reviewers on paper, and for other programs."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Any

from accounts.models import User
from patients.forms.chart_review import LabelForm
from patients.models import ChartItem, ChartLabel

from .judging import ReviewStanding
from .words import DISSOCIATION

HEAD = ("number", "reviewer", "dissociation", "urgency", "cause", "confidence", "note")
# With these a spreadsheet would take a note for a formula.
FORMULA = ("=", "+", "-", "@", "'")
MOST_ROWS = 2000


class Unreadable(Exception):
    """The file as a whole or one of its rows cannot be read; says where and what to do."""


def own_rows(standing: ReviewStanding, user: User) -> Iterator[tuple]:
    """What this person is asked about, with the own answers so far and nobody else's."""
    yield HEAD
    for item in standing.items_of(user):
        yield _row(item, user.get_username(), standing.label(item, user.pk))


def all_rows(standing: ReviewStanding) -> Iterator[tuple]:
    """Of a complete review: everybody's answers, what both said or the third decided, what the product said."""
    yield (*HEAD, "truth", "patient", "grade", "urgency_said", "stratum", "weight")
    for one in standing.judged:
        said = one.item.grade, one.item.urgency, one.item.stratum, round(one.item.weight, 6)
        for label in filter(None, (one.first, one.second, one.decided)):
            row = _row(one.item, label.by.get_username(), label)
            yield (*row, DISSOCIATION[one.truth], one.item.patient.uuid, *said)


def _row(item: ChartItem, reviewer: str, label: ChartLabel | None) -> tuple:
    if label is None:
        return item.number, reviewer, "", "", "", "", ""
    note = f"'{label.note}" if label.note.startswith(FORMULA) else label.note
    answers = DISSOCIATION[label.dissociation], label.urgency, label.cause, label.confidence
    return item.number, reviewer, *answers, note


def as_csv(rows: Iterable[tuple]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def read_labels(content: bytes, reviewer: str) -> dict[int, dict[str, Any]]:
    """{number: label} of this reviewer; rows without an answer are left out. Raises Unreadable."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("The file is no text in UTF-8. Save it as CSV UTF-8.") from None
    separator = ";" if ";" in text.partition("\n")[0] else ","
    rows = list(csv.DictReader(StringIO(text), delimiter=separator))
    if not rows or not set(HEAD) <= set(rows[0]):
        raise Unreadable(f"The first line must name the columns: {', '.join(HEAD)}.")
    if len(rows) > MOST_ROWS:
        raise Unreadable(f"More than {MOST_ROWS} rows: this is no file of a chart review.")
    found: dict[int, dict[str, Any]] = {}
    for place, row in enumerate(rows, start=2):
        _read(place, row, reviewer, found)
    return found


def _read(place: int, row: Mapping[str, Any], reviewer: str, found: dict[int, dict[str, Any]]) -> None:
    said = {name: (row[name] or "").strip() for name in HEAD}
    if not any(said[name] for name in HEAD[2:]):
        return
    if said["reviewer"] != reviewer:
        raise Unreadable(
            f"Row {place}: these are answers of “{said['reviewer']}”. Each reviewer sends the own."
        )
    if not said["number"].isdecimal() or int(said["number"]) in found:
        raise Unreadable(f"Row {place}, number: “{said['number']}” is no number, or stands there twice.")
    if said["note"].startswith("'"):
        said["note"] = said["note"][1:]
    form = LabelForm(said)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise Unreadable(f"Row {place}, {name}: {errors[0]}")
    found[int(said["number"])] = form.cleaned_data
