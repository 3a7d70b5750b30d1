"""A folder of FHIR Bulk Data as one upload: stored, kept, read again, undone, watched, counted silently."""

import io
import json
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from fhir.resources.R4B import get_fhir_model_class

from patients.models import Diagnosis, Draw, Event, Patient, Result
from patients.silent.arrivals import arrivals, kept
from patients.silent.running import silent_run
from tests.patients.silent.recount import recounted, same
from tests.uploads.exports import LABORATORY, OTHER, inr, manifest, record, result, scattered, write
from tests.uploads.files import labs
from tests.uploads.importers.test_fhir import PATIENT, bundle
from tests.uploads.workers import barrier, kill, work_until_done, worker
from tests.words import words_of
from uploads import actions, profiles
from uploads.importers.bulk import arrival
from uploads.importers.bulk.packing import pack
from uploads.models import Job, Mapping, Upload
from uploads.staging import jobs
from uploads.staging.progress import Cancelled, Progress

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(clinic, capsys):
    """run(folder) -> (exit status, printed, complained)."""

    def run(*folders: Path, command: str = "upload", **options):
        status = 0
        try:
            call_command(command, *map(str, folders), clinic=options.pop("code", clinic.code), **options)
        except SystemExit as end:
            status = end.code
        return status, *capsys.readouterr()

    return run


def drawn(clinic) -> list[tuple]:
    """What the record of a clinic says of its people."""
    draws = Draw.objects.filter(patient__clinic=clinic).prefetch_related("results").select_related("patient")
    found = [
        (
            draw.patient.mrn,
            draw.taken_at,
            draw.laboratory,
            sorted((one.analyte, one.value, one.status) for one in draw.results.all()),
        )
        for draw in draws
    ]
    kinds = [
        *Diagnosis.objects.filter(patient__clinic=clinic).values_list("patient__mrn", "kind", "noted_on")
    ]
    events = [*Event.objects.filter(patient__clinic=clinic).values_list("patient__mrn", "kind", "label")]
    return sorted(found), sorted(kinds), sorted(events)


@pytest.mark.parametrize("seed", range(4))
def test_a_bundle_and_the_same_over_files_in_any_order_store_the_same(
    run, clinic, other_clinic, data_manager, tmp_path, seed
):
    contents = [("bundle.json", bundle(*record(), patient=None))]
    (whole,) = actions.store(contents=contents, clinic=other_clinic, by=data_manager)
    status, out, _ = run(scattered(tmp_path / "export", record(), Random(seed)))
    upload = Upload.objects.get(clinic=clinic)
    assert drawn(clinic) == drawn(other_clinic)
    assert Draw.objects.filter(patient__clinic=clinic).count() == 7
    counts = ("read", "new", "same", "changed", "refused", "waiting", "left_out", "kind")
    assert [getattr(upload, name) for name in counts] == [getattr(whole, name) for name in counts]
    assert (status, upload.file) == (0, "export") and out.startswith(
        "export: Whole records (FHIR R4 Bulk Data"
    )


def test_results_of_a_day_in_several_files_are_one_draw(run, tmp_path):
    run(write(tmp_path / "export", A=[result("a")], B=[inr("b", 1.4)], C=[PATIENT]))
    (draw,) = Draw.objects.all()
    assert sorted(draw.results.values_list("analyte", flat=True)) == ["ALT", "INR"]


def test_a_laboratory_is_called_as_the_senders_profile_says(run, clinic, data_manager, tmp_path):
    names = {"Central laboratory": "Main"}
    profiles.learn(clinic=clinic, sender="Records", by=data_manager, field="laboratory_names", value=names)
    by = [{"reference": "Organization/l"}]
    run(write(tmp_path / "export", A=[result("a", performer=by)], B=[PATIENT, LABORATORY]), sender="Records")
    assert Draw.objects.get().laboratory == "Main"


def test_the_same_folder_again_changes_nothing_and_says_so(run, tmp_path):
    folder = write(tmp_path / "export", A=[result("a"), PATIENT])
    run(folder)
    status, out, _ = run(folder)
    assert status == 0 and "0 new, 2 already in the record" in out and "This file was stored on" in out
    assert Result.objects.count() == 1


