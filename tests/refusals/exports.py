"""Folders of FHIR Bulk Data that are refused, or of which a line is."""

import gzip
import io
import json
import zipfile

from tests.refusals.telling import FileCase, case
from tests.uploads.exports import SERVER, lines, result
from tests.uploads.importers.test_fhir import PATIENT

GOOD = lines([PATIENT, result("a")])


def folder(**files: bytes) -> FileCase:
    """As an archive: `more` names a file that does not end in .ndjson."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return case(file.getvalue(), name="export")


def promised(**more: object) -> bytes:
    return json.dumps({"transactionTime": "2025-08-01T00:00:00Z", "output": []} | more).encode()


TROUBLE = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
FILES = {
    "nothing of FHIR": folder(log__ndjson=b'{"event": "kickoff"}\n'),
    "a line that is no JSON": folder(A__ndjson=b'{"resourceType": "Patient",}\n' + GOOD),
    "a line that is no FHIR": folder(A__ndjson=GOOD + b'{"a": 1}\n'),
    "letters that are no UTF-8": folder(A__ndjson=GOOD + b'{"a": "\xff"}\n'),
    "a line of too many brackets": folder(A__ndjson=GOOD + b'{"x": ' + b"[" * 80 + b"]" * 80 + b"}\n"),
    "cut off within a line": folder(A__ndjson=GOOD + GOOD[:-30]),
    "a compressed file cut off": folder(A__ndjson=GOOD, B__ndjson__gz=gzip.compress(GOOD)[:-12]),
    "a damaged archive": case(folder(A__ndjson=GOOD).files[0][:-40], name="export.zip"),
    "errors of the sender": folder(A__ndjson=GOOD, **{"error/A.ndjson": lines([TROUBLE])}),
    "fewer than promised": folder(
        A__ndjson=GOOD,
        manifest__json=promised(output=[{"type": "Patient", "url": f"{SERVER}/1", "count": 3}]),
    ),
    "files that are not there": folder(
        A__ndjson=GOOD,
        manifest__json=promised(output=[{"type": "Patient", "url": f"{SERVER}/{name}"} for name in "ab"]),
    ),
    "an export of nothing": folder(
        log__ndjson=b'{"event": "kickoff"}\n{"event": "complete"}\n', manifest__json=promised()
    ),
    "what is not read": folder(A__ndjson=GOOD, **{f"log{number}.ndjson": b"{}" for number in range(7)}),
}
GROUPS = {"exports": FILES}
