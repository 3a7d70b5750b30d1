"""The bytes of a file that waits: kept in pieces in the database, fetched to a nameless file to be read."""

import tempfile
from collections.abc import Iterable
from hashlib import sha256
from typing import BinaryIO

from django.conf import settings

from uploads.importers.records import Part
from uploads.models import Piece, Upload


def keep(upload: Upload, part: Part) -> None:
    """In place of what was kept of it before."""
    forget([upload])
    for number, block in enumerate(part.blocks()):
        Piece.objects.create(upload=upload, number=number, data=block)


def forget(uploads: Iterable[Upload]) -> None:
    Piece.objects.filter(upload__in=uploads).delete()


def hand_on(upload: Upload, to: Upload) -> None:
    """What was kept of the one is kept of the other."""
    Piece.objects.filter(upload=upload).update(upload=to)


def fetch(upload: Upload) -> Part:
    """What was kept, a piece at a time in memory. The file has no name: no crash leaves it behind."""
    pieces = Piece.objects.filter(upload=upload).order_by("number").values_list("data", flat=True)
    file = nameless()
    for data in pieces.iterator(chunk_size=1):
        file.write(data)
    return Part(sheet=upload.sheet, file=file, own=True)


def nameless() -> BinaryIO:
    """Small ones stay in memory."""
    return tempfile.SpooledTemporaryFile(Part.BLOCK, dir=settings.FILE_UPLOAD_TEMP_DIR)


def about(part: Part) -> tuple[str, int]:
    """SHA-256 and size."""
    digest, size = sha256(), 0
    for block in part.blocks():
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size