def test_it_is_undone_as_one(run, clinic, data_manager, tmp_path):
    run(scattered(tmp_path / "export", record(), Random(1)))
    actions.undo(uploads=[Upload.objects.get()], by=data_manager)
    assert (
        not Draw.objects.filter(withdrawn_at=None).exists()
        and not Event.objects.filter(withdrawn_at=None).exists()
    )
    assert Upload.objects.get().state == Upload.State.UNDONE


def test_a_dry_run_stores_nothing(run, tmp_path):
    status, out, _ = run(write(tmp_path / "export", A=[result("a"), PATIENT]), dry_run=True)
    assert status == 0 and "2 new" in out and not Upload.objects.exists() and not Patient.objects.exists()


def test_what_is_refused_is_named_by_its_file_and_line_and_nobody_by_name(run, tmp_path):
    future = result("b", effectiveDateTime="2150-01-02T08:00:00Z")
    status, out, err = run(write(tmp_path / "export", A=[result("a"), future], B=[PATIENT]))
    assert status == 0 and "3 read: 2 new" in out
    assert "export: Line 2 of A.ndjson, effective: 2150-01-02 08:00 lies in the future. Correct it." in err
    assert "N-1" not in out + err and "Ito" not in out + err


def test_lines_to_correct_come_back_and_are_read_again(run, clinic, data_manager, tmp_path, client):
    nobody = inr("b", 1.4, subject={"reference": "Patient/q"})
    run(write(tmp_path / "export", A=[result("a"), nobody], B=[PATIENT]))
    upload = Upload.objects.get()
    client.force_login(data_manager)
    answer = client.get(reverse("uploads:to-correct", args=[upload.batch, upload.uuid]))
    assert answer["Content-Type"] == "application/fhir+ndjson"
    content = b"".join(answer.streaming_content)
    lines = [json.loads(line) for line in content.splitlines()]
    assert [line["resourceType"] for line in lines] == ["Observation", "OperationOutcome"]
    assert lines[1]["issue"][0]["diagnostics"].startswith("line 2 of A.ndjson: ")
    again = content + json.dumps(OTHER).encode() + b"\n"
    (stored,) = actions.store(contents=[("more.ndjson", again)], clinic=clinic, by=data_manager)
    assert (stored.new, stored.refused, stored.waiting) == (2, 0, 0)


def test_what_waits_for_a_name_is_read_again_from_the_folder(run, clinic, data_manager, tmp_path):
    code = {"text": "Leberwert"}
    run(write(tmp_path / "export", A=[result("a", code=code), inr("b", 1.2)], B=[PATIENT]))
    upload = Upload.objects.get()
    assert (upload.new, upload.waiting) == (2, 1) and upload.kept
    given = {
        "clinic": clinic,
        "by": data_manager,
        "what": "test",
        "folded": "leberwert",
        "shown": "Leberwert",
    }
    Mapping.objects.create(**given, meant="ALT")
    actions.read_waiting(batch=upload.batch, by=data_manager)
    assert sorted(Result.objects.values_list("analyte", flat=True)) == ["ALT", "INR"]


# --- on the page ---


def dropped(client, *files: tuple[str, bytes]) -> list[Upload]:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    client.post(reverse("uploads:list"), {"files": sent})
    return list(Upload.objects.order_by("pk"))


def test_files_of_an_export_that_are_dropped_together_are_one_upload(manager, clinic, tmp_path):
    folder = write(tmp_path / "export", A=[result("a")], B=[PATIENT], log=[{"eventId": "kickoff"}])
    manifest(folder, "A.ndjson", "B.ndjson")
    files = [(path.name, path.read_bytes()) for path in folder.iterdir()]
    table = ("labs.csv", labs("N-1,2025-01-01,ALT,40,U/L,,"))
    uploads = dropped(manager, *files, table)
    assert [(upload.file, upload.new) for upload in uploads] == [
        ("4 files of FHIR Bulk Data", 2), ("labs.csv", 1),
    ]  # fmt: skip
    manager.post(reverse("uploads:store", args=[uploads[0].batch]))
    assert Result.objects.count() == 2


def test_a_packed_folder_is_shown_and_stored(manager, clinic, tmp_path):
    content = packed(write(tmp_path / "export", A=[result("a")], B=[PATIENT]))
    (upload,) = dropped(manager, ("export.zip", content))
    page = words_of(manager.get(reverse("uploads:preview", args=[upload.batch])))
    assert "FHIR R4 Bulk Data, 2 files, 2 lines" in page and not Patient.objects.exists()
    manager.post(reverse("uploads:store", args=[upload.batch]))
    assert Result.objects.count() == 1


