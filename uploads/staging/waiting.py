"""What waits in a clinic for a meaning of a name: in files, stored or not, and in messages; and what is read
again once the name has one."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from django.db import connection
from django.db.models import Q

from accounts.models import Clinic, User
from interpretation.words import counted
from patients.actions.errors import Refused
from uploads import actions, mappings
from uploads.importers.records import UnknownName
from uploads.interfaces.messages import replay_named
from uploads.mappings import MappingQuestion
from uploads.models import Job, Mapping, SenderProfile, Upload
from uploads.staging import jobs

State = Upload.State
# So many names are shown at a time, most frequent first, and so many of the files of each.
SHOWN, FILES = 60, 3
# Previews are left out: their names are asked where they are confirmed. Columns that are merely not read hold
# nothing back, unless the file cannot be read at all.
_WAITS = """
WITH waits AS (
    SELECT u.id, u.clinic_id, u.sender, lower(u.sender) AS whose, name
    FROM uploads_upload u CROSS JOIN LATERAL jsonb_array_elements(u.unknown) AS name
    WHERE u.clinic_id = ANY(%(clinics)s) AND u.unknown <> '[]' AND (
        u.state = 'unmapped'
        OR u.state = 'stored' AND u.system_id IS NULL
        OR u.state = 'stored' AND EXISTS (
            SELECT FROM uploads_message m WHERE m.upload_id = u.id AND m.state = 'waiting'))
)
"""
_GROUP = "FROM waits GROUP BY clinic_id, whose, name->>'what', name->>'about', name->>'folded'"
_NAMES = f"""{_WAITS}
SELECT clinic_id, min(sender), sum((name->>'count')::bigint) AS times, count(DISTINCT id),
    (array_agg(id ORDER BY id DESC))[:%(files)s], (array_agg(name ORDER BY id DESC))[:%(files)s],
    count(*) OVER ()
{_GROUP}
ORDER BY times DESC, min(id) LIMIT %(shown)s
"""


@dataclass(frozen=True)
class WaitingName:
    """A name that waits, with what waits for it. `count`: results, or filled cells of a column."""

    clinic: Clinic
    sender: str
    question: MappingQuestion
    count: int
    uploads: tuple[Upload, ...]
    more: int

    @property
    def is_test(self) -> bool:
        return self.question.is_test

    @property
    def field(self) -> str:
        """Its name in the form: the same name of another sender is another question."""
        key = f"{self.clinic.pk}|{self.sender.casefold()}|{self.question.field}"
        return f"g-{sha256(key.encode()).hexdigest()[:16]}"


@dataclass
class ReadAgain:
    """What was read again after names were given a meaning."""

    uploads: list[Upload] = field(default_factory=list)
    # Batches that could not be read before and wait for confirmation now, and what a worker reads.
    previews: int = 0
    busy: int = 0
    messages: int = 0
    messages_left: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        said = []
        if self.uploads:
            said.append(jobs.replayed_words(self.uploads))
        if self.previews:
            files = "One upload can" if self.previews == 1 else f"{self.previews} uploads can"
            said.append(f"{files} be read now and wait for confirmation.")
        if self.busy:
            said.append(
                f"{counted(self.busy, 'large upload is', 'large uploads are')} being read by a worker."
            )
        if self.messages:
            words = counted(self.messages, "message that waited for this was", "messages that waited were")
            said.append(f"{words} stored again.")
        if self.messages_left:
            said.append(f"{self.messages_left:,} more wait: “manage.py replay_messages” stores them.")
        return " ".join(said)


def groups_of(clinics: list[Clinic]) -> tuple[list[WaitingName], int]:
    """The names that wait, most frequent first, and how many there are beyond those shown."""
    with connection.cursor() as cursor:
        given = {"clinics": [clinic.pk for clinic in clinics], "files": FILES, "shown": SHOWN}
        cursor.execute(_NAMES, given)
        rows = cursor.fetchall()
    ids = {pk for row in rows for pk in row[4]}
    there = Upload.objects.filter(pk__in=ids).only("file", "batch", "sheet", "state", "clinic").in_bulk()
    own = {clinic.pk: clinic for clinic in clinics}
    groups = []
    for clinic, sender, times, count, found, names, _ in rows:
        question = mappings.question(_as_one(names), ())
        uploads = tuple(there[pk] for pk in dict.fromkeys(found))
        groups.append(WaitingName(own[clinic], sender, question, int(times), uploads, count - len(uploads)))
    return groups, rows[0][-1] - len(rows) if rows else 0


def names_waiting(clinics: list[Clinic]) -> int:
    with connection.cursor() as cursor:
        given = {"clinics": [clinic.pk for clinic in clinics]}
        cursor.execute(f"{_WAITS} SELECT count(*) FROM (SELECT 1 {_GROUP}) AS names", given)
        return cursor.fetchone()[0]


def answer(*, by: User, answers: list[tuple[WaitingName, str]]) -> list[Mapping | SenderProfile]:
    """Remembers what names mean, for the sender of each."""
    made = []
    for clinic, sender in dict.fromkeys((group.clinic, group.sender) for group, _ in answers):
        own = [(g.question, value) for g, value in answers if (g.clinic, g.sender) == (clinic, sender)]
        made += mappings.learn(clinic=clinic, sender=sender, by=by, answers=own)
    return made


def take_up(
    *, clinic: Clinic, by: User, named: list[Mapping | SenderProfile], beside: UUID | None = None
) -> ReadAgain:
    """All of the clinic that waited for names that have a meaning now: messages, stored files, and files that
    could not be read. What is large, a worker does; `beside`: a batch with which one is busy already."""
    taken = ReadAgain()
    names = [one for one in named if isinstance(one, Mapping)]
    taken.messages, taken.messages_left = replay_named(clinic=clinic, named=names)
    rows = Upload.objects.filter(Q(state=State.UNMAPPED) | Q(state=State.STORED, system=None), clinic=clinic)
    waiting = (
        rows.exclude(unknown=[])
        .exclude(batch=beside)
        .select_related("clinic")
        .defer("digests", "before")
        .order_by("pk")
    )
    size = 0
    for batch, uploads in _by_batch(mappings.answered(waiting)).items():
        size += sum(upload.size for upload in uploads)
        try:
            if actions.is_large(size):
                jobs.start(batch=batch, task=Job.Task.REPLAY, by=by)
                taken.busy += 1
                continue
            made = actions.read_waiting(batch=batch, by=by)
            taken.uploads += made
            taken.previews += any(upload.state == State.UNMAPPED for upload in uploads)
        except Refused as refusal:
            taken.refused.append(refusal.sentence)
    return taken


def _by_batch(uploads: Iterable[Upload]) -> dict[UUID, list[Upload]]:
    found: dict[UUID, list[Upload]] = {}
    for upload in uploads:
        found.setdefault(upload.batch, []).append(upload)
    return found


def _as_one(names: list[str]) -> UnknownName:
    """The same name of several files, with examples of all."""
    # Django asks the driver to leave JSON as text.
    first, *others = (mappings.unknown(json.loads(name)) for name in names)
    for name in others:
        first = mappings.together(first, name)
    return first
