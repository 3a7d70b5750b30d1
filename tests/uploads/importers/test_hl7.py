"""HL7 v2 results (ORU^R01) in files: what the reader makes of them, and what is stored."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from patients.models import Draw, Patient, Result
from tests.uploads.files import PEOPLE, labs, outcomes, reasons
from tests.uploads.fuzz import fuzz
from tests.uploads.oru import obx, oru
from tests.words import words_of
from uploads import actions
from uploads.importers.main import parse
from uploads.importers.meanings import Meanings
from uploads.importers.records import LabRow, RowProblem

db = pytest.mark.django_db


def one(*segments, **how):
    """The only item of a message."""
    (item,) = parse(oru(*segments, **how)).items
    return item


def counting(analyte="ALT") -> Result | None:
    return Result.objects.filter(analyte=analyte, status__in=Result.COUNTING).first()


# --- bytes and lines ---


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r", "\n\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\x0b", b"\r\n "])
def test_line_ends_marks_and_frames_do_not_matter(end, mark):
    (item,) = parse(mark + oru(end=end) + b"\x1c\r").items
    assert (item.mrn, item.test, item.value, item.unit) == ("N-1", "ALT", "200", "U/L")


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("", "utf-8"),
        ("UNICODE UTF-8", "utf-8"),
        ("8859/1", "latin-1"),
        ("", "latin-1"),
        ("8859/2", "iso8859-2"),
    ],
)
def test_letters_are_read_in_the_character_set_of_the_message(charset, encoding):
    text = oru(name="Müller^Jö").decode().replace("|2.5.1\r", f"|2.5.1||||||{charset}\r")
    (item,) = parse(text.encode(encoding)).items
    assert item.identity.family_name == "Müller"


@pytest.mark.parametrize(
    ("charset", "content", "words"),
    [
        ("KLINGON", b"", "“KLINGON” (MSH-18) is not read"),
        ("UNICODE UTF-8", b"\xff", "not in the character set"),
    ],
)
def test_a_wrong_character_set_is_refused_with_a_sentence(charset, content, words):
    text = oru().replace(b"|2.5.1\r", f"|2.5.1||||||{charset}\r".encode())
    assert words in parse(text + b"NTE|1||" + content).reason


def test_batches_are_unwrapped_and_counted():
    inner = oru(id="1") + oru(id="2")
    parsed = parse(b"FHS|^~\\&|x\rBHS|^~\\&|x\r" + inner + b"BTS|3\rFTS|1\r")
    assert [item.place.name for item in parsed.items] == ["message 1, OBX 1", "message 2, OBX 1"]
    assert "The batch says 3 messages and holds 2: is the file complete?" in parsed.notes


def test_other_separators_are_read():
    text = oru(obx(value=r"<5", kind="ST")).decode().translate(str.maketrans("|^~\\&", "!:*?$"))
    (item,) = parse(text.encode()).items
    assert (item.test, item.value, item.mrn) == ("ALT", "<5", "N-1")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", r"a|b^c&d~e\f"),
        (r"M\XC3BC\ller", "Müller"),
        (r"one\.br\two\.sp3\three", "one two three"),
        (r"\H\bold\N\ \Zxy\odd", "bold odd"),
        (r"\.sp999999999\x", "x"),
        (r"\XZZ\x", "x"),
        ("lone \\", "lone \\"),
    ],
)
def test_escapes_are_resolved(text, found):
    assert one(obx(), f"NTE|1||{text}").comment == found


# --- whole messages ---


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ((b"|P|2.5.1", b"|T|2.5.1"), "MSH-11", "a test message (MSH-11 says training)"),
        ((b"|P|2.5.1", b"|D|2.5.1"), "MSH-11", "a test message (MSH-11 says debugging)"),
        ((b"|P|2.5.1", b"||2.5.1"), "MSH-11", "does not say P"),
        ((b"|2.5.1", b"|2.7"), "MSH-12", "“2.7”; 2.3 to 2.5.1 are read"),
        ((b"|2.5.1", b"|"), "MSH-12", "the version is missing"),
        ((b"ORU^R01^ORU_R01", b"ADT^A01"), "MSH-9", "the event is “A01”; only results"),
        ((b"ORU^R01^ORU_R01", b"ORU^R30"), "MSH-9", "“R30”; only results (ORU^R01)"),
        ((b"|1|P|", b"||P|"), "MSH-10", "no control id"),
        ((b"PID|", b"ZID|"), "PID", "names no patient"),
        ((b"OBR|1", b"a break\rOBR|1"), "line 3", "line 3 is no segment"),
        ((b"MSH|^~\\&|", b"MSH|^^\\&|"), "MSH-2", "are the same"),
        ((b"Hepatic", b"x" * 100_001), "line 3", "longer than 100,000"),
        ((b"OBR|1", b"NTE|1\r" * 10_000 + b"OBR|1"), "MSH", "10,004 segments; at most 10,000"),
    ],
)
def test_a_message_that_is_not_for_us_is_refused_whole(change, column, words):
    (item,) = parse(oru().replace(*change)).items
    assert isinstance(item, RowProblem)
    assert (item.place.column, item.level, words in item.text) == (column, "refused", True), item.text


@pytest.mark.parametrize("version", ["2.3", "2.3.1", "2.4", "2.5", "2.5.1"])
@pytest.mark.parametrize("kind", ["ORU^R01^ORU_R01", "ORU^R01"])
def test_the_versions_that_are_known_are_read(version, kind):
    content = oru(version=version).replace(b"ORU^R01^ORU_R01", kind.encode())
    assert isinstance(parse(content).items[0], LabRow)


def test_one_bad_message_leaves_the_others_alone():
    items = parse(oru(id="1", live="T") + oru(id="2")).items
    assert [type(item) for item in items] == [RowProblem, LabRow]


@pytest.mark.parametrize(("value", "level"), [("200", "same"), ("201", "refused")])
def test_a_control_id_counts_once(value, level):
    items = parse(oru(id="7") + oru(obx(value=value), id="7")).items
    assert items[1].level == level


# --- values ---


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("NM", "200", "200"), ("NM", "0", "0"), ("SN", "^200", "200"), ("SN", "<^5", "<5"),
        ("SN", ">^10", ">10"), ("SN", ">=^10", ">=10"), ("SN", "=^10", "10"), ("SN", "^1^:^128", "1:128"),
        ("ST", "<5", "<5"),
        ("TX", "above900", "above900"), ("CWE", "1^Positive^L", "Positive"), ("CE", "<5", "<5"),
        ("ST", "1~2", "1~2"),
    ],
)  # fmt: skip
def test_a_value_is_text_with_its_comparator(kind, value, found):
    assert one(obx(kind=kind, value=value)).value == found


@pytest.mark.parametrize(
    ("unit", "found"),
    [
        ("U/L^units^UCUM", "U/L"), ("10^3/uL", "10^3/uL"), (r"10\S\3/uL", "10^3/uL"), ("x10^9/L", "x10^9/L"),
        ("^mg/dL", "mg/dL"), ("", ""),
    ],
)  # fmt: skip
def test_a_unit_is_its_code(unit, found):
    assert one(obx(unit=unit)).unit == found


@pytest.mark.parametrize(
    ("limits", "low", "high"),
    [
        ("7-40", 7, 40),
        ("<40", None, 40),
        (">7", 7, None),
        ("7_40", 7, 40),
        ("7-40 U/L", 7, 40),
        ("0-40", 0, 40),
        ("adults", None, None),
    ],
)
@db
def test_a_range_is_read_in_every_form(people, put, limits, low, high):
    put(oru(obx(limits=limits)))
    found = Result.objects.get()
    assert (found.lower_limit, found.upper_limit) == (low, high)
    assert found.reported_range == limits


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({"taken": "20250301080000"}, datetime(2025, 3, 1, 8)),
        ({"taken": "202503010800"}, datetime(2025, 3, 1, 8)),
        ({"taken": "20250301080000.1234+0100"}, datetime(2025, 3, 1, 7, tzinfo=UTC)),
        ({"taken": "20250301"}, datetime(2025, 3, 1)),
        ({"taken": "20250228240000"}, datetime(2025, 3, 1)),
        ({"taken": "202502282400+0100"}, datetime(2025, 2, 28, 23, tzinfo=UTC)),
        ({"taken": "20250301000000+0000"}, datetime(2025, 3, 1, tzinfo=UTC)),
    ],
)
def test_the_time_of_collection_is_that_of_the_order(how, found):
    assert one(**how).taken_at == found


def test_without_a_time_on_the_order_that_of_the_result_counts_then_the_specimens():
    specimen = "SPM|1|||BLD|||||||||||||20250301060000"
    assert one(obx(taken="20250301070000"), specimen, taken="").taken_at.hour == 7
    assert one(obx(), specimen, taken="").taken_at.hour == 6
    assert "no time of collection" in one(taken="").text


@pytest.mark.parametrize("taken", ["2025", "202503", "20251301", "yesterday", "20250301250000", "00000000"])
def test_a_time_that_is_none_refuses_that_result(taken):
    item = one(taken=taken)
    assert (item.level, "OBR-7: " in item.text) == ("refused", True)


@pytest.mark.parametrize(
    ("status", "found"),
    [("F", "final"), ("P", "preliminary"), ("R", "preliminary"), ("C", "corrected"), ("D", "withdrawn"),
     ("W", "withdrawn"), ("X", "no_value")],
)  # fmt: skip
def test_a_status_is_known_by_its_letter(status, found):
    assert one(obx(status=status)).status == found


@pytest.mark.parametrize(("status", "partial"), [("F", 0), ("C", 0), ("", 0), ("P", 1), ("A", 1), ("R", 1)])
def test_a_report_that_is_not_complete_says_so(status, partial):
    content = oru(obx(), obx("1920-8^AST^LN", n=2)).replace(b"|||F\r", f"|||{status}\r".encode())
    assert ("1 order is not complete (OBR-25)" in " ".join(parse(content).notes)) == partial


@pytest.mark.parametrize(
    ("status", "level"), [("", "refused"), ("Q", "refused"), ("U", "waiting"), ("I", "same")]
)
def test_another_status_keeps_that_result_out_and_no_other(status, level):
    first, second = parse(oru(obx(status=status), obx("1920-8^AST^LN", n=2))).items
    assert (first.level, second.test) == (level, "AST")


def dead(indicator="Y", day="20250302", **how) -> bytes:
    """A message whose PID-29 and PID-30 tell of a death."""
    return oru(**how).replace(b"|F\rOBR", f"|F{'|' * 21}{day}|{indicator}\rOBR".encode())


@pytest.mark.parametrize(("indicator", "day"), [("Y", "20250302"), ("Y", "202503021130"), ("", "20250302")])
def test_a_death_is_a_change_that_a_person_makes(people, put, indicator, day):
    patient = Patient.objects.get(mrn="N-1")
    (upload,) = put(dead(indicator, day))
    assert (upload.new, upload.changed) == (1, 1) and reasons(upload)[0] == "Differs in date of death."
    assert not Patient.objects.filter(pk=patient.pk, died_on=date(2025, 3, 2)).exists()
    (upload,) = put(dead(indicator, day), apply_changes=True)
    assert Patient.objects.get(pk=patient.pk).died_on == date(2025, 3, 2)
    (upload,) = put(dead(indicator, day, id="3"))
    assert (upload.same, upload.changed) == (2, 0)


@pytest.mark.parametrize(
    ("indicator", "day", "outcome", "words"),
    [
        ("Y", "", "waiting", "has died, and not when"),
        ("Y", "yesterday", "waiting", "“yesterday” is not a time"),
        ("Y", "21500101", "refused", "lies in the future"),
        ("Y", "19600101", "refused", "before the patient was born"),
    ],
)
def test_a_death_that_cannot_be_is_for_a_person_and_keeps_no_result_out(
    people, put, indicator, day, outcome, words
):
    (upload,) = put(dead(indicator, day))
    row = upload.rows.get(outcome=outcome)
    assert words in row.reason and (row.place, row.column) == ("message 1, PID", "PID-29")
    assert upload.new == 1


@pytest.mark.parametrize(("indicator", "day"), [("N", ""), ("N", "20250302"), ("", "")])
def test_of_the_living_nothing_is_said(indicator, day):
    assert len(parse(dead(indicator, day)).items) == 1


@pytest.mark.parametrize(
    "who", [{"mrn": "N-77"}, {"born": "19710501"}, {"name": "Other^Person"}, {"born": ""}]
)
def test_a_death_is_nobodys_whose_results_are_nobodys(people, put, who):
    (upload,) = put(dead(**who))
    assert (upload.waiting, upload.changed) == (2, 0)
    assert not Patient.objects.exclude(died_on=None).exists()


@pytest.mark.parametrize(
    ("obx23", "obx15", "facility", "found"),
    [
        ("GHH Lab", "7^L", "North", "GHH Lab"),
        ("", "7^Bench 7", "North", "Bench 7"),
        ("", "", "North", "North"),
    ],
)
def test_the_laboratory_is_who_measured_else_who_sends(obx23, obx15, facility, found):
    segment = f"{obx()}|{obx15}||||||||{obx23}^L"
    content = oru(segment).replace(b"North Lab", facility.encode())
    assert parse(content).items[0].laboratory == found


def test_comments_before_the_orders_are_about_the_whole_report():
    head, who, obr, first = oru().decode().strip().split("\r")
    again = [obr.replace("|A1|", "|A2|"), obx("1920-8^AST^LN")]
    said = ["NTE|1|L|fasting", "NTE|2|LIVER-DISSOCIATION|ours", "PV1|1|I", "NTE|3|L|sent late"]
    other = who.replace("N-1", "N-2")
    lines = [head, who, *said, obr, "NTE|1||of the order", first, *again, other, obr, first]
    items = parse("\r".join(lines).encode()).items
    notes = [item.draw_note for item in items]
    assert notes == ["fasting sent late of the order", "fasting sent late", ""]


def test_comments_stay_with_what_they_follow():
    items = parse(oru("NTE|1||whole order", obx(), "NTE|1||first", "NTE|2||more", obx("1920-8^AST^LN"))).items
    assert [item.comment for item in items] == ["first more", ""]
    assert {item.draw_note for item in items} == {"whole order"}


@pytest.mark.parametrize(
    "code", ["INV827^Liver Enzyme Upper Limit Normal^PHINQUESTION", "x^ALT Upper Limit Normal^L"]
)
def test_a_limit_sent_beside_its_result_belongs_to_the_result_of_its_group(code):
    date_of = obx("INV826^Liver Enzyme Test Result Date^PHINQUESTION", "20250228", kind="DT", sub="2")
    items = parse(
        oru(
            obx(kind="SN", value="^200", limits="", sub="2"),
            obx(code, "^100", kind="SN", sub="2"),
            date_of,
            obx("1920-8^AST^LN", limits="", sub="3"),
        )
    ).items
    assert [(item.upper, item.taken_at) for item in items] == [
        ("100", datetime(2025, 2, 28)),
        ("", datetime(2025, 3, 1, 8)),
    ]


def test_the_number_of_a_patient_is_the_medical_record_number_of_the_authority():
    pid = b"1234^^^STATE^SS~77^^^SOUTH^PI~N-1^^^NORTH^MR"
    content = oru().replace(b"N-1^^^NORTH^MR", pid)
    assert parse(content).items[0].mrn == "N-1"
    assert parse(content, (), Meanings(authority="SOUTH")).items[0].mrn == "77"
    wrong = parse(content, (), Meanings(authority="WEST")).items[0]
    assert (wrong.level, "no medical record number of WEST" in wrong.text) == ("waiting", True)


# --- stored ---


@db
@pytest.mark.parametrize(
    ("how", "outcome", "words"),
    [
        ({}, "new", ""),
        ({"mrn": "N-7"}, "waiting", "No patient with this MRN"),
        ({"born": "19700502"}, "waiting", "the date of birth differs"),
        ({"name": "Berg^Mai"}, "waiting", "the family name differs"),
        ({"born": "19800131", "name": "Berg"}, "waiting", "the date of birth and the family name differ"),
        ({"name": "ITO"}, "new", ""),
        ({"name": ""}, "new", ""),
        ({"born": ""}, "waiting", "only the number speaks for this patient"),
    ],
)
def test_a_result_is_filed_when_number_and_birth_date_agree(people, put, how, outcome, words):
    (upload,) = put(oru(**how))
    assert outcomes(upload) == [outcome] and words in reasons(upload)[0]
    assert Result.objects.count() == (outcome == "new")


@db
def test_a_patients_file_of_the_same_batch_is_seen(put):
    assert outcomes(put(oru(), PEOPLE.encode())[1]) == ["new"]


@db
def test_the_same_message_again_stores_nothing(people, put):
    put(oru())
    assert (outcomes(put(oru())[0]), Result.objects.count()) == (["same"], 1)


@db
@pytest.mark.parametrize(
    ("first", "second", "states", "counts"),
    [
        (("P", "190"), ("F", "200"), ["superseded", "final"], 200),
        (("P", "200"), ("F", "200"), ["superseded", "final"], 200),
        (("P", "190"), ("P", "200"), ["superseded", "preliminary"], 200),
        (("F", "190"), ("C", "200"), ["superseded", "corrected"], 200),
        (("F", "190"), ("F", "200"), ["superseded", "corrected"], 200),
        (("F", "190"), ("P", "200"), ["final"], 190),
        (("F", "190"), ("D", "190"), ["withdrawn"], None),
        (("F", "190"), ("W", ""), ["withdrawn"], None),
        (("F", "190"), ("X", ""), ["final"], 190),
        (("D", "190"), ("F", "200"), ["final"], 200),
    ],
)
@pytest.mark.parametrize("apart", [True, False])
def test_the_laboratorys_status_decides_between_versions(people, put, first, second, states, counts, apart):
    """Sent in two files or in one: the same one counts, and every version is kept."""
    contents = [oru(obx(status=status, value=value), id=status) for status, value in (first, second)]
    contents[1] = contents[1].replace(b"|" + second[0].encode() + b"|P|2.5.1", b"|second|P|2.5.1")
    for content in contents if apart else [b"".join(contents)]:
        put(content)
    found = counting()
    assert (found.value if found else None) == counts
    assert not apart or list(Result.objects.order_by("pk").values_list("status", flat=True)) == states


@db
def test_another_number_of_order_asks_before_it_replaces(people, put):
    put(oru())
    (upload,) = put(oru(obx(value="210"), filler="B2", id="2"))
    assert outcomes(upload) == ["changed"] and counting().value == 200


@db
def test_what_a_person_corrected_by_hand_stays(people, put):
    put(oru())
    Result.objects.update(status="corrected", status_reason="typed from the paper", value=205)
    (upload,) = put(oru(obx(value="210", status="C"), id="2"))
    assert outcomes(upload) == ["changed"] and counting().value == 205
    (upload,) = put(oru(obx(status="D"), id="3"))
    assert outcomes(upload) == ["waiting"] and counting().value == 205


@db
def test_what_a_person_typed_stays(patient, make_draw, put):
    make_draw(patient, "2025-03-01T08:00", laboratory="North Lab", ALT=205)
    content = oru(obx(status="C"), mrn=patient.mrn, born="19610402", name="Okafor")
    assert outcomes(put(content)[0]) == ["changed"] and counting().value == 205


@db
def test_an_older_version_that_arrives_late_replaces_nothing(people, put):
    put(oru(obx(value="210", status="C"), id="2", reported="20250302"))
    (upload,) = put(oru(obx(value="200"), id="1", reported="20250301"))
    assert (outcomes(upload), counting().value) == (["same"], 210)


@db
@pytest.mark.parametrize("status", ["F", "C"])
def test_without_the_time_of_the_report_that_of_the_message_tells_which_is_older(people, put, status):
    later = oru(obx(value="210", status="C"), id="2", reported="").replace(
        b"20250301120000", b"20250302090000"
    )
    (upload,) = put(later)
    assert (outcomes(upload), counting().value) == (["new"], 210)
    (upload,) = put(oru(obx(value="200", status=status), id="1", reported=""))
    assert (outcomes(upload), counting().value) == (["same"], 210)


@db
@pytest.mark.parametrize("status", ["D", "W"])
def test_a_withdrawal_is_never_passed_over_for_its_time(people, put, status):
    """Not every sender gives it a time of its own: it may bear that of the first report."""
    put(oru(obx(value="200"), id="1", reported="20250301"))
    put(oru(obx(value="210", status="C"), id="2", reported="20250302"))
    (upload,) = put(oru(obx(status=status), id="3", reported="20250301"))
    assert (outcomes(upload), counting()) == (["changed"], None)


@db
@pytest.mark.parametrize(("first", "then"), [("F", "C"), ("P", "F"), ("P", "C")])
def test_a_better_version_that_seems_older_is_asked_and_never_passed_over(people, put, first, then):
    """The first report came without OBR-22, so with the time of its message; the better one with OBR-22."""
    put(oru(obx(value="200", status=first), id="1", reported=""))
    (upload,) = put(oru(obx(value="210", status=then), id="2", reported="20250301110000"))
    assert (outcomes(upload), counting().value) == (["changed"], 200)


@db
def test_a_correction_finds_its_result_when_the_time_was_wrong_too(people, put):
    put(oru())
    put(oru(obx(value="210", status="C"), id="2", taken="20250301063000", reported="20250301120000"))
    draws = list(Draw.objects.order_by("pk"))
    assert [bool(draw.withdrawn_at) for draw in draws] == [True, False]
    assert counting().draw == draws[1]


@db
@pytest.mark.parametrize("status", ["F", "D", "C"])
def test_undo_gives_back_what_a_message_replaced_or_withdrew(people, put, data_manager, status):
    put(oru(obx(value="190", status="P")))
    (upload,) = put(oru(obx(value="200", status=status), id="2"))
    assert upload.before and (not counting() or counting().value == 200)
    actions.undo(uploads=[upload], by=data_manager)
    assert (counting().value, counting().status, counting().draw.withdrawn_at) == (190, "preliminary", None)


@db
@pytest.mark.parametrize(
    ("later", "states"),
    [
        ([("P", "190"), ("F", "200")], [(180, "superseded"), (190, "superseded"), (200, "final")]),
        ([("F", "200"), ("D", "200")], [(180, "superseded"), (200, "withdrawn")]),
        ([("D", "180"), ("F", "200")], [(180, "withdrawn"), (200, "final")]),
        ([("F", "200"), ("C", "210"), ("C", "220")],
         [(180, "superseded"), (200, "superseded"), (210, "superseded"), (220, "corrected")]),
    ],
)  # fmt: skip
def test_a_file_of_several_versions_ends_with_its_last(people, put, data_manager, later, states):
    put(oru(obx(status="P", value="180"), id="0"))
    content = b"".join(
        oru(obx(status=status, value=value), id=str(at)) for at, (status, value) in enumerate(later, 1)
    )
    (upload,) = put(content)
    assert list(Result.objects.order_by("pk").values_list("value", "status")) == states
    assert bool(Draw.objects.get().withdrawn_at) == (counting() is None)
    actions.undo(uploads=[upload], by=data_manager)
    assert (counting().value, Draw.objects.current().count()) == (180, 1)


@db
def test_a_new_result_withdrawn_in_the_same_file_leaves_no_draw(people, put, data_manager):
    (upload,) = put(oru(id="1") + oru(obx(status="D"), id="2"))
    assert (counting(), Draw.objects.current().count(), Result.objects.get().status) == (None, 0, "withdrawn")
    actions.undo(uploads=[upload], by=data_manager)
    assert not Draw.objects.current().exists()


@db
def test_nothing_is_withdrawn_on_the_word_of_a_number_alone(people, put):
    put(oru())
    (upload,) = put(oru(obx(status="D"), id="2", born=""))
    assert (outcomes(upload), counting().value) == (["waiting"], 200)


@db
def test_the_preview_says_what_the_laboratory_replaces(people, put, manager, clinic, data_manager):
    put(oru(obx(value="190", status="P")))
    content = oru(obx(), obx("1920-8^AST^LN", "50", n=2, status="D"), id="2")
    batch = actions.preview(contents=[("a.hl7", content)], clinic=clinic, by=data_manager)
    page = words_of(manager.get(f"/uploads/{batch}/"))
    assert (
        "<strong>1</strong> row replaces or withdraws a stored result because the laboratory says so" in page
    )
    assert "Final: replaces the preliminary 190 U/L." in page and "Message 1, OBX 1" in page
    assert "apply_changes" not in page
    manager.post(f"/uploads/{batch}/store/")
    assert counting().value == 200


@db
def test_a_panel_code_sent_as_a_result_is_flagged(people, put):
    content = oru(obx(), obx("1920-8^AST^LN", n=2)).replace(b"24325-3^Hepatic panel", b"1742-6^ALT")
    (upload,) = put(content)
    assert "OBX-3 equals OBR-4" in reasons(upload)[0] and upload.rows.first().flagged


@db
def test_a_name_under_a_code_that_is_not_known_asks(people, put):
    """2161-8 is creatinine in urine: the name alone would put it into blood."""
    (upload,) = put(oru(obx("2161-8^Creatinine^LN", "900", unit="umol/L")))
    assert outcomes(upload) == ["waiting"] and upload.rows.get().asks
    assert "is not one of those known for this test" in reasons(upload)[0]


@db
def test_comment_and_order_are_kept_with_the_result(people, put):
    put(oru(obx(), "NTE|1||slightly haemolysed"))
    found = Result.objects.get()
    assert (found.comment, found.order_key) == ("slightly haemolysed", "A1 1742-6")


# --- official samples ---


def sample(shared_data, name: str) -> bytes:
    """As production data: the samples say themselves that they are tests."""
    content = (shared_data / "interop" / "hl7v2" / name).read_bytes()
    assert [item.place.column for item in parse(content).items] == ["MSH-11"]
    return content.replace(b"|T|2.5", b"|P|2.5")


def person(clinic, mrn, born, family=".") -> Patient:
    return Patient.objects.create(clinic=clinic, mrn=mrn, family_name=family, birth_date=born, sex="U")


@db
def test_hepatitis_a_holds_nothing_that_is_kept_and_says_so(shared_data, put):
    (upload,) = put(sample(shared_data, "Hepatitis_V1_0_1_TM_TC01_HEP_A_Acute.txt"))
    # The person has died: that is the one row, of somebody who is not known here.
    assert (upload.state, upload.read, upload.waiting, upload.left_out) == ("stored", 2, 1, 1)
    assert "not interpreted here was left out: Anti-HAV 1." in upload.notes
    assert "90 OBX hold answers, findings or dates and no result kept here: passed over." in upload.notes


@db
def test_hepatitis_b_ties_limit_and_date_to_their_enzyme(shared_data, put, clinic):
    person(clinic, "HEP_B_TC02", date(1974, 2, 15))
    (upload,) = put(sample(shared_data, "Hepatitis_V1_0_1_TM_TC02_HEP_B_ACUTE.txt"))
    assert outcomes(upload) == ["new", "new"]
    alt, ast = (Result.objects.get(analyte=key) for key in ("ALT", "AST"))
    assert (alt.value, alt.upper_limit, alt.draw.taken_at) == (200, 100, datetime(2014, 2, 2, tzinfo=UTC))
    assert (ast.value, ast.upper_limit, ast.draw.taken_at.day) == (100, None, 3)
    assert alt.draw.laboratory == "Sending-Facility"


@db
def test_a_preliminary_report_is_replaced_by_the_final_one(shared_data, put, clinic, data_manager):
    person(clinic, "10006579", date(1924, 10, 10), "Duck")
    for name in ("LAB-ORU-1.hl7", "LAB-ORU-2.hl7"):
        # Its code for platelets is that of their morphology: stored once a person has said yes.
        (upload,) = actions.store(
            contents=[(name, sample(shared_data, name))],
            clinic=clinic,
            by=data_manager,
            accept_questions=True,
        )
    found = Result.objects.order_by("analyte", "pk").values_list("analyte", "reported_value", "status")
    assert list(found) == [
        ("haematocrit", "40.1", "superseded"),
        ("haematocrit", "39.7", "final"),
        ("platelets", "221", "superseded"),
        ("platelets", "220", "corrected"),
        # Pending in the first report.
        ("white_cells", "8.2", "final"),
    ]
    # Haemoglobin comes in “g/l-1”: no unit that anybody knows.
    waits = upload.rows.get(outcome="waiting", reason__contains="unit")
    assert "unit 'g/l-1' is not known" in waits.reason


# --- whatever comes ---

MESSAGE = oru(obx(kind="SN", value="<^5"), "NTE|1||a\\F\\b", "SPM|1|||BLD", obx("1920-8^AST^LN", n=2))
SIGNS = st.text(alphabet='|^~\\&"<>-.0129APZ \té', max_size=12)


@fuzz
@given(st.binary(max_size=300))
@example(b"")
@example(b"|")
@example(b"|^~\\&|")
def test_no_bytes_after_msh_make_the_reader_fail(content):
    parsed = parse(b"MSH" + content)
    assert parsed.reason or parsed.format


@fuzz
@given(st.integers(0, len(MESSAGE)), st.integers(0, 80), SIGNS)
def test_a_message_with_a_piece_replaced_never_fails(at, length, instead):
    parsed = parse(b"MSH" + MESSAGE[3:][:at] + instead.encode() + MESSAGE[3:][at + length :])
    assert parsed.reason or parsed.items or parsed.notes


@fuzz
@given(st.lists(st.sampled_from(MESSAGE.decode().split("\r")[:-1]), max_size=8))
def test_segments_dropped_repeated_or_out_of_order_never_fail(segments):
    parsed = parse("\r".join(["MSH|^~\\&|", *segments]).encode())
    assert parsed.reason or parsed.items


@fuzz
@given(st.integers(1, 40), SIGNS)
def test_any_field_of_a_result_may_hold_anything(field, value):
    cells = obx().split("|") + [""] * 40
    cells[field] = value.replace("|", "")
    parsed = parse(oru("|".join(cells)))
    assert parsed.items or parsed.notes


def test_ten_megabytes_in_one_line_are_refused_quickly():
    for content in (oru().replace(b"Hepatic", b"x" * 10_000_000), b"MSH|" + b"^" * 10_000_000):
        assert all(isinstance(item, RowProblem) for item in parse(content).items)


@db
def test_a_csv_of_the_same_results_and_the_messages_agree(people, put):
    put(labs("N-1,2025-03-01T08:00,ALT,200,U/L,7,40"))
    content = oru().replace(b"North Lab", b"")
    assert outcomes(put(content)[0]) == ["same"]


@db
def test_signs_that_nobody_sees_reach_neither_number_nor_database(people, put):
    content = oru(obx(), r"NTE|1||a\X00\b\XE2808B\c", mrn=r"N\XE2808B\-1", name=r"I\X0007\to")
    (upload,) = put(content)
    assert (outcomes(upload), Result.objects.get().comment) == (["new"], "abc")
