"""What a table leaves open is asked once for its sender; what waits is stored when it is answered."""

import pytest
from django.urls import reverse

from patients.models import Patient, Result
from tests.uploads.files import labs, outcomes, reasons
from tests.uploads.message_cases import case, kestrel
from uploads import actions, mappings, profiles
from uploads.identity import questions
from uploads.models import IdentityQuestion, SenderProfile, Upload

pytestmark = pytest.mark.django_db
AMBIGUOUS = b"mrn,collected_at,test,value,unit\nN-1,01/02/2026,ALT,300,U/L\nN-1,03/02/2026,ALT,200,U/L\n"


@pytest.fixture
def preview(clinic, data_manager):
    def preview(content: bytes, sender: str = "Lab") -> list[Upload]:
        named = [("file.csv", content)]
        batch = actions.preview(contents=named, clinic=clinic, by=data_manager, sender=sender)
        return list(Upload.objects.filter(batch=batch).order_by("pk"))

    return preview


@pytest.fixture
def answer(clinic, data_manager):
    """answer(uploads, "day first") takes the choice whose label begins so, to the only question."""

    def answer(uploads: list[Upload], label: str) -> None:
        (asked,) = mappings.questions_of(uploads)
        values = [value for _, pairs in asked.choices for value, text in pairs if text.startswith(label)]
        answers = [(asked, values[0])]
        mappings.learn(clinic=clinic, sender="Lab", by=data_manager, answers=answers)
        actions.read_again(batch=uploads[0].batch)
        for upload in uploads:
            upload.refresh_from_db()

    return answer


@pytest.mark.parametrize(("label", "month"), [("Day first: 01/02/2026 is 1 February", 2), ("Month first", 1)])
def test_the_order_of_dates_is_asked_once_for_a_sender_shown_and_undone(
    people, preview, answer, data_manager, label, month
):
    uploads = preview(AMBIGUOUS)
    assert uploads[0].state == "unmapped" and "say once how this sender writes dates" in uploads[0].reason
    answer(uploads, label)
    assert uploads[0].state == "previewed" and "dates " in uploads[0].format
    actions.confirm(batch=uploads[0].batch, by=data_manager)
    assert Result.objects.order_by("pk").first().draw.taken_at.month == month
    assert preview(AMBIGUOUS)[0].state == "previewed"
    assert preview(AMBIGUOUS, sender="Other")[0].state == "unmapped"
    profiles.go_back(profile=SenderProfile.objects.get(), to=0, by=data_manager)
    assert preview(AMBIGUOUS)[0].state == "unmapped"


def test_the_decimal_mark_is_asked_once_for_a_sender(people, preview, answer):
    content = case("01c_german_thousand.csv").replace(b"G-1002", b"N-1")
    uploads = preview(content)
    answer(uploads, "Decimal comma: 1.102 is 1102")
    assert (uploads[0].state, uploads[0].new) == ("previewed", 6)
    assert preview(content)[0].new == 6


def test_the_page_asks_and_lists_it(manager, people, preview, clinic):
    (upload,) = preview(AMBIGUOUS)
    page = manager.get(reverse("uploads:preview", args=[upload.batch])).content.decode()
    assert "Dates such as 01/02/2026" in page and "Day first: 01/02/2026 is 1 February 2026" in page
    (asked,) = mappings.questions_of([upload])
    manager.post(reverse("uploads:names", args=[upload.batch]), {asked.field: "writes|dates|day/month/year"})
    upload.refresh_from_db()
    assert (upload.state, upload.new) == ("previewed", 2)
    page = manager.get(reverse("uploads:mappings")).content.decode()
    assert "How it writes" in page and "day first" in page


def test_two_columns_of_one_meaning_are_asked_and_what_is_said_is_done(people, preview, answer):
    content = labs("N-1,2026-01-02,2026-01-03,ALT,31,U/L", header="mrn,Date,Timestamp,test,value,unit")
    uploads = preview(content)
    first = next(asked for asked in mappings.questions_of(uploads) if asked.name.shown == "Date")
    mappings.learn(
        clinic=uploads[0].clinic, sender="Lab", by=uploads[0].by, answers=[(first, mappings.NEVER_WORD)]
    )
    actions.read_again(batch=uploads[0].batch)
    uploads[0].refresh_from_db()
    assert (uploads[0].state, uploads[0].new) == ("previewed", 1)


# Limits and cells


def test_limits_that_do_not_fit_wait_and_may_be_confirmed_without_them(clinic, data_manager, put):
    kestrel(clinic, "HXQ04")
    (upload,) = put(case("Q04_range_slip.csv"))
    assert (outcomes(upload), Result.objects.count()) == (["waiting"] * 3, 0)
    assert "Range in µkat/L?" in reasons(upload)[0]
    content = [("file.csv", case("Q04_range_slip.csv"))]
    actions.store(contents=content, clinic=clinic, by=data_manager, accept_questions=True)
    assert set(Result.objects.values_list("analyte", "upper_limit")) == {
        ("ALT", None), ("albumin", None), ("bilirubin_total", None)
    }  # fmt: skip


