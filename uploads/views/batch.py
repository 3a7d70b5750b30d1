"""What every page of a batch starts with: its files and the message behind them, fetched through the user."""

from uuid import UUID

from django.http import Http404

from accounts.permissions import Can, clinics_of, require
from uploads.models import Message, Upload


def batch_of(user, batch: UUID) -> list[Upload]:
    """The files of a batch, in the order in which they are stored; 404 for another clinic's."""
    found = Upload.objects.filter(batch=batch, clinic__in=clinics_of(user)).order_by("pk")
    uploads = list(found.select_related("clinic", "by", "undone_by").defer("digests"))
    if not uploads:
        raise Http404
    require(user, Can.UPLOAD, uploads[0].clinic)
    return uploads


def message_of(uploads: list[Upload]) -> Message | None:
    """The message that came to this upload, unless it was stored again since."""
    if not any(upload.system_id for upload in uploads):
        return None
    found = Message.objects.filter(upload__in=uploads).select_related("sender__clinic", "sender__user")
    return found.defer("raw").first()
