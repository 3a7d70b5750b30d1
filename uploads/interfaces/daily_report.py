"""The report of a clinic's day as text: what came, what is odd about it, what waits, and who is late.

It is a file on a disk, so it names no patient and shows nothing of a row but its place and why it is told of;
the pages that it points to are for those who may open them.
"""

import re
from collections import Counter
from collections.abc import Iterator
from textwrap import fill

from django.urls import reverse

from accounts.models import Clinic
from interpretation.words import counted, listed, moment, plural, upper_first
from patients.words import said_day
from uploads.identity.questions import people_waiting
from uploads.interfaces.clinic_day import OPEN, Arrival, ClinicDay, State, counts_of
from uploads.interfaces.late_senders import DAYS, RULE, LateSender, Punctuality, punctuality_of
from uploads.matching.tally import OutcomeTally
from uploads.models import Message, Upload
from uploads.staging.waiting import names_waiting
from uploads.told import MARKED

# So many files and messages, and so many reasons of each, are listed; the pages list all.
LISTED, REASONS = 200, 10
WIDTH = 110
# Nothing of these is in the record.
FAILED = (
    "Files that never came so far (too large, or failing again and again) lie in the watched folder under "
    "“failed”, with the reason beside each."
)
_COUNTS = {
    "new": "new",
    "same": "already in the record",
    "changed": "not as in the record",
    "refused": "refused",
    "waiting": "waiting for a person",
    "left_out": "left out",
    "marked": MARKED,
}
# What may be a patient's in a reason: what it quotes, dates and values. Names of fields (OBX-5) stay.
_DAY = r"\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{4}"
_PLACE = r"(?P<place>\b(?:[Rr]ow|[Mm]essage|[Ee]ntry|OBX|OBR|PID) \d+)"
_PERSONAL = re.compile(
    rf"{_PLACE}|“[^”]*”|(?<!\w)'[^']*'(?!\w)|{_DAY}|(?<![\w^*-])(?:[<>]=?|[≤≥])?\d[\d.,:/-]*(?<![.,:])"
)


def report_of(day: ClinicDay) -> str:
    late = punctuality_of(day.clinic, min(day.at, day.end))
    todo = [*_todo(day), *(f"- {_late(one)}" for one in late.late)]
    parts = {
        "": _head(day),
        "FOR A PERSON": todo or ["Nothing of this day."],
        "WHAT CAME": _came(day),
        "WAITS NOW, WHENEVER IT CAME": _standing(day.clinic) or ["Nothing."],
        "SENDERS": [*_senders(late), RULE],
        "NOT IN HERE": [FAILED],
    }
    return "\n\n".join(_wrapped([title, *lines]) for title, lines in parts.items()) + "\n"


