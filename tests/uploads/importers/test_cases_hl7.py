"""Messages that went wrong elsewhere: each file of the cases with its right value, and others of its kind."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command

from patients.models import Draw, Patient, Result
from tests.uploads.files import labs, outcomes, reasons
from tests.uploads.message_cases import CASES, case, kestrel
from tests.uploads.oru import obx, oru
from uploads import actions
from uploads.identity import questions
from uploads.importers.main import parse
from uploads.importers.records import LabRow, RowProblem
from uploads.interfaces import messages, senders
from uploads.models import IdentityDecision, IdentityQuestion, Upload

db = pytest.mark.django_db


def pid3(numbers: str, **how) -> bytes:
    return oru(**how).replace(b"N-1^^^NORTH^MR", numbers.encode())


def one(*segments, **how):
    (item,) = parse(oru(*segments, **how)).items
    return item


@pytest.fixture
def sender(clinic):
    return senders.add_sender(clinic=clinic, name="LIS")[0]


# --- G01, A03: separators that are not escaped ---


@db
def test_g01_the_whole_text_is_kept_and_asks(clinic, put):
    kestrel(clinic, "HXG01")
    (upload,) = put(case("G01_amp_value.hl7"))
    assert (outcomes(upload), Result.objects.count()) == (["waiting"], 0)
    assert "“88 & 120 on repeat” is not a number" in reasons(upload)[0]


@db
def test_a03_what_stands_beside_text_with_separators_is_right(clinic, put):
    kestrel(clinic, "HXA03")
    (upload,) = put(case("A03_unescaped_ft.hl7"))
    assert Result.objects.get().value == 88
    assert "http://lab.example/view?a=1&b=2^c" in upload.rows.get(outcome="waiting").text


@pytest.mark.parametrize("kind", ["NM", "ST", "TX", "FT", "IS", ""])
@pytest.mark.parametrize("value", ["88 & 120", "88^120 on repeat", "88~120", "88 &", "<5 & >3"])
@db
def test_no_separator_shortens_a_value(people, put, kind, value):
    (upload,) = put(oru(obx(kind=kind, value=value)))
    assert outcomes(upload) == ["waiting"] and f"“{value}”" in reasons(upload)[0]


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("NM", "88^^", "88"),
        ("ST", "88~", "88"),
        ("ST", r"88 \T\ 120", "88 & 120"),
        ("ST", r"88 \or 120\ again", r"88 \or 120\ again"),
        ("ST", r"88\.br\120", "88; 120"),
        ("ST", r"88\.br\ ", "88"),
        ("CWE", "1^Positive & weak^L", "Positive & weak"),
        ("SN", "<^5&6", "<5&6"),
        ("SN", "^88^^^on repeat", "^88^^^on repeat"),
        ("SN", "^88~^120", "^88~^120"),
        ("", "<^5", "<5"),
    ],
)
def test_a_value_is_what_was_written(kind, value, found):
    assert one(obx(kind=kind, value=value)).value == found


def test_other_texts_are_whole_too():
    content = oru(
        obx("ALT1^ALT & cofactor^L", unit="U&L", limits="<35 & >7^adults"),
        "NTE|1||2 & 3^4~line",
        "NTE|2||~5 mL",
    ).replace(b"North Lab", b"Smith & Jones")
    (item,) = parse(content).items
    assert (item.test, item.unit, item.range_text) == ("ALT & cofactor", "U&L", "<35 & >7^adults")
    assert (item.comment, item.laboratory) == ("2 & 3^4~line ~5 mL", "Smith & Jones")


def test_the_separators_are_those_of_the_message():
    text = oru(obx(kind="ST", value="88 & 9")).decode().translate(str.maketrans("|^~\\&", "!:*?$"))
    assert parse(text.replace("88 $ 9", "88 $ 9 & 1").encode()).items[0].value == "88 $ 9 & 1"


# --- A08: more precision than expected ---


@db
def test_a08_seconds_with_nine_decimals_are_read(clinic, put):
    kestrel(clinic, "HXA08")
    put(case("A08_long_fraction.hl7"))
    assert Draw.objects.get().taken_at == datetime(2026, 3, 2, 7, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("taken", "found"),
    [
        ("20250301081530.123456789+0100", datetime(2025, 3, 1, 7, 15, 30, tzinfo=UTC)),
        ("20250301081530.1234567890123Z", datetime(2025, 3, 1, 8, 15, 30, tzinfo=UTC)),
        ("202503010815Z", datetime(2025, 3, 1, 8, 15, tzinfo=UTC)),
        ("20250301081530.5", datetime(2025, 3, 1, 8, 15, 30)),
    ],
)
def test_times_of_any_precision_are_read(taken, found):
    assert one(taken=taken).taken_at == found


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        ("20250230", "“20250230” is an impossible date: 30 February 2025 does not exist. Correct it."),
        ("202503012560", "has an impossible time of day or zone"),
        ("2025030108.5", "is not a time. It is written"),
        ("20250301+", "is not a time. It is written"),
    ],
)
def test_what_is_no_time_says_which_kind_of_wrong(taken, words):
    assert words in one(taken=taken).text


# --- A13: text that is no result ---


@db
def test_a13_lines_of_a_report_are_its_comment_and_ask_nothing(clinic, put):
    kestrel(clinic, "HXA13")
    (upload,) = put(case("A13_multiline_tx_report.hl7"))
    assert (outcomes(upload), upload.unknown) == (["new"], [])
    assert Draw.objects.get().note == "LIVER PROFILE ALT 88 U/L (<35)"
    assert "Lines of text without a test: 2, kept as comments" in upload.notes


TEXT = "Seen & repeated"


@pytest.mark.parametrize(
    ("kind", "code", "kept"),
    [
        ("TX", "", True),
        ("FT", "^^", True),
        ("ST", "", True),
        ("", "", True),
        ("FT", "8251-1^Service comment^LN", True),
        ("ST", "CMT^Comments^L", True),
        ("TX", "24325-3^Hepatic panel^LN", True),
        ("TX", "XYZ^Something else^L", False),
        ("NM", "", False),
    ],
)
def test_text_that_is_no_result_is_a_comment(kind, code, kept):
    parsed = parse(oru(obx(), obx(code, TEXT, kind=kind, unit="", limits="", n=2), "NTE|1||more"))
    rows = [item for item in parsed.items if isinstance(item, LabRow)]
    assert rows[0].draw_note == (f"{TEXT} more" if kept else "")
    assert (len(parsed.items) == 1) == kept


@pytest.mark.parametrize("kind", ["ST", "TX"])
def test_words_of_a_single_test_are_its_result(kind):
    """Zonulin is in no list: a person says so once, and it is no comment on anything."""
    content = oru(obx("ZON^Zonulin^L", "Reactive", kind=kind))
    content = content.replace(b"24325-3^Hepatic panel", b"ZON^Zonulin")
    (item,) = parse(content).items
    assert (item.test, item.value) == ("Zonulin", "Reactive")


def test_words_of_a_test_that_is_left_out_are_no_comment():
    content = oru(obx("5195-3^HBsAg^LN", "Reactive", kind="ST"), obx(n=2))
    left_out, alt = parse(content).items
    assert (left_out.text, left_out.level, alt.draw_note) == ("HBsAg", "left_out", "")


@pytest.mark.parametrize(("kind", "code"), [("NM", ""), ("ST", ""), ("", ""), ("TX", "CMT^Comment^L")])
def test_what_could_be_a_value_is_never_taken_for_a_comment(kind, code):
    _, item = parse(oru(obx(), obx(code, "88", kind=kind, n=2))).items
    assert isinstance(item, LabRow) or (item.level, "names no test" in item.text) == ("waiting", True)


def test_text_of_an_order_without_results_is_counted():
    parsed = parse(oru(obx("", TEXT, kind="TX")))
    assert (parsed.items, "without test or result: 1." in " ".join(parsed.notes)) == ([], True)


def test_a_long_comment_says_that_it_goes_on():
    item = parse(oru(obx("", "x" * 400, kind="TX"), obx(n=2))).items[0]
    assert (len(item.draw_note), item.draw_note[-2:]) == (300, "x…")


# --- A21, G07: several numbers of one person ---


@db
@pytest.mark.parametrize(
    ("name", "old", "mine"),
    [("A21_pid3_two_mr.hl7", "OLD77", "HXA21"), ("G07_pid3_both_known.hl7", "OLDG07", "HXG07")],
)
@pytest.mark.parametrize("both", [True, False])
def test_two_numbers_ask_naming_both(clinic, put, manager, name, old, mine, both):
    kestrel(clinic, mine)
    if both:
        kestrel(clinic, old)
    (upload,) = put(case(name))
    assert (outcomes(upload), Result.objects.count()) == (["waiting"], 0)
    assert "several numbers" in reasons(upload)[0]
    assert f"{old} or {mine}" in manager.get(f"/uploads/{upload.batch}/").content.decode()
    page = manager.get("/uploads/waiting/").content.decode()
    assert f"{old} or {mine}" in page and page.count("(has one of these numbers)") == 1 + both


SAME_ISSUER, OTHER_ISSUER = "N-1^^^NORTH^MR~X-9^^^NORTH^MR", "X-9^^^SOUTH^MR~N-1^^^NORTH^MR"


@db
@pytest.mark.parametrize(
    ("numbers", "outcome"),
    [
        (SAME_ISSUER, "waiting"),
        ("N-1~X-9", "waiting"),
        ("N-1^^^NORTH^MR~N-2^^^SOUTH^MR", "waiting"),
        # Only one of them is a number here: the record tells which.
        (OTHER_ISSUER, "new"),
        ("N-1^^^NORTH^MR~N-1^^^NORTH^MR", "new"),
        ("X-9^^^NORTH^PI~N-1^^^NORTH^MR", "new"),
        ("X-9^^^NORTH^MR^^^20200101~N-1^^^NORTH^MR", "new"),
        # Retired by the sender's word, and a patient here.
        ("N-2^^^NORTH^MR^^20100101^20200101~N-1^^^NORTH^MR", "waiting"),
        ("N-1^^^NORTH^MR^^20100101^20200101", "waiting"),
        ("N-1^^^NORTH^MR^^20100101^20990101", "new"),
    ],
)
def test_the_record_decides_between_numbers_or_a_person(people, put, numbers, outcome):
    (upload,) = put(pid3(numbers))
    assert outcomes(upload) == [outcome]
    assert [result.draw.patient.mrn for result in Result.objects.all()] == ["N-1"] * (outcome == "new")


@db
def test_whose_they_are_is_decided_once_for_two_numbers(people, clinic, data_manager, sender):
    for at in (1, 2):
        messages.receive(
            sender=sender, raw=pid3(SAME_ISSUER, id=f"{at}", filler=f"A{at}", taken=f"2025030{at}08")
        )
    question = IdentityQuestion.objects.first()
    assert (question.why, question.mrn) == ("many", "N-1 or X-9")
    patient = Patient.objects.get(mrn="N-1")
    questions.decide(
        question=question, by=data_manager, verdict=IdentityDecision.Verdict.PATIENT, patient=patient
    )
    assert Result.objects.filter(draw__patient=patient).count() == 2
    code, _ = messages.receive(sender=sender, raw=pid3(SAME_ISSUER, id="3", filler="A3", taken="2025030308"))
    assert (code, Result.objects.count()) == ("AA", 3)


@db
def test_no_number_of_several_goes_to_the_sender_or_a_log(people, sender, caplog):
    _, answer = messages.receive(sender=sender, raw=pid3(SAME_ISSUER))
    assert b"several numbers" in answer and b"N-1" not in answer and "X-9" not in caplog.text


def test_two_codings_of_two_tests_are_for_a_person():
    item = one(obx("1742-6^ALT^LN^1920-8^AST^LN"))
    assert (item.level, "two different tests" in item.text) == ("waiting", True)
    assert one(obx("1742-6^ALT^LN^GPT^SGPT^L")).code == "1742-6"


@db
def test_a_death_under_several_numbers_asks_too(people, put):
    raw = pid3(SAME_ISSUER).replace(b"|F\rOBR", f"|F{'|' * 21}20250302|Y\rOBR".encode())
    assert outcomes(put(raw)[0]) == ["waiting", "waiting"]


# --- G08: a bound that comes as a flag ---


@db
def test_g08_the_flag_off_the_scale_is_a_bound(clinic, put):
    kestrel(clinic, "HXG08")
    put(case("G08_flag_offscale.hl7"))
    found = Result.objects.order_by("analyte").values_list("analyte", "comparator", "value")
    assert list(found) == [("ALT", "<", 5), ("INR", ">", 10)]


@pytest.mark.parametrize(
    ("value", "flag", "found"),
    [
        ("10", ">", ">10"),
        ("5", "<^below scale^HL70078", "<5"),
        ("10", "HH~>", ">10"),
        (">10", ">", ">10"),
        ("LESS THAN 5", "<", "LESS THAN 5"),
        ("10", "H", "10"),
        ("１０", ">", ">１０"),
        ("٥", "<", "<٥"),
        ("＜５", "<", "＜５"),
        ("5", "=<", "<=5"),
        ("5", "＜", "<5"),
        ("5", "below", "5"),
        ("No clot", ">", "No clot"),
    ],
)
def test_a_flag_may_be_a_bound(value, flag, found):
    segment = obx(value=value, kind="ST").replace("|7-40||||F", f"|7-40|{flag}|||F")
    assert one(segment).value == found


@pytest.mark.parametrize(
    ("value", "flag"), [("<10", ">"), ("10", "<~>"), ("less than 10", ">"), ("＜１０", ">")]
)
def test_two_bounds_of_one_value_ask(value, flag):
    item = one(obx(value=value, kind="ST").replace("|7-40||||F", f"|7-40|{flag}|||F"))
    assert isinstance(item, RowProblem) and (item.level, "< and >" in item.text) == ("waiting", True)


# --- G04: remarks with their negation ---


@db
def test_g04_no_clot_is_a_bound_and_no_bad_sample(clinic, put):
    kestrel(clinic, "HXG04")
    (upload,) = put(case("G04_noclot.hl7"))
    found = Result.objects.get()
    assert (found.comparator, found.value, found.reported_value) == (">", 10, "No clot")
    assert ">10, bound assumed" in reasons(upload)[0] and upload.rows.get().flagged
    assert ">10, bound assumed" in found.comment


@db
@pytest.mark.parametrize(
    ("value", "number"), [(">10.0 no clot", 10), ("unclottable", 10), ("> max", 10), ("no clot (>8)", 8)]
)
def test_an_inr_beyond_the_method_is_a_bound(people, put, value, number):
    put(oru(obx("6301-6^INR^LN", value, kind="ST", unit="", limits="0.9-1.2")))
    found = Result.objects.get()
    assert (found.comparator, found.value) == (">", number)


# --- M03: results after a recorded death ---


@db
def test_m03_results_after_a_recorded_death_ask(clinic, put):
    kestrel(clinic, "HXM03", died_on=date(2026, 1, 15))
    (upload,) = put(case("M03_after_death.hl7"))
    assert (outcomes(upload), Result.objects.count()) == (["waiting"], 0)
    assert "after the death of this patient" in reasons(upload)[0]
    assert upload.rows.get().column == "OBR-7"


@db
@pytest.mark.parametrize(("day", "outcome"), [(28, "waiting"), (1, "new"), (2, "new")])
def test_the_day_of_death_itself_is_no_question(people, put, day, outcome):
    Patient.objects.filter(mrn="N-1").update(died_on=date(2025, 2 if day == 28 else 3, day))
    assert outcomes(put(oru())[0]) == [outcome]


@db
def test_after_the_date_is_corrected_the_message_is_stored(people, sender):
    Patient.objects.filter(mrn="N-1").update(died_on=date(2025, 1, 1))
    messages.receive(sender=sender, raw=oru())
    message = sender.messages.get()
    assert message.state == "waiting" and "date of death is wrong" in message.reason
    Patient.objects.filter(mrn="N-1").update(died_on=None)
    messages.replay(message=message)
    assert Result.objects.get().value == 200


@db
@pytest.mark.parametrize("content", [labs("N-1,2025-03-01,ALT,200,U/L,7,40")])
def test_tables_and_events_after_a_death_ask_too(people, put, content):
    Patient.objects.filter(mrn="N-1").update(died_on=date(2025, 1, 1))
    events = b"mrn,kind,label,started_at,ended_at\nN-1,vitamin_k,K,2025-03-01 02:30,\n"
    assert [outcomes(upload) for upload in put(content, events)] == [["waiting"], ["waiting"]]


@db
def test_a_death_told_before_results_asks(people, put):
    raw = oru().replace(b"|F\rOBR", f"|F{'|' * 21}20250101|Y\rOBR".encode())
    # Death and results of one message contradict each other: a person decides on both.
    (upload,) = put(raw, apply_changes=True)
    assert sorted(outcomes(upload)) == ["changed", "waiting"] and not Result.objects.exists()
    Patient.objects.update(died_on=None)
    put(oru(id="2"))
    (upload,) = put(raw.replace(b"|1|P|", b"|3|P|"), apply_changes=True)
    assert "The record holds results taken after this day of death" in reasons(upload)[0]
    assert not Patient.objects.exclude(died_on=None).exists()


# --- A26, G15: a unit in the cell of the value ---


@db
def test_a26_less_than_in_words_is_read(clinic, put):
    kestrel(clinic, "HXA26")
    put(case("A26_lessthan_words.hl7"))
    found = Result.objects.get()
    assert (found.comparator, found.value, found.reported_unit) == ("<", 10, "U/L")


@db
def test_g15_the_unit_in_the_value_is_read_and_asks_nothing(clinic, put):
    kestrel(clinic, "HXG15")
    (upload,) = put(case("G15_unit_in_value.hl7"))
    found = Result.objects.order_by("analyte").values_list("value", "reported_value", "reported_unit")
    assert list(found) == [(88, "88", "U/L"), (77, "77", "U/L")]
    assert (outcomes(upload), upload.unknown) == (["new", "new"], [])


@db
@pytest.mark.parametrize(
    ("value", "unit", "outcome"),
    [
        ("88 IU/L", "", "new"),
        ("88U/L", "U/L", "new"),
        ("BELOW 10", "U/L", "new"),
        ("At least 88 U/L", "U/L", "new"),
        ("greater than 88 U/L", "", "new"),
        ("88 mg/dL", "", "waiting"),
        ("88 ukat/L", "U/L", "waiting"),
    ],
)
def test_a_unit_beside_its_value(people, put, value, unit, outcome):
    assert outcomes(put(oru(obx(kind="ST", value=value, unit=unit)))[0]) == [outcome]


# --- the same by every road ---

ROADS = {
    "G01_amp_value.hl7": ("HXG01", 0),
    "A13_multiline_tx_report.hl7": ("HXA13", 1),
    "A21_pid3_two_mr.hl7": ("HXA21", 0),
    "G04_noclot.hl7": ("HXG04", 1),
    "G08_flag_offscale.hl7": ("HXG08", 2),
    "G15_unit_in_value.hl7": ("HXG15", 2),
    "M03_after_death.hl7": ("HXM03", 0),
}


@db
@pytest.mark.parametrize("name", ROADS)
def test_command_page_and_interface_agree(clinic, data_manager, sender, name, tmp_path):
    mrn, stored = ROADS[name]
    kestrel(clinic, mrn, died_on=date(2026, 1, 15) if name.startswith("M03") else None)
    content = case(name)
    code, _ = messages.receive(sender=sender, raw=content)
    assert (code, Result.objects.count()) == ("AA", stored)
    actions.undo(uploads=list(Upload.objects.filter(system=sender)), by=data_manager)
    batch = actions.preview(contents=[(name, content)], clinic=clinic, by=data_manager)
    assert Upload.objects.get(batch=batch).new == stored
    call_command("upload", str(CASES / name), clinic="north", verbosity=0)
    assert Result.objects.exclude(status="withdrawn").filter(upload__system=None).count() == stored


@db
def test_over_http_the_sender_hears_what_waits(client, clinic, people):
    _, token = senders.add_sender(clinic=clinic, name="Analyser")
    inr = obx("6301-6^INR^LN", "No clot", kind="ST", unit="", limits="", n=2)
    raw = oru(obx(value="88 & 120", kind="ST"), inr)
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.post("/hl7/", raw, content_type="text/plain", headers=headers).content.decode()
    # The separator goes back escaped.
    assert r"“88 \T\ 120” is not a number" in answer
    assert Result.objects.values_list("analyte", "comparator", "value").get() == ("INR", ">", 10)
