"""Tables that are refused, asked about or marked."""

from datetime import date

from tests.refusals.telling import FileCase, case
from tests.uploads.files import labs
from tests.uploads.sheets import CellError, encrypted, xls, xlsx

WIDE = "mrn,collected_at,ALT (U/L),INR"
DAY = "2025-03-01 08:00"


def row(test="ALT", value="200", unit="U/L", low="", high="", mrn="N-1", at=DAY) -> str:
    return ",".join((mrn, at, test, value, unit, low, high))


def one(*rows: str, header="", **how) -> FileCase:
    return case(labs(*rows, header=header) if header else labs(*rows), **how)


def dates(*days: str, **how) -> FileCase:
    return one(*(row(at=day) for day in days), **how)


def _many(columns: int) -> bytes:
    return ",".join(f"c{number}" for number in range(columns)).encode() + b"\n" + b"," * (columns - 1) + b"\n"


DATES = {
    "two orders of dates": dates("13/04/2025", "04/13/2025"),
    "one date turns the file": dates("01/13/2025", *(f"0{n}/02/2025" for n in range(3, 9))),
    "dates that can be read two ways": dates("03/04/2025", "04/05/2025"),
    "one of the dates can be read two ways": dates("03/04/2025", "2025-04-05"),
    "the sender writes the other order": dates("14/04/2025", date_order="month/day/year"),
    "days that a spreadsheet has swapped": case(
        xlsx(
            {
                "Labs": [
                    ("mrn", "collected_at", "ALT (U/L)"),
                    ("N-1", "13/10/2025", 80),
                    ("N-1", date(2025, 3, 2), 90),
                ]
            }
        ),
        name="labs.xlsx",
    ),
    "an impossible date": dates("31.02.2026"),
    "a month that does not exist": dates("2026-13-01"),
    "an impossible date with the month’s name": dates("30 Feb 2026"),
    "an impossible date in the sender’s order": dates(
        "11/14/2025", "02/03/2025", date_order="day/month/year"
    ),
    "a date without a year": dates("30 Feb"),
    "a year of two digits": dates("05.03.26"),
    "a year beyond all": dates("1025-03-01"),
    "no date": dates("yesterday"),
    "no time of day": dates("2025-03-01 8 Uhr"),
    "an hour of 25": dates("2025-03-01 25:10"),
    "an hour that the clocks skip": dates("2025-03-30 01:30"),
    "an hour that comes twice": dates("2025-10-26 01:30"),
    "a day in the future": dates("2199-01-01"),
    "before the birth": dates("1960-01-01"),
    "days as a spreadsheet counts them": dates("45717", "45718"),
    "days without a time": dates("2025-03-01"),
}