def test_what_unpacks_to_much_is_left_to_a_worker(manager, clinic, tmp_path, monkeypatch):
    monkeypatch.setattr(actions, "MANY", 3)
    content = packed(many(tmp_path / "export"))
    (upload,) = dropped(manager, ("export.zip", content))
    assert upload.state == Upload.State.QUEUED
    assert Job.objects.get().task == Job.Task.READ
    actions.preview_kept(batch=upload.batch)
    upload = Upload.objects.get()
    assert (upload.state, upload.new) == (Upload.State.PREVIEWED, 2402)


# --- large ones ---


class Impatient(Progress):
    """Cancels at a certain word."""

    def __init__(self, after: int) -> None:
        self.heard, self.after = [], after

    def stage(self, name: str, total: int | None = None) -> None:
        self.heard.append((name, total))
        if len(self.heard) > self.after:
            raise Cancelled

    def advance(self, rows: int) -> None:
        self.heard.append(("advance", rows))
        if len(self.heard) > self.after:
            raise Cancelled


def many(folder: Path) -> Path:
    people = [PATIENT, OTHER]
    whose = [{"reference": f"Patient/{one['id']}"} for one in people]
    found = [
        inr(
            f"o{day}{who}",
            1 + day / 1000,
            subject=subject,
            effectiveDateTime=f"20{10 + day // 300}-01-01T0{day % 9}:{day % 60:02}:00Z",
        )
        for day in range(1200)
        for who, subject in enumerate(whose)
    ]
    return write(folder, A=found, B=people)


def packed(folder: Path) -> bytes:
    file = io.BytesIO()
    pack(folder, file)
    return file.getvalue()


def test_how_far_the_reading_is_is_told_and_it_can_be_cancelled(clinic, data_manager, tmp_path):
    content, told = packed(many(tmp_path / "export")), Impatient(10_000)
    given = {"contents": [("export", content)], "clinic": clinic}
    actions.look(**given, progress=told)
    assert ("reading", 2402) in told.heard and told.heard.count(("advance", 500)) == 4
    for after in (1, 3, 6):
        with pytest.raises(Cancelled):
            actions.store(**given, by=data_manager, progress=Impatient(after))
    assert not Upload.objects.exists() and not Patient.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_stores_a_folder_leaves_nothing_and_the_next_stores_all(
    clinic, data_manager, tmp_path
):
    content = packed(scattered(tmp_path / "export", record(), Random(5)))
    batch = actions.preview(contents=[("export", content)], clinic=clinic, by=data_manager)
    jobs.start(batch=batch, task=Job.Task.STORE, by=data_manager)
    with worker() as first, barrier("patients_result IN SHARE MODE") as reached:
        reached()
        kill(first)
    assert not Draw.objects.exists() and Upload.objects.get().state == Upload.State.PREVIEWED
    work_until_done()
    assert Draw.objects.count() == 7 and Upload.objects.get().state == Upload.State.STORED
    assert Job.objects.get().attempts == 2


# --- watched ---


@pytest.fixture
def watched(tmp_path, monkeypatch):
    monkeypatch.setattr(arrival, "QUIET", 0)
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def watch(run, folder: Path):
    return run(folder, command="watch", once=True, settle=0)


def test_a_folder_is_taken_as_one_and_put_away_whole(run, watched):
    write(watched / "export", A=[result("a")], B=[PATIENT])
    (watched / "inner").mkdir()
    status, out, _ = watch(run, watched)
    assert (status, Result.objects.count(), Upload.objects.count()) == (0, 1, 1)
    assert "export: 2 read, 2 new" in out
    assert sorted(path.name for path in (watched / "done/export").iterdir()) == ["A.ndjson", "B.ndjson"]
    assert (watched / "inner").exists() and not (watched / "export").exists()


def test_a_folder_without_all_files_of_its_manifest_waits_and_says_so(run, watched):
    folder = write(watched / "export", Patient=[PATIENT])
    manifest(folder, "Patient.ndjson", "Observation.ndjson")
    status, _, err = watch(run, watched)
    assert status == 0 and "export: waits: 1 of the 2 files of its manifest are here." in err
    assert folder.exists() and not Patient.objects.exists()
    write(folder, Observation=[result("a")])
    watch(run, watched)
    assert Result.objects.count() == 1 and (watched / "done/export/manifest.json").exists()


