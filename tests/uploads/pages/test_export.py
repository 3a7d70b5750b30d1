"""The record out as CSV files, and in again."""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from patients.models import Diagnosis, Draw, Event, Patient, Result
from patients.report.panel import case_for
from tests.looks import pages_seen
from tests.uploads.files import outcomes, reasons
from uploads import actions
from uploads.export import archive, value_cells
from uploads.formula import as_meant, harmless
from uploads.models import Upload

pytestmark = pytest.mark.django_db
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


def files_of(people) -> list[tuple[str, bytes]]:
    written = io.BytesIO()
    archive(people, written)
    with zipfile.ZipFile(written) as folder:
        return [(name, folder.read(name)) for name in folder.namelist()]


def cases(clinic) -> list:
    """What the rule reads of each patient, without the keys of this database."""
    found = []
    for person in Patient.objects.current().filter(clinic=clinic).order_by("mrn"):
        case = case_for(person, AS_OF)
        draws = tuple(
            (d.taken_at, d.laboratory, tuple(sorted((r.analyte, r.value, r.comparator, r.lower_limit,
             r.upper_limit, r.method or d.method) for r in d.results)))
            for d in case.draws
        )  # fmt: skip
        found.append((person.mrn, person.family_name, person.given_name, case.sex, case.birth_date,
                      case.died_on, draws, case.diagnoses, case.events))  # fmt: skip
    return found


def stored(clinic) -> list[tuple]:
    fields = (
        "draw__patient__mrn", "draw__taken_at", "draw__laboratory", "draw__received_at", "draw__note",
        "analyte", "reported_value", "reported_unit", "reported_range", "status", "verified_at", "comment",
        "order_key",
    )  # fmt: skip
    rows = Result.objects.filter(
        draw__patient__clinic=clinic, draw__withdrawn_at=None, status__in=Result.COUNTING
    )
    return sorted(rows.values_list(*fields), key=str)


