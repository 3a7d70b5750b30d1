"""Downloads of the record: of a patient, or of all patients of a clinic, as CSV files in a ZIP."""

import tempfile
from collections.abc import Iterator
from typing import IO

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.actions import log_accesses
from accounts.permissions import Can, clinics_of, require
from patients.access import patient_for
from patients.models import Patient
from uploads.export import archive

PIECE = 64 * 1024


@require_GET
@login_required
def of_patient(request: HttpRequest, uuid) -> StreamingHttpResponse:
    found = patient_for(request.user, uuid, page="export-patient")
    # The name of the file lands in folders and histories: it holds no name and no MRN.
    return _download(Patient.objects.filter(pk=found.pk), f"patient-{found.uuid}.zip")


@require_GET
@login_required
def of_clinic(request: HttpRequest, clinic: str) -> StreamingHttpResponse:
    """The whole clinic; each of its patients counts as looked at."""
    found = next((own for own in clinics_of(request.user) if own.code == clinic), None)
    if found is None:
        raise Http404
    require(request.user, Can.UPLOAD, found)
    people = Patient.objects.current().filter(clinic=found)
    log_accesses(user=request.user, patients=people.iterator(2000), page="export-clinic")
    today = timezone.now().astimezone(found.zone).date()
    return _download(people, f"record-{found.code}-{today}.zip")


def _download(people: QuerySet[Patient], name: str) -> StreamingHttpResponse:
    """Written to the disk first: an answer that breaks off halfway would look like a whole file."""
    file = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115 (closed when it is sent)
    archive(people, file)
    size = file.tell()
    response = StreamingHttpResponse(_pieces(file), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = size
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


urls = [
    path("export/patients/<uuid:uuid>.zip", of_patient, name="export-patient"),
    path("export/clinics/<slug:clinic>.zip", of_clinic, name="export-clinic"),
]