def test_what_was_not_stored_is_told_in_the_standards_own_form(run, watched):
    unfit = [result("a"), result("b", status="whatever"), inr("c", 1.4, subject={"reference": "Patient/q"})]
    write(watched / "export", A=unfit, B=[PATIENT])
    watch(run, watched)
    told = [json.loads(line) for line in (watched / "outcomes/export.ndjson").read_text().splitlines()]
    for one in told:
        get_fhir_model_class("OperationOutcome").model_validate(one)
    issues = [one["issue"][0] for one in told]
    assert [issue["severity"] for issue in issues] == ["error", "warning"]
    assert [issue["diagnostics"].partition(",")[0] for issue in issues] == [
        "Line 2 of A.ndjson",
        "Line 3 of A.ndjson",
    ]
    assert "N-1" not in json.dumps(told) and "Ito" not in json.dumps(told)
    # The same folder once nothing is wrong in it; the outcomes themselves are no export.
    write(watched / "export", A=unfit[:1], B=[PATIENT])
    watch(run, watched)
    assert not (watched / "outcomes/export.ndjson").exists() and (watched / "outcomes").exists()
    write(watched / "export", log=[{"eventId": "kickoff"}])
    watch(run, watched)
    assert "names a resourceType" in (watched / "outcomes/export.ndjson").read_text()


def test_a_folder_that_is_being_written_is_left(run, watched, monkeypatch):
    monkeypatch.setattr(arrival, "QUIET", 60)
    folder = write(watched / "export", Patient=[PATIENT])
    assert "files came within 60 seconds" in watch(run, watched)[2]
    monkeypatch.setattr(arrival, "QUIET", 0)
    (folder / "Observation.ndjson.part").write_text("{")
    watch(run, watched)
    assert not Patient.objects.exists() and folder.exists()


def test_a_folder_that_is_refused_goes_to_failed_with_why(run, watched):
    write(watched / "export", log=[{"eventId": "kickoff"}])
    status, _, _ = watch(run, watched)
    assert status == 1 and (watched / "failed/export/log.ndjson").exists()
    assert "no line of a file names a resourceType" in (watched / "failed/export.why.txt").read_text()


def test_what_comes_while_it_is_stored_is_taken_again(run, watched, monkeypatch):
    folder, kept = write(watched / "export", A=[PATIENT]), actions.store

    def store(**given):
        write(folder, B=[result("a")])
        monkeypatch.setattr(actions, "store", kept)
        return kept(**given)

    monkeypatch.setattr(actions, "store", store)
    watch(run, watched)
    assert folder.exists() and not Result.objects.exists()
    watch(run, watched)
    assert Result.objects.count() == 1 and (watched / "done/export/B.ndjson").exists()


# --- silent ---


def test_a_silent_run_counts_what_a_folder_brought(run, clinic, administrator, tmp_path):
    days = {"2025-01-01": (200, 1.1), "2025-02-15": (90, 1.6), "2025-04-01": (40, 2.2)}
    found = []
    for day, (alt, value) in days.items():
        at = {"effectiveDateTime": f"{day}T08:00:00Z", "issued": f"{day}T12:00:00Z"}
        limits = [{"high": {"value": 40, "unit": "U/L"}}]
        found.append(
            result(f"a{day}", valueQuantity={"value": alt, "unit": "U/L"}, referenceRange=limits, **at)
        )
        found.append(inr(f"i{day}", value, **at))
    run(scattered(tmp_path / "export", [PATIENT, *found], Random(3)))
    counted = silent_run(clinic, now=timezone.now())["limits"][0]
    same(counted, recounted(list(Patient.objects.filter(clinic=clinic).select_related("clinic"))))
    # Each draw at its own receipt, not all of them today.
    assert (counted["patients"], counted["readings"]) == (1, 3)
    moments = [case.as_of for case in arrivals(kept(Patient.objects.get()))]
    assert moments == [datetime.fromisoformat(f"{day}T12:00:00+00:00") for day in days]
    assert counted["flags"]["possible"] == 1
