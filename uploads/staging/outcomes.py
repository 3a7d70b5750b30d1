"""What became of a file in the standard's own form of an error: an OperationOutcome a line, for whoever sent it.

They name places and reasons, and nobody: what commands print may be sent on.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from uploads.importers.fhir.returned import outcome
from uploads.models import Upload, UploadRow
from uploads.staging.file_store import left_over

_SEVERITY = {UploadRow.Outcome.REFUSED: "error", UploadRow.Outcome.WAITING: "warning"}


def write_outcomes(upload: Upload, folder: Path) -> None:
    """Into NAME.ndjson of the folder, in place of an older one; none where all of the file was stored. OSError."""
    path = folder / f"{upload.file}.ndjson"
    lines = [json.dumps(one, ensure_ascii=False) for one in outcomes_of(upload)]
    if lines:
        folder.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        path.unlink(missing_ok=True)


def outcomes_of(upload: Upload) -> Iterator[dict]:
    """Of the whole file where it was refused, else of each row that was refused or waits."""
    if upload.reason:
        yield outcome([upload.reason])
        return
    for row in left_over(upload).order_by("row", "id").iterator():
        yield outcome([f"{row.where}: {row.reason}"], severity=_SEVERITY[row.outcome])