def test_value_and_limit_of_another_unit_wait(clinic, put):
    Patient.objects.create(clinic=clinic, mrn="K-9002", family_name="T", sex="F", birth_date="1961-04-03")
    Patient.objects.create(clinic=clinic, mrn="K-9003", family_name="T", sex="F", birth_date="1961-04-03")
    (upload,) = put(case("09b_ukat_lost_mu.csv"))
    assert outcomes(upload)[:3] == ["waiting"] * 3
    assert "value and limit 0.7 fit µkat/L, not U/L" in reasons(upload)[2]


def test_a_range_that_is_not_read_is_flagged_and_the_value_stored(clinic, put):
    kestrel(clinic, "HXJ03")
    (upload,) = put(case("J03_range_variants.csv"))
    assert outcomes(upload) == ["new"] * 7
    assert list(upload.rows.filter(flagged=True).values_list("row", flat=True)) == [4, 5]


def test_an_error_cell_is_named_and_waits(clinic, put):
    kestrel(clinic, "HXB60")
    (upload,) = put(case("B60_ods_error_wide.ods"))
    assert outcomes(upload) == ["waiting", "new", "new", "new"]
    row = upload.rows.get(outcome="waiting")
    assert row.column == "ALT (U/L)" and "#DIV/0!" in row.reason


@pytest.mark.parametrize(
    ("name", "found"),
    [("B09_dst_gap.csv", ["waiting", "waiting"]), ("J02_dst_gap_collide.csv", ["waiting", "new"])],
)
def test_times_that_cannot_be_ask(clinic, put, name, found):
    clinic.time_zone = "Europe/Berlin"
    clinic.save()
    kestrel(clinic, f"HX{name[:3]}")
    (upload,) = put(case(name))
    assert outcomes(upload) == found and "does not exist" in reasons(upload)[0]


# Numbers without their zeros


@pytest.fixture
def zeros(clinic, put):
    who = {"clinic": clinic, "family_name": "Test", "sex": "F", "birth_date": "1961-04-03"}
    Patient.objects.create(mrn="0012345", **who)
    Patient.objects.create(mrn="0000777", **who)
    return put(case("18_mrn_shapes.csv") + b"777,2026-05-18 08:00,ALT,70,U/L\n")[0]


def test_a_number_without_its_zeros_is_suggested_and_decided_once_for_the_sender(
    zeros, clinic, data_manager, put
):
    assert outcomes(zeros) == ["new", *["waiting"] * 6]
    found = reasons(zeros)
    assert [("same but for zeros" in reason) for reason in found] == [
        False, True, True, True, False, False, True
    ]  # fmt: skip
    cases, _ = questions.cases_of([clinic])
    (question,) = IdentityQuestion.objects.filter(mrn="12345")
    (shown,) = [found for found in cases if found.question == question]
    assert [person.mrn for person in shown.but_for_zeros] == ["0012345"]
    patient = Patient.objects.get(mrn="0012345")
    questions.decide(question=question, by=data_manager, verdict="patient", patient=patient)
    stored = Result.objects.order_by("draw__taken_at").values_list("draw__patient__mrn", "value")
    assert list(stored) == [
        ("0012345", 300), ("0012345", 200), ("0012345", 100), ("0012345", 90), ("0000777", 70)
    ]  # fmt: skip
    (later,) = put(labs("777,2026-06-01,ALT,60,U/L", header="mrn,collected_at,test,value,unit"))
    assert outcomes(later) == ["new"]


def test_zeros_count_again_once_that_is_undone_and_two_alike_are_nobodys(zeros, clinic, data_manager, put):
    question, patient = IdentityQuestion.objects.get(mrn="12345"), Patient.objects.get(mrn="0012345")
    questions.decide(question=question, by=data_manager, verdict="patient", patient=patient)
    who = {"clinic": clinic, "family_name": "Test", "sex": "F", "birth_date": "1961-04-03"}
    Patient.objects.create(mrn="00777", **who)
    row = "777,2026-06-01,ALT,60,U/L"
    (two,) = put(labs(row, header="mrn,collected_at,test,value,unit"))
    profiles.go_back(profile=SenderProfile.objects.get(), to=0, by=data_manager)
    (undone,) = put(labs("12345.00,2026-06-01,ALT,60,U/L", header="mrn,collected_at,test,value,unit"))
    assert outcomes(two) == ["waiting"] and outcomes(undone) == ["waiting"]


# Ordinary files


def test_ordinary_files_of_three_countries_store_with_no_question(clinic, put):
    (people,) = put(case("00_patients.csv"))
    assert people.waiting == people.refused == 0
    (german,) = put(case("01_german_long.csv"))
    assert (german.new, german.waiting, german.refused, german.unknown) == (12, 0, 0, [])
    taken = Result.objects.filter(draw__patient__mrn="G-1001").values_list("analyte", "comparator", "value")
    assert ("AST", "", 1102) in taken and ("prothrombin_activity", "", 38) in taken
    american = put(case("02_us_wide.xlsx"))
    assert [upload.unknown for upload in american] == [[], []]
    assert IdentityQuestion.objects.filter(answer=None).values("mrn").distinct().count() == 1
    (down,) = put(case("03_tests_down.xlsx"))
    assert down.unknown == [] and down.waiting == 1