NUMBERS = {
    "comma and point": one(row(value='"1,5"', test="INR", unit=""), row(test="INR", value="1.6", unit="")),
    "thousands or decimals": one(row(test="Platelets", value='"1,240"', unit="10*9/L")),
    "one number with the other mark": one(
        row(value='"1,5"', test="INR", unit=""),
        row(test="INR", value="1.6", unit="", at="2025-03-02"),
        decimal=",",
    ),
    "the sender writes the other mark": one(row(test="INR", value='"1,5"', unit=""), decimal="."),
    "a word": one(row(value="positive")),
    "a text": one(row(value="about thirty")),
    "a very long text": one(row(value="x" * 50)),
    "no result yet": one(row(value="pending")),
    "an error cell": one(row(value="#N/A")),
    "a bad sample": one(row(value="haemolysed")),
    "off the scale": one(row(value="off scale")),
    "no clot": one(row(test="INR", value="no clot", unit="")),
    "a remark alone": one(row(value="sample received late")),
    "a power that can be read two ways": one(row(value="2x10 3")),
    "power": one(row(value="2e3x")),
    "too large": one(row(value="9" * 400)),
    "negative": one(row(value="-5")),
    "impossibly high": one(row(value="60000")),
    "impossibly low": one(row(test="Sodium", value="20", unit="mmol/L")),
    "unusually high": one(row(test="INR", value="7", unit="")),
    "unusually low, marked": one(row(test="Sodium", value="110", unit="mmol/L")),
    "haematocrit high": one(row(test="Haematocrit", value="0.6", unit="L/L")),
    "looks like another unit": one(row(test="Albumin", value="3.5", unit="g/L")),
    "looks like another unit, asks": one(row(test="Haemoglobin", value="11", unit="g/L")),
    "above the maximum": one(row(value="> max 500")),
    "contradicts itself": one(row(test="INR", value="<10 no clot", unit="")),
    "two units": one(row(value="88 U/L", unit="ukat/L")),
    "unknown unit": one(row(unit="furlongs")),
    "no unit": one(row(unit="")),
    "no unit of albumin": one(row(test="Albumin", unit="", value="40")),
    "range in another unit": one(row(value="200", low="0.17", high="0.75")),
    "value and limit fit another unit": one(row(value="8.2", high="0.7")),
    "a limit of no test": one(row(value="200", high="90000")),
    "limits turned round": one(row(low="40", high="7")),
    "a limit that is no number": one(row(low="x", high="40")),
    "an upper limit that is no number": one(row(high="y")),
    "a range that cannot be read": one(
        f"N-1,{DAY},ALT,200,U/L,7 til 40", header="mrn,collected_at,test,value,unit,range"
    ),
    "direct above total": one(
        row("Direct bilirubin", "30", "umol/L"), row("Total bilirubin", "20", "umol/L")
    ),
    "direct nearly total": one(
        row("Direct bilirubin", "20", "umol/L"), row("Total bilirubin", "20", "umol/L")
    ),
    "indirect bilirubin": one(row("Indirect bilirubin", "9", "umol/L")),
    "unknown test": one(row("Ferretin", "9", "ug/L")),
    "prothrombin ratio": one(row("Prothrombin ratio", "1.2", "ratio")),
    "a cell with a formula": case(
        xlsx({"Labs": [("mrn", "collected_at", "ALT (U/L)"), ("N-1", DAY, "=1+1")]}), name="labs.xlsx"
    ),
    "a cell with an odd format": one(row(value="#FORMAT")),
}

ROWS = {
    "no MRN": one(row(mrn="")),
    "no time": one(row(at="")),
    "no test": one(row(test="")),
    "no value": one(row(value="")),
    "unknown status": one(f"N-1,{DAY},ALT,200,U/L,maybe", header="mrn,collected_at,test,value,unit,status"),
    "wide: no result": one(f"N-1,{DAY},,", f"N-1,{DAY},3,1.2", header=WIDE),
    "wide: no MRN": one(f",{DAY},30,1.2", header=WIDE),
    "wide: unknown status": one(f"N-1,{DAY},30,maybe", header="mrn,collected_at,ALT (U/L),status"),
    "too few cells": one(row(), "N-1,2025"),
    "a very long cell": one(row(), row(value="9" * 70_000)),
    "a long row": case(b"mrn,collected_at,test,value,unit\n" + b"x" * 5_000_000),
    "an open quotation mark": one('N-1,2025-03-01,"ALT,200,U/L,,'),
    "text behind a quotation mark": one('N-1,2025-03-01,"ALT"x,200,U/L,,'),
    "totals": one(row(), "Total,1,,,,,", "Average,1,,,,,"),
    "one total": one(row(), "Total,1,,,,,"),
    "title lines": case(b"Kestrel Laboratory,,,,,,\nweekly list,,,,,,\n" + labs(row())),
    "columns not read": one(f"N-1,{DAY},ALT,200,U/L,9", header="mrn,collected_at,test,value,unit,rack"),
    "wide: columns not read": one(f"N-1,{DAY},30,9", header="mrn,collected_at,ALT (U/L),comment"),
    "not interpreted here": one(row(), row("Glucose", "5", "mmol/L"), row("Potassium", "4", "mmol/L")),
    "one not interpreted": one(row(), row("Glucose", "5", "mmol/L")),
}

