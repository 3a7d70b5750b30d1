"""The bytes of a file that waits: kept in pieces in the database, fetched to a nameless file to be read."""

import tempfile
from collections.abc import Iterable
from hashlib import sha256
from typing import BinaryIO

from django.conf import settings
from django.db.models import Q, QuerySet

from uploads.importers.records import FilePart
from uploads.models import Piece, Upload, UploadRow


def keep(upload: Upload, part: FilePart) -> None:
    """In place of what was kept of it before."""
    forget([upload])
    for number, block in enumerate(part.blocks()):
        Piece.objects.create(upload=upload, number=number, data=block)


def forget(uploads: Iterable[Upload]) -> None:
    Piece.objects.filter(upload__in=uploads).delete()


def forget_settled(uploads: Iterable[Upload]) -> None:
    """Of stored files, those of which no row waits or was refused any more."""
    for pk in {upload.replays_id or upload.pk for upload in uploads}:
        readings = Upload.objects.filter(Q(pk=pk) | Q(replays=pk)).order_by("pk")
        if not any(left_over(upload).exists() for upload in readings):
            Piece.objects.filter(upload=pk).delete()


def left_over(upload: Upload) -> QuerySet[UploadRow]:
    """The rows of a stored or previewed upload that are not in the record for a reason that somebody could
    mend. Rows that waited and were read again belong to that later reading."""
    if upload.state not in (Upload.State.STORED, Upload.State.PREVIEWED):
        return UploadRow.objects.none()
    outcomes = [UploadRow.Outcome.REFUSED, UploadRow.Outcome.WAITING]
    rows = upload.rows.filter(outcome__in=outcomes, settled=False)
    later = Upload.objects.filter(replays=upload.replays_id or upload.pk, pk__gt=upload.pk)
    if later.exclude(state=Upload.State.UNDONE).exists():
        return rows.exclude(outcome=UploadRow.Outcome.WAITING)
    return rows


def fetch(upload: Upload) -> FilePart:
    """What was kept, a piece at a time in memory. The file has no name: no crash leaves it behind."""
    pieces = (
        Piece.objects.filter(upload=upload.replays_id or upload.pk)
        .order_by("number")
        .values_list("data", flat=True)
    )
    file = nameless()
    for data in pieces.iterator(chunk_size=1):
        file.write(data)
    return FilePart(sheet=upload.sheet, file=file, own=True)


def nameless() -> BinaryIO:
    """Small ones stay in memory."""
    return tempfile.SpooledTemporaryFile(FilePart.BLOCK, dir=settings.FILE_UPLOAD_TEMP_DIR)


def about(part: FilePart) -> tuple[str, int]:
    """SHA-256 and size."""
    digest, size = sha256(), 0
    for block in part.blocks():
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size
