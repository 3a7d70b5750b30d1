"""Who waits for whom: people who do something with the same files, or with the same patients."""

from hashlib import blake2b
from uuid import UUID

from django.db import connection

from accounts.models import Clinic
from patients.actions import bulk
from patients.actions.merging.numbers import known_as
from uploads import matching
from uploads.matching import ReadFile
from uploads.models import Upload


def locked(batch: UUID, *states: str) -> list[Upload]:
    """Of two people who do something with a batch, the second one waits and sees what the first one did."""
    rows = Upload.objects.select_for_update(no_key=True, of=("self",)).select_related("clinic")
    uploads = list(rows.filter(batch=batch).order_by("pk"))
    return [upload for upload in uploads if upload.state in states] if states else uploads


def lock_people(clinic: Clinic, files: list[ReadFile]) -> None:
    """Of all files at once: two batches that name the same people the other way round take turns."""
    named = set(matching.people_in(files))
    named |= {row.patient.mrn for row in known_as(clinic, named).values()}
    bulk.lock_patients(clinic=clinic, mrn__in=named)


def take_turns(uploads: list[Upload]) -> None:
    """Of two who store the very same file at once, the second one waits and finds it stored."""
    keys = sorted({_key(upload) for upload in uploads})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


def _key(upload: Upload) -> int:
    digest = blake2b(f"{upload.clinic_id}:{upload.sha256}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