SHEETS = {
    "down: no MRN": one("ALT,U/L,30", header="test,unit,2025-03-01"),
    "down: two MRNs": case(b"MRN: N-1,,\nMRN: N-2,,\ntest,unit,2025-03-01\nALT,U/L,30\n"),
    "down: no MRN in a row": one(",ALT,U/L,30", header="mrn,test,unit,2025-03-01"),
    "down: no test": one("N-1,,U/L,30", header="mrn,test,unit,2025-03-01"),
    "down: nothing": one("N-1,ALT,U/L,", header="mrn,test,unit,2025-03-01"),
    "down: an empty row, a column not read": one(
        "N-1,ALT,U/L,30,x", "N-1,AST,U/L,,", header="mrn,test,unit,2025-03-01,rack"
    ),
    "no unit of a column": one(f"N-1,{DAY},30", header="mrn,collected_at,ALT"),
    "twice one column": one(f"N-1,{DAY},ALT,3,U/L,4", header="mrn,collected_at,test,value,unit,value"),
    "twice one meaning": one(f"N-1,{DAY},ALT,3,U/L,4", header="mrn,collected_at,test,value,unit,result"),
    "twice one test": one(f"N-1,{DAY},3,4", header="mrn,collected_at,ALT (U/L),GPT (U/L)"),
    "missing columns": one(f"N-1,{DAY},ALT", header="mrn,collected_at,test"),
    "nothing known": one("1,2,3", header="a,b,c"),
    "one column": case(b"mrn\nN-1\n"),
    "two delimiters": case(b"mrn,a;collected_at,b;c\n1,2;3,4;5\n"),
    "empty": case(b""),
    "spaces": case(b"  \n \n"),
    "header alone": case(labs()),
    "too many columns": case(_many(2000)),
    "a very long title": case(b"mrn,collected_at,test,value," + b"x" * 400 + b"\nN-1,2025-03-01,ALT,3,4\n"),
    "not UTF-8": case(b"mrn,collected_at\n" + bytes(range(128, 160)) * 3),
    "binary": case(b"\x00\x01\x02\x03" * 60),
    "a database": case(b"SQLite format 3\x00" + b"\0" * 40, name="labs.db"),
    "a program": case(b"MZ" + b"\0" * 40, name="labs.exe"),
    "an old workbook with an error": case(
        xls({"Labs": [("mrn", "collected_at", "ALT (U/L)"), ("N-1", DAY, CellError(42))]}), name="labs.xls"
    ),
    "a picture": case(b"\x89PNG\r\n\x1a\n" + b"\0" * 40, name="scan.png"),
    "a PDF": case(b"%PDF-1.7 ...", name="report.pdf"),
    "RTF": case(b"{\\rtf1 hello}", name="letter.rtf"),
    "gzip": case(b"\x1f\x8b\x08" + b"\0" * 40, name="labs.gz"),
    "a web page": case(b"<!DOCTYPE html><html><body>x</body></html>", name="labs.xls"),
    "XML": case(b"<?xml version='1.0'?><a><b/></a>", name="a.xml"),
    "an e-mail": case(b"From: a@b\nSubject: x\nMIME-Version: 1.0\n\nhello", name="mail.eml"),
    "a protected workbook": case(encrypted(), name="labs.xlsx"),
    "a broken workbook": case(xlsx({"Labs": [("mrn",)]})[:200], name="labs.xlsx"),
    "an empty workbook": case(xlsx({"Labs": []}), name="labs.xlsx"),
    "an empty sheet beside another": case(
        xlsx({"Labs": [("mrn", "collected_at", "ALT (U/L)"), ("N-1", DAY, 30)], "Notes": [("hello", "you")]}),
        name="labs.xlsx",
    ),
    "a hidden sheet": case(
        xlsx(
            {"Labs": [("mrn", "collected_at", "ALT (U/L)"), ("N-1", DAY, 30)], "Notes": [("a", "b")]},
            hidden=("Labs",),
        ),
        name="labs.xlsx",
    ),
    "too many sheets": case(xlsx({f"S{n}": [("a", "b")] for n in range(120)}), name="labs.xlsx"),
}