def _wrapped(lines: list[str]) -> str:
    """Continued under its first letter; addresses stay whole."""
    return "\n".join(
        fill(
            line,
            WIDTH,
            subsequent_indent=" " * (_indent(line)),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in lines
        if line
    )


def _head(day: ClinicDay) -> list[str]:
    at = moment(day.at.astimezone(day.clinic.zone))
    then = "the day goes on" if day.at < day.end else "the day is over; what was settled since is not told"
    return [
        f"{day.clinic.name}: what came in on {said_day(day.day)}",
        f"Written on {at} ({day.clinic.time_zone}): {then}.",
        "No patient is named here and values are left out (…): the pages (/uploads/...) show them.",
    ]


def _todo(day: ClinicDay) -> Iterator[str]:
    """What a person can do about this day, one sentence a kind."""
    arrivals = day.arrivals
    if marked := sum(arrival.unconfirmed.total() for arrival in arrivals):
        what = counted(marked, "result is", "results are")
        yield f"- {what} stored and {MARKED}: look, then confirm or correct on the patient’s page."
    if waiting := sum(_rows_in(arrival.waiting) for arrival in arrivals):
        what = counted(waiting, "row waits", "rows wait")
        yield f"- {what} for a decision and {plural(waiting, 'is', 'are')} not stored."
        yield from _why(day)
    if refused := sum(_rows_in(arrival.refused) for arrival in arrivals):
        yield f"- {counted(refused, 'row was', 'rows were')} refused: correct and send again."
    asking = sum(arrival.asks for arrival in arrivals)
    if whole := sum(bool(arrival.reason) for arrival in arrivals) - asking:
        yield f"- {counted(whole, 'file or message was', 'files or messages were')} refused whole."
    if asking:
        it = plural(asking, "it", "they")
        yield f"- {counted(asking, 'file asks', 'files ask')} a question before {it} can be read."
    if differing := sum(arrival.differing for arrival in arrivals):
        what = counted(differing, "row gives", "rows give")
        yield f"- {what} another value than the record, which was left as it is: compare."


def _why(day: ClinicDay) -> list[str]:
    """Why the rows of the day wait, most frequent first, and where that is decided."""
    found: Counter[str] = Counter()
    for arrival in day.arrivals:
        for (_, reason), (count, _) in arrival.waiting.alike.items():
            found[upper_first(bare(reason))] += count
    lines = [f"    {count:>5}  {reason}" for reason, count in found.most_common(REASONS)]
    more = found.total() - sum(count for _, count in found.most_common(REASONS))
    lines += [f"    {more:>5}  for other reasons, see below"] if more else []
    return ["  Why they wait (whose rows, and what a name means: /uploads/waiting/):", *lines]


def _came(day: ClinicDay) -> list[str]:
    lines = [] if day.arrivals else ["Nothing."]
    for arrival in day.files[:LISTED]:
        lines += _file(day, arrival)
    by_sender: dict[str, list[Arrival]] = {}
    for arrival in day.messages:
        by_sender.setdefault(arrival.message.sender.name, []).append(arrival)
    for name, arrivals in by_sender.items():
        lines += _system(name, arrivals)
    if (more := len(day.files) - LISTED) > 0:
        lines.append(f"And {counted(more, 'more file')}: /uploads/")
    if len(day.arrivals) > 1:
        first = [one for one in day.arrivals if not (one.upload and one.upload.replays_id)]
        lines.append(f"In all: {_counts(first)}")
    return lines


def _file(day: ClinicDay, arrival: Arrival) -> list[str]:
    upload = arrival.upload
    name = "a file whose name is not repeated here" if upload.file in day.personal_names else upload.file
    sender = f", from {upload.sender}" if upload.sender else ""
    state = "" if upload.state == State.STORED else f" ({upload.get_state_display().lower()})"
    again = ": rows that waited, read again" if upload.replays_id else ""
    first = f"{arrival.at:%H:%M}  {name}{sender}{again}{state}  {_page(upload)}"
    return [first, *([] if upload.reason else [f"       {_counts([arrival])}"]), *_remarks(arrival)]


def _system(name: str, arrivals: list[Arrival]) -> list[str]:
    """All messages of a sender in one line, and those of which there is more to say."""
    states = Counter(arrival.message.get_state_display().lower() for arrival in arrivals)
    lines = [
        f"{name}, {counted(len(arrivals), 'message')} ({_listed(states)})",
        f"       {_counts(arrivals)}",
    ]
    told = [(arrival, remarks) for arrival in arrivals if (remarks := _remarks(arrival))]
    for arrival, remarks in told[:LISTED]:
        page = _page(arrival.upload) if arrival.upload else "/uploads/"
        lines += [f"{arrival.at:%H:%M}  a message of {name}  {page}", *remarks]
    if (more := len(told) - LISTED) > 0:
        lines.append(f"And {counted(more, 'more such message')}: /uploads/")
    return lines


def _remarks(arrival: Arrival) -> list[str]:
    lines = [f"not read: {bare(arrival.reason)}"] if arrival.reason else []
    if arrival.unconfirmed:
        tests = listed(f"{test} {count}" for test, count in arrival.unconfirmed.items())
        lines.append(f"{MARKED}, not looked at yet: {tests}")
    flagged = arrival.flagged
    lines += _reasons(MARKED, {("", reason): one for (_, reason), one in flagged.marked.items()})
    lines += _reasons("flagged", {("", reason): one for (_, reason), one in flagged.noted.items()})
    lines += _reasons("waits", arrival.waiting.alike)
    lines += _reasons("refused", arrival.refused.alike)
    return [f"       {line}" for line in lines]


def _reasons(what: str, found: dict[tuple[str, str], tuple[int, str]]) -> list[str]:
    """One line for all rows alike, the values in their reasons left out."""
    alike: dict[tuple[str, str], list] = {}
    for (column, reason), (count, place) in found.items():
        alike.setdefault((column, bare(reason)), [0, place])[0] += count
    lines = []
    for (column, reason), (count, place) in alike.items():
        rows = place if count == 1 else f"{place} and {count - 1} more"
        lines.append(f"{what}: {rows}{f', {bare(column)}' if column else ''}: {upper_first(reason)}")
    more = [f"{what}: {len(lines) - REASONS} more reasons are on the page"] if len(lines) > REASONS else []
    return lines[:REASONS] + more


def bare(reason: str) -> str:
    """A reason without what may be a patient's: quotations, dates, values."""
    return _PERSONAL.sub(_left_out, reason)


def _left_out(found: re.Match[str]) -> str:
    return found["place"] or ("“…”" if found[0][0] in "“'" else "…")


def _standing(clinic: Clinic) -> list[str]:
    files = Upload.objects.filter(clinic=clinic, system=None)
    held = Message.objects.filter(sender__clinic=clinic, state__in=OPEN)
    found = (
        (names_waiting([clinic]), "name", "that nobody has explained: /uploads/waiting/"),
        (people_waiting([clinic]), "person", "who cannot be told to be a patient here: /uploads/waiting/"),
        (held.count(), "message", "that could not be stored, or not whole: /uploads/"),
        (files.filter(state=State.PREVIEWED).count(), "file", "previewed and not confirmed: /uploads/"),
        (
            files.filter(state=State.UNMAPPED).count(),
            "file",
            "not read before a question is answered: /uploads/",
        ),
    )
    many = {"person": "people"}
    return [f"{counted(count, one, many.get(one, ''))} {what}" for count, one, what in found if count]


def _late(late: LateSender) -> str:
    days = counted(late.pause, "working day" if late.workdays else "day")
    every = "each " + days.removeprefix("1 ") if late.pause == 1 else f"every {days}"
    return f"{late.name} is late: nothing since {moment(late.last)}, where it usually comes {every}."


def _senders(late: Punctuality) -> list[str]:
    found = (
        ("Late, see above", [one.name for one in late.late]),
        ("In time", late.punctual),
        ("Too seldom or too irregular to say", late.unjudged),
        (f"Nothing for {DAYS} days or ever", late.silent),
    )
    return [f"{what}: {', '.join(names)}." for what, names in found if names]


def _counts(arrivals: list[Arrival]) -> str:
    total = counts_of(arrivals)
    named = {word: total[name] for name, word in _COUNTS.items()}
    rows = counted(total["read"], "row")
    return f"{rows} read: {_listed(named)}" if total["read"] else "no rows read"


def _listed(counts: dict[str, int]) -> str:
    """ "3 new and 1 refused"."""
    return listed(f"{count:,} {name}" for name, count in counts.items() if count)


def _rows_in(tally: OutcomeTally) -> int:
    return sum(count for count, _ in tally.alike.values()) + tally.beyond


def _page(upload: Upload) -> str:
    """Its part of the page of its batch."""
    return f"{reverse('uploads:preview', args=[upload.batch])}#file-{upload.pk}"


def _indent(line: str) -> int:
    """Two more than the line itself has; under the words where it begins with a time, a dash or a count."""
    found = re.match(r"\s*(?:\d[\d:]*  |- )?", line)[0]
    return len(found) if found.strip() else len(found) + 2