def test_the_real_record_comes_back_the_same(shared_data, clinic, other_clinic, data_manager):
    folder = shared_data / "mimic-iv-demo"
    files = [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.csv"))]
    actions.store(contents=files, clinic=clinic, by=data_manager, accept_questions=True)
    out = files_of(Patient.objects.current().filter(clinic=clinic))
    back = actions.store(contents=out, clinic=other_clinic, by=data_manager, accept_questions=True)
    assert [(u.kind, u.read - u.new) for u in back] == [
        ("patients", 0), ("diagnoses", 0), ("events", 0), ("labs", 0)
    ]  # fmt: skip
    assert cases(other_clinic) == cases(clinic) and len(cases(clinic)) == 57
    assert stored(other_clinic) == stored(clinic)
    again = actions.store(contents=out, clinic=clinic, by=data_manager, accept_questions=True)
    assert [upload.read - upload.same for upload in again] == [0, 0, 0, 0]


@pytest.fixture
def odd(patient, make_draw, clinician):
    """A record with all that is hard to write: signs, quotes, formulas, zones, bounds, statuses."""
    patient.family_name, patient.given_name = 'O’Brien; "Mc", =1+1', "@Ada"
    patient.save()
    make_draw(patient, datetime(2025, 10, 26, 0, 30, tzinfo=UTC), ALT=112, INR="<1.1", method="poc")
    draw = make_draw(patient, datetime(2025, 10, 26, 1, 30, tzinfo=UTC), ALT=(80, 40), INR=0.9)
    Draw.objects.filter(pk=draw.pk).update(note='-late; "shaken"', received_at=draw.taken_at)
    Result.objects.filter(draw=draw, analyte="ALT").update(
        status="preliminary", comment="=HYPERLINK(1)", order_key="'=7", method="IFCC",
        verified_at=draw.taken_at + timedelta(hours=1),
    )  # fmt: skip
    Result.objects.create(
        draw=draw, analyte="albumin", value=35.5, reported_value="3,55", reported_unit="g/dL",
        reported_range="3,5-5,0", lower_limit=35, upper_limit=50,
    )  # fmt: skip
    Result.objects.create(
        draw=draw, analyte="platelets", value=450, comparator=">", reported_value="> ?", status="corrected"
    )
    Result.objects.create(
        draw=draw, analyte="AST", value=9, reported_value="9", reported_unit="U/L", status="superseded"
    )
    Diagnosis.objects.create(
        patient=patient, kind="cirrhosis", noted_on=date(2020, 2, 29), codes=["K74.6", "B18.2"], note="+ note"
    )
    Diagnosis.objects.create(patient=patient, kind="hepatitis_c", resolved_on=date(2021, 1, 1))
    Event.objects.create(
        patient=patient, kind="vka", label="Warfarin, 5 mg", started_at=datetime(2025, 1, 1, 8, tzinfo=UTC),
        ended_at=datetime(2025, 2, 1, 9, 30, 15, tzinfo=UTC), stop_confirmed=True, route="oral",
    )  # fmt: skip
    Event.objects.create(
        patient=patient, kind="encephalopathy", started_at=datetime(2025, 3, 1, tzinfo=UTC), grade=0
    )
    return patient


def test_an_odd_record_comes_back_the_same(odd, clinic, other_clinic, data_manager):
    out = files_of(Patient.objects.filter(pk=odd.pk))
    back = actions.store(contents=out, clinic=other_clinic, by=data_manager, accept_questions=True)
    assert [(set(outcomes(upload)), set(reasons(upload))) for upload in back] == [({"new"}, {""})] * 4
    assert cases(other_clinic) == cases(clinic)
    notes = Draw.objects.values_list("note", flat=True)
    assert sorted(notes.filter(patient__clinic=other_clinic)) == sorted(notes.filter(patient=odd))
    result = Result.objects.get(draw__patient__clinic=other_clinic, analyte="ALT", status="preliminary")
    assert (result.comment, result.order_key) == ("=HYPERLINK(1)", "'=7")
    codes = Diagnosis.objects.get(patient__clinic=other_clinic, kind="cirrhosis")
    assert (codes.codes, codes.note) == (["K74.6", "B18.2"], "+ note")


def test_nothing_in_it_runs_in_a_spreadsheet(odd):
    text = "".join(content.decode("utf-8-sig") for _, content in files_of(Patient.objects.filter(pk=odd.pk)))
    assert '"\'@Ada"' in text and '"\'=HYPERLINK(1)"' in text and "\"''=7\"" in text
    assert '"=' not in text and '"@' not in text and '"+' not in text and '"-' not in text


def test_files_without_rows_are_left_out(patient):
    assert [name for name, _ in files_of(Patient.objects.filter(pk=patient.pk))] == ["patients.csv"]


def test_only_what_counts_is_written(odd, clinician):
    Diagnosis.objects.filter(kind="hepatitis_c").update(
        withdrawn_at=AS_OF, withdrawn_by=clinician, withdrawn_reason="x"
    )
    files = dict(files_of(Patient.objects.filter(pk=odd.pk)))
    assert b"hepatitis_c" not in files["diagnoses.csv"] and b'"AST"' not in files["results.csv"]


@given(st.text(max_size=20))
def test_any_cell_comes_back_as_it_was(cell):
    assert as_meant(harmless(cell)) == cell
    assert not harmless(cell).startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize(
    ("value", "shown", "unit", "written"),
    [
        (112, "112", "U/L", {"value": "112", "unit": "U/L", "range": ""}),
        (112, "112 H", "U/L", {"value": "112 H", "unit": "U/L", "range": ""}),
        (112, "1,12e2", "U/L", {"value": "112", "unit": "U/L", "ref_low": "", "ref_high": ""}),
        (112, "113", "U/L", {"value": "112", "unit": "U/L", "ref_low": "", "ref_high": ""}),
        (0, "", "", {"value": "0", "unit": "U/L", "ref_low": "", "ref_high": ""}),
    ],
)
def test_as_reported_where_that_reads_back(value, shown, unit, written):
    row = Result(analyte="ALT", value=value, reported_value=shown, reported_unit=unit)
    assert value_cells(row) == written


def test_a_small_number_is_written_out():
    row = Result(analyte="AST", value=1e-7, reported_value="trace")
    assert value_cells(row)["value"] == "0.0000001"


def test_downloads_are_zips_without_names_and_are_logged(client, data_manager, odd):
    client.force_login(data_manager)
    one = client.get(reverse("uploads:export-patient", args=[odd.uuid]))
    assert one["Content-Disposition"] == f'attachment; filename="patient-{odd.uuid}.zip"'
    every = client.get(reverse("uploads:export-clinic", args=[odd.clinic.code]))
    assert "record-north-" in every["Content-Disposition"] and "no-store" in every["Cache-Control"]
    for response in (one, every):
        assert zipfile.ZipFile(io.BytesIO(b"".join(response))).namelist()[0] == "patients.csv"
    assert sorted(pages_seen(odd)) == ["export-clinic", "export-patient"]


def test_no_statement_for_each_row(odd, make_draw, django_assert_max_num_queries):
    for day in range(1, 29):
        make_draw(odd, f"2026-01-{day:02}T08:00", ALT=day, AST=day, INR=1)
    with django_assert_max_num_queries(10):
        files_of(Patient.objects.filter(pk=odd.pk))


def test_the_command_writes_one_file_that_only_its_owner_reads(odd, tmp_path, capsys):
    target = tmp_path / "out.zip"
    call_command("export", str(target), clinic="north")
    assert "out.zip: 1 patients, 2 diagnoses, 2 events, 6 results." in capsys.readouterr().out
    assert target.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out.zip"]


@pytest.mark.parametrize(
    ("more", "said"),
    [({"clinic": "nowhere"}, "Codes: north"), ({"clinic": "north", "mrn": "X"}, "no such patient")],
)
def test_the_command_says_what_is_wrong(patient, tmp_path, more, said):
    with pytest.raises(CommandError, match=said):
        call_command("export", str(tmp_path / "out.zip"), **more)


def test_upload_made_from_it_can_be_undone(odd, other_clinic, data_manager):
    out = files_of(Patient.objects.filter(pk=odd.pk))
    back = actions.store(contents=out, clinic=other_clinic, by=data_manager, accept_questions=True)
    actions.undo(uploads=back, by=data_manager)
    assert not Patient.objects.current().filter(clinic=other_clinic).exists()
    assert {upload.state for upload in Upload.objects.all()} == {"undone"}