PEOPLE_HEADER = "mrn,family_name,given_name,sex,birth_date,death_date"
PEOPLE = {
    "person: no MRN": one(",Ito,Mai,F,1970-05-01,", header=PEOPLE_HEADER),
    "person: no family name": one("N-9,,Mai,F,1970-05-01,", header=PEOPLE_HEADER),
    "person: sex": one("N-9,Ito,Mai,Q,1970-05-01,", header=PEOPLE_HEADER),
    "person: no birth": one("N-9,Ito,Mai,F,,", header=PEOPLE_HEADER),
    "person: born tomorrow": one("N-9,Ito,Mai,F,2198-01-01,", header=PEOPLE_HEADER),
    "person: very old": one("N-9,Ito,Mai,F,1851-01-01,", header=PEOPLE_HEADER),
    "person: dead before birth": one("N-9,Ito,Mai,F,1970-05-01,1960-01-01", header=PEOPLE_HEADER),
    "person: long name": one(f"N-9,{'x' * 130},Mai,F,1970-05-01,", header=PEOPLE_HEADER),
    "person: differs": one("N-1,Ito,Maria,F,1970-05-01,", header=PEOPLE_HEADER),
    "person: another sex": one("N-1,Ito,Mai,M,1970-05-01,", header=PEOPLE_HEADER),
    "person: twice": one(
        "N-9,Ito,Mai,F,1970-05-01,",
        "N-9,Ito,Mai,M,1970-05-01,",
        "N-9,Ito,Mai,F,1970-05-01,",
        header=PEOPLE_HEADER,
    ),
    "person: dead before results": case(
        labs(row()), labs("N-1,Ito,Mai,F,1970-05-01,2025-01-01", header=PEOPLE_HEADER)
    ),
    "diagnosis: no MRN": one(",cirrhosis,2020-01-01", header="mrn,kind,noted_on"),
    "diagnosis: none": one("N-1,,2020-01-01", header="mrn,kind,noted_on"),
    "diagnosis: unknown": one("N-1,gout,2020-01-01", header="mrn,kind,noted_on"),
    "diagnosis: an event": one("N-1,vitamin k,2020-01-01", header="mrn,kind,noted_on"),
    "diagnosis: an event that needs a date": one("N-1,ascites,", header="mrn,kind,noted_on"),
    "diagnosis: kept as an event": one("N-1,ascites,2020-01-01", header="mrn,kind,noted_on"),
    "diagnosis: ends first": one(
        "N-1,cirrhosis,2020-01-01,2019-01-01", header="mrn,kind,noted_on,resolved_on"
    ),
    "diagnosis: long code": one(f"N-1,cirrhosis,2020-01-01,{'K' * 21}", header="mrn,kind,noted_on,codes"),
    "diagnosis: in the future": one("N-1,cirrhosis,2198-01-01", header="mrn,kind,noted_on"),
    "diagnosis: before birth": one("N-1,cirrhosis,1960-01-01", header="mrn,kind,noted_on"),
    "event: no MRN": one(",plasma,2020-01-01", header="mrn,kind,started_at"),
    "event: none": one("N-1,,2020-01-01", header="mrn,kind,started_at"),
    "event: unknown": one("N-1,walk,2020-01-01", header="mrn,kind,started_at"),
    "event: a diagnosis": one("N-1,cirrhosis,2020-01-01", header="mrn,kind,started_at"),
    "event: no start": one("N-1,plasma,", header="mrn,kind,started_at"),
    "event: ends first": one("N-1,plasma,2020-01-02,2020-01-01", header="mrn,kind,started_at,ended_at"),
    "event: one zone": one(
        "N-1,plasma,2020-01-02T08:00Z,2020-01-03 08:00", header="mrn,kind,started_at,ended_at"
    ),
    "event: grade": one("N-1,encephalopathy,2020-01-02,9", header="mrn,kind,started_at,grade"),
    "event: route": one("N-1,vitamin k,2020-01-02,nose", header="mrn,kind,started_at,route"),
    "event: stop": one("N-1,vka,2020-01-02,perhaps", header="mrn,kind,started_at,stop_confirmed"),
    "event: stop without a day": one("N-1,vka,2020-01-02,yes", header="mrn,kind,started_at,stop_confirmed"),
    "event: in the future": one("N-1,plasma,2198-01-01 08:00", header="mrn,kind,started_at"),
    "event: skipped hour": one("N-1,plasma,2025-03-30 01:30", header="mrn,kind,started_at"),
    "event: differs": case(
        labs("N-1,plasma,2020-01-02,2020-01-03", header="mrn,kind,started_at,ended_at"),
        labs("N-1,plasma,2020-01-02,2020-01-04", header="mrn,kind,started_at,ended_at"),
    ),
}

