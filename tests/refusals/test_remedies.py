"""A remedy is followed to the letter, and the file is stored."""

import pytest

from tests.refusals.bundles import obs, of, person, procedure, quantity
from tests.refusals.messages import changed, msg
from tests.refusals.tables import BORN, DAY, PEOPLE_HEADER, WIDE, dates, one, row
from tests.refusals.telling import FileCase, case, stored_by, untouched
from tests.uploads.files import labs
from tests.uploads.importers.test_cases_fhir import patient
from tests.uploads.importers.test_fhir import observation
from tests.uploads.oru import obx
from tests.uploads.sheets import xlsx

pytestmark = pytest.mark.django_db
Pair = tuple[FileCase, FileCase]
LONG = "mrn,collected_at,test,value,unit"
EVENTS = "mrn,kind,started_at,ended_at,grade,route,stop_confirmed"


def event(*cells: str) -> FileCase:
    return one(",".join(("N-1", *cells)), header=EVENTS)


TWO_WAYS = ("03/04/2025", "04/05/2025")
DATES: dict[str, Pair] = {
    "an impossible date is corrected": (dates("31.02.2026"), dates("28.02.2026")),
    "day and month were swapped": (
        dates("11/14/2025", "02/03/2025", date_order="day/month/year"),
        dates("2025-11-14", "02/03/2025", date_order="day/month/year"),
    ),
    "two ways: year, month, day": (dates(*TWO_WAYS), dates("2025-04-03", "2025-05-04")),
    "two ways: said of the sender": (dates(*TWO_WAYS), dates(*TWO_WAYS, date_order="day/month/year")),
    "two orders: all as the example": (
        dates("13/04/2025", "04/13/2025"),
        dates("2025-04-13", "2025-04-13 08:00"),
    ),
    "one date alone turns the file": (
        dates("01/13/2025", *(f"0{n}/02/2025" for n in range(3, 9))),
        dates("01/13/2025", *(f"0{n}/02/2025" for n in range(3, 9)), date_order="month/day/year"),
    ),
    "a year is added": (dates("30 Jan"), dates("2025-01-30")),
    "the year has four digits": (dates("05.03.26"), dates("2026-03-05")),
    "a date in a form that is known": (dates("yesterday"), dates("28/02/2025")),
    "a time of day as 08:30": (dates("2025-03-01 8 Uhr"), dates("2025-03-01 08:30")),
    "a skipped hour with its zone": (dates("2025-03-30 01:30"), dates("2025-03-30T01:30+00:00")),
    "a repeated hour with its zone": (dates("2025-10-26 01:30"), dates("2025-10-26 01:30+01:00")),
}
NUMBERS: dict[str, Pair] = {
    "one decimal mark": (
        one(row("INR", '"1,5"', ""), row("INR", "1.6", "", at="2025-03-02")),
        one(row("INR", "1.5", ""), row("INR", "1.6", "", at="2025-03-02")),
    ),
    "thousands without a mark": (
        one(row("Platelets", '"1,240"', "10*3/uL")),
        one(row("Platelets", "1240", "10*3/uL")),
    ),
    "the decimal mark of the sender": (
        one(row("Platelets", '"240,5"', "10*9/L"), row("Platelets", "1.6", "10*9/L", at="2025-03-02")),
        one(
            row("Platelets", '"240,5"', "10*9/L"),
            row("Platelets", '"160,5"', "10*9/L", at="2025-03-02"),
            decimal=",",
        ),
    ),
    "a number for a word": (one(row(value="positive")), one(row(value="<5"))),
    "a unit that is known": (one(row(unit="furlongs")), one(row(unit="µkat/L", value="3"))),
    "a unit that was missing": (one(row(unit="")), one(row(unit="U/L"))),
    "one unit": (one(row(value="88 U/L", unit="ukat/L")), one(row(value="88 U/L", unit="U/L"))),
    "the unit that was meant": (one(row("Albumin", "3.5", "g/L")), one(row("Albumin", "3.5", "g/dL"))),
    "a value that is right is confirmed": (
        one(row("Haemoglobin", "11", "g/L")),
        one(row("Haemoglobin", "11", "g/L"), asked={"accept_questions": True}),
    ),
    "the unit of value and limit": (
        one(row(value="8.2", high="0.7")),
        one(row(value="8.2", unit="ukat/L", high="0.7")),
    ),
    "the range of the unit": (one(row(low="0.17", high="0.75")), one(row(low="7", high="40"))),
    "limits in their order": (one(row(low="40", high="7")), one(row(low="7", high="40"))),
    "a limit that is a number": (one(row(high="y")), one(row(high="40"))),
    "direct not above total": (
        one(row("Direct bilirubin", "30", "umol/L"), row("Total bilirubin", "20", "umol/L")),
        one(row("Direct bilirubin", "20", "umol/L"), row("Total bilirubin", "30", "umol/L")),
    ),
    "a prothrombin ratio that is an INR": (
        one(row("Prothrombin ratio", "1.2", "ratio")),
        one(row("Prothrombin ratio", "1.2", "ratio"), asked={"accept_questions": True}),
    ),
    "name and code agree": (
        one(f"N-1,{DAY},ALT,200,U/L,1920-8", header=f"{LONG},loinc"),
        one(f"N-1,{DAY},ALT,200,U/L,1742-6", header=f"{LONG},loinc"),
    ),
    "a slip of unit": (
        case(
            labs(row("Total bilirubin", "21", "umol/L")),
            labs(row("Total bilirubin", "1.2", "umol/L", at="2025-04-01")),
        ),
        case(
            labs(row("Total bilirubin", "21", "umol/L")),
            labs(row("Total bilirubin", "1.2", "mg/dL", at="2025-04-01")),
        ),
    ),
}
ROWS: dict[str, Pair] = {
    "a number is filled in": (one(row(mrn="")), one(row())),
    "a status that is known": (
        one(f"N-1,{DAY},ALT,200,U/L,maybe", header=f"{LONG},status"),
        one(f"N-1,{DAY},ALT,200,U/L,preliminary", header=f"{LONG},status"),
    ),
    "a cell with its delimiter quoted": (
        one(f"N-1,{DAY},ALT,200,U/L,seen, twice", header=f"{LONG},comment"),
        one(f'N-1,{DAY},ALT,200,U/L,"seen, twice"', header=f"{LONG},comment"),
    ),
    "quotation marks doubled": (
        one(f'N-1,{DAY},ALT,200,U/L,"a"b', header=f"{LONG},comment"),
        one(f'N-1,{DAY},ALT,200,U/L,"a""b"', header=f"{LONG},comment"),
    ),
    "a column of values": (
        one(f"N-1,{DAY},ALT", header="mrn,collected_at,test"),
        one(f"N-1,{DAY},ALT,30,U/L", header=LONG),
    ),
    "a column with its unit": (
        one(f"N-1,{DAY},30", header="mrn,collected_at,ALT"),
        one(f"N-1,{DAY},30", header="mrn,collected_at,ALT (U/L)"),
    ),
    "one column of a test": (
        one(f"N-1,{DAY},3,4", header="mrn,collected_at,ALT (U/L),GPT (U/L)"),
        one(f"N-1,{DAY},3", header="mrn,collected_at,ALT (U/L)"),
    ),
    "the MRN above the table": (
        case(b"test,unit,2025-03-01\nALT,U/L,30\n"),
        case(b"MRN: N-1,,\ntest,unit,2025-03-01\nALT,U/L,30\n"),
    ),
    "the MRN in the name of the sheet": (
        case(b"test,unit,2025-03-01\nALT,U/L,30\n"),
        case(xlsx({"MRN N-1": [("test", "unit", "2025-03-01"), ("ALT", "U/L", 30)]}), name="labs.xlsx"),
    ),
    "a column of MRNs": (
        case(b"test,unit,2025-03-01\nALT,U/L,30\n"),
        case(b"mrn,test,unit,2025-03-01\nN-1,ALT,U/L,30\n"),
    ),
    "commas between columns": (case(f"mrn\n{row()}\n".encode()), case(labs(row()))),
    "as UTF-8": (
        case(labs(row(unit="µkat/L", value="3")).decode().encode("utf-16-le")[:-1]),
        case(labs(row(unit="µkat/L", value="3"))),
    ),
    "a row with a result": (one(f"N-1,{DAY},,", header=WIDE), one(f"N-1,{DAY},30,", header=WIDE)),
}
PEOPLE: dict[str, Pair] = {
    "the patient is uploaded first": (
        one(row(mrn="N-9")),
        case(labs("N-9,Ito,Mai,F,1970-05-01,", header=PEOPLE_HEADER), labs(row(mrn="N-9"))),
    ),
    "the date of birth agrees": (
        one(f"N-1,{DAY},ALT,200,U/L,1971-05-01,Ito", header=BORN),
        one(f"N-1,{DAY},ALT,200,U/L,1970-05-01,Ito", header=BORN),
    ),
    "a sex that is known": (
        one("N-9,Ito,Mai,Q,1970-05-01,", header=PEOPLE_HEADER),
        one("N-9,Ito,Mai,,1970-05-01,", header=PEOPLE_HEADER),
    ),
    "a diagnosis of ours": (
        one("N-1,gout,2020-01-01", header="mrn,kind,noted_on"),
        one("N-1,cirrhosis,2020-01-01", header="mrn,kind,noted_on"),
    ),
    "an event in its file": (
        one("N-1,vitamin k,2020-01-01", header="mrn,kind,noted_on"),
        event("vitamin k", "2020-01-01", "", "", "", ""),
    ),
    "a diagnosis in its file": (
        event("cirrhosis", "2020-01-01", "", "", "", ""),
        one("N-1,cirrhosis,2020-01-01", header="mrn,kind,noted_on"),
    ),
    "ascites with its day": (
        one("N-1,ascites,", header="mrn,kind,noted_on"),
        one("N-1,ascites,2020-01-01", header="mrn,kind,noted_on"),
    ),
    "codes with semicolons": (
        one(f"N-1,cirrhosis,2020-01-01,{'K74.6/' * 5}", header="mrn,kind,noted_on,codes"),
        one("N-1,cirrhosis,2020-01-01,K74.6;K70.3", header="mrn,kind,noted_on,codes"),
    ),
    "an event of ours": (
        event("walk", "2020-01-01", "", "", "", ""),
        event("plasma", "2020-01-01", "", "", "", ""),
    ),
    "both with their zone": (
        event("plasma", "2020-01-02T08:00Z", "2020-01-03 08:00", "", "", ""),
        event("plasma", "2020-01-02T08:00Z", "2020-01-03T08:00Z", "", "", ""),
    ),
    "a grade from 0 to 4": (
        event("encephalopathy", "2020-01-02", "", "9", "", ""),
        event("encephalopathy", "2020-01-02", "", "2", "", ""),
    ),
    "a route that is known": (
        event("vitamin k", "2020-01-02", "", "", "nose", ""),
        event("vitamin k", "2020-01-02", "", "", "iv", ""),
    ),
    "yes or no": (
        event("vka", "2020-01-02", "2020-01-09", "", "", "perhaps"),
        event("vka", "2020-01-02", "2020-01-09", "", "", "yes"),
    ),
}
WITH_UTF8 = changed("|P|2.5.1", "|P|2.5.1||||||UNICODE UTF-8")
MESSAGES: dict[str, Pair] = {
    "a version that is read": (msg(version="2.9"), msg(version="2.5.1")),
    "a control id": (msg(id=""), msg(id="9")),
    "live data": (msg(live=""), msg(live="P")),
    "a number of type MR": (msg(mrn=""), msg()),
    "an impossible date": (msg(taken="20250230"), msg(taken="20250228")),
    "a time as it is written": (msg(taken="spring"), msg(taken="202503010830")),
    "a status that is known": (msg(obx(status="Q")), msg(obx(status="F"))),
    "a line break within a text": (
        msg(obx(kind="FT", value="88"), "and more"),
        msg(obx(kind="FT", value="88"), r"NTE|1||a\.br\more"),
    ),
    "a character set that is read": (changed("|P|2.5.1", "|P|2.5.1||||||KLINGON"), WITH_UTF8),
    "one test in its codes": (msg(obx(code="1742-6^ALT^LN^1920-8^AST^LN")), msg(obx(code="1742-6^ALT^LN"))),
}
BUNDLES: dict[str, Pair] = {
    "a time with its zone": (
        obs(effectiveDateTime="2025-03-01T08:00:00"),
        obs(effectiveDateTime="2025-03-01T08:00:00+01:00"),
    ),
    "the zone said of the sender": (
        obs(effectiveDateTime="2025-03-01T08:00:00"),
        case(
            of(observation(effectiveDateTime="2025-03-01T08:00:00")).files[0],
            name="labs.json",
            time_zone="Europe/Berlin",
        ),
    ),
    "an impossible date": (obs(effectiveDateTime="2025-02-30"), obs(effectiveDateTime="2025-02-28")),
    "a number alone": (
        obs(valueQuantity={"value": "many", "unit": "U/L"}),
        obs(valueQuantity={"value": 88, "unit": "U/L"}),
    ),
    "one value": (obs(valueString="5"), obs()),
    "no unknown element": (obs(colour=1), obs()),
    "a list in square brackets": (obs(category={"text": "x"}), obs(category=[{"text": "x"}])),
    "an object with named parts": (obs(subject="Patient/p"), obs(subject={"reference": "Patient/p"})),
    "one unit": (obs(valueQuantity=quantity(unit="ukat/L")), obs(valueQuantity=quantity())),
    "a time of collection": (obs(effectiveDateTime=None), obs()),
    "a subject": (obs(subject=None), obs()),
    "a valueQuantity": (obs(valueQuantity=None, valueBoolean=True), obs()),
    "the patient in the bundle": (
        of(observation(subject={"display": "Ito"}), patient=None),
        of(observation()),
    ),
    "an identifier": (person(identifier=None), person(identifier=[{"value": "N-9"}])),
    "a date of birth": (person(birthDate=None), of(patient=patient(identifier=[{"value": "N-9"}]))),
    "a period in its order": (
        procedure(
            performedDateTime=None,
            performedPeriod={"start": "2025-03-01T08:00:00Z", "end": "2025-02-01T08:00:00Z"},
        ),
        procedure(
            performedDateTime=None,
            performedPeriod={"start": "2025-02-01T08:00:00Z", "end": "2025-03-01T08:00:00Z"},
        ),
    ),
}
PAIRS = DATES | NUMBERS | ROWS | PEOPLE | {f"HL7: {name}": pair for name, pair in MESSAGES.items()}
PAIRS |= {f"FHIR: {name}": pair for name, pair in BUNDLES.items()}


@pytest.mark.parametrize("title", PAIRS)
def test_who_follows_the_remedy_gets_the_file_stored(title, people, clinic, data_manager):
    wrong, mended = PAIRS[title]
    with untouched():
        uploads = stored_by(wrong, clinic, data_manager)
        assert any(upload.reason or upload.refused or upload.waiting for upload in uploads)
    uploads = stored_by(mended, clinic, data_manager)
    assert [upload.reason for upload in uploads] == [""] * len(uploads)
    assert sum(upload.new for upload in uploads) and not sum(
        upload.refused + upload.waiting for upload in uploads
    )