BORN = "mrn,collected_at,test,value,unit,birth_date,family_name"
RECORD = {
    "nobody with this number": one(row(mrn="N-9")),
    "a number that differs by zeros": case(
        labs("0012345,Ito,Mai,F,1970-05-01,", header=PEOPLE_HEADER), labs(row(mrn="12345"))
    ),
    "another date of birth": one(f"N-1,{DAY},ALT,200,U/L,1971-05-01,Ito", header=BORN),
    "another name": one(f"N-1,{DAY},ALT,200,U/L,1970-05-01,Berg", header=BORN),
    "another name and date of birth": one(f"N-1,{DAY},ALT,200,U/L,1971-05-01,Berg", header=BORN),
    "a date of birth that is none": one(f"N-1,{DAY},ALT,200,U/L,1970-02-31,Ito", header=BORN),
    "after death": case(
        labs("N-1,Ito,Mai,F,1970-05-01,2025-01-01", header=PEOPLE_HEADER),
        labs(row()),
        asked={"apply_changes": True},
    ),
    "event after death": case(
        labs("N-1,Ito,Mai,F,1970-05-01,2025-01-01", header=PEOPLE_HEADER),
        labs("N-1,plasma,2025-02-02", header="mrn,kind,started_at"),
        asked={"apply_changes": True},
    ),
    "differs from the record": case(labs(row()), labs(row(value="210"))),
    "differs twice": case(labs(row()), labs(row(value="210"), row(value="210"))),
    "twice in one file": one(row(), row(value="210")),
    "the same twice": one(row(), row()),
    "a surprise": case(labs(row("INR", "1.5", "")), labs(row("INR", "5.1", "", at="2025-03-13 08:00"))),
    "a slip of unit": case(
        labs(row("Total bilirubin", "21", "umol/L")),
        labs(row("Total bilirubin", "1.2", "umol/L", at="2025-03-13 08:00")),
    ),
    "a slip of the point": case(
        labs(row("INR", "1.5", "")), labs(row("INR", "15", "", at="2025-03-13 08:00"))
    ),
    "stored though it asks": one(
        row(test="Haemoglobin", value="11", unit="g/L"), asked={"accept_questions": True}
    ),
    "total below the direct that is stored": case(
        labs(row("Direct bilirubin", "30", "umol/L")), labs(row("Total bilirubin", "20", "umol/L"))
    ),
    "name and code differ": one(
        f"N-1,{DAY},ALT,200,U/L,1920-8", header="mrn,collected_at,test,value,unit,loinc"
    ),
    "the same file again": case(labs(row()), labs(row())),
}
GROUPS = {
    "dates": DATES,
    "numbers": NUMBERS,
    "rows": ROWS,
    "files": SHEETS,
    "people": PEOPLE,
    "record": RECORD,
}
