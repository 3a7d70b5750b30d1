"""HL7 v2 messages that are refused, asked about or marked."""

from tests.refusals.telling import FileCase, case
from tests.uploads.adt import adt, pid
from tests.uploads.oru import obx, oru


def msg(*segments: str, **about) -> FileCase:
    return case(oru(*segments, **about), name="labs.hl7")


def changed(old: str, new: str, *segments: str, **about) -> FileCase:
    return case(oru(*segments, **about).replace(old.encode(), new.encode()), name="labs.hl7")


MESSAGES = {
    "no header": case(b"MSH|^~\\&|\rPID|1", name="labs.hl7"),
    "broken header": case(b"MSH|A1\rPID|1||7\r", name="labs.hl7"),
    "equal separators": changed("^~\\&", "^^\\&"),
    "another kind of message": changed("ORU^R01^ORU_R01", "ADT^A01"),
    "about a person": case(adt(), name="labs.hl7"),
    "a merge without a former number": case(adt("A40", people=[pid()]), name="labs.hl7"),
    "no kind": changed("ORU^R01^ORU_R01", ""),
    "another event": changed("ORU^R01^ORU_R01", "ORU^R30"),
    "a test message": msg(live="T"),
    "not live": msg(live=""),
    "another version": msg(version="2.9"),
    "no version": msg(version=""),
    "no control id": msg(id=""),
    "no patient": changed("PID|1||N-1", "PV1|1||N-1"),
    "no result": changed("OBX|1", "NTE|1"),
    "the same id twice": case(oru(id="7") + oru(obx(value="9"), id="7"), name="labs.hl7"),
    "the same message twice": case(oru(id="7") + oru(id="7"), name="labs.hl7"),
    "no segment": msg(obx(), "and more text"),
    "a long line": msg(obx(value="9" * 200_000)),
    "too many segments": msg(*(obx(n=n) for n in range(1, 10_001))),
    "an incomplete batch": case(b"BHS|^~\\&\r" + oru() + b"BTS|3\r", name="labs.hl7"),
    "letters that do not fit": changed("Mai", "M\xe4i"),
    "letters that the message does not name": case(
        oru().replace(b"|P|2.5.1", b"|P|2.5.1||||||UNICODE UTF-8").replace(b"Mai", b"M\xe4i"), name="labs.hl7"
    ),
    "binary": changed("Mai", "M\x00i"),
    "an unknown character set": changed("|P|2.5.1", "|P|2.5.1||||||KLINGON"),
    "no number": msg(mrn=""),
    "a birth that is none": msg(born="19700231"),
    "an impossible date": msg(taken="20250230"),
    "an impossible time": msg(taken="202503012560"),
    "a year beyond all": msg(taken="10250301"),
    "no time at all": msg(taken="spring"),
    "no time of collection": msg(taken=""),
    "no test": msg(obx(code="")),
    "two tests in one code": msg(obx(code="1742-6^ALT^LN^1920-8^AST^LN")),
    "a type that is not read": msg(obx(kind="RP")),
    "a value missing": msg(obx(value="")),
    "two bounds": msg(obx(value="<5", status="F").replace("|7-40|", "|7-40|>")),
    "pending": msg(
        obx(status="I"), obx("1920-8^AST^LN", n=2, status="O"), obx("2324-2^GGT^LN", n=3, status="N")
    ),
    "no status": msg(obx(status="")),
    "an unknown status": msg(obx(status="Q")),
    "status U": msg(obx(status="U")),
    "the code of the order": changed(
        "24325-3^Hepatic panel^LN", "1742-6^ALT^LN", obx(), obx("1920-8^AST^LN", n=2)
    ),
    "an unknown code": msg(obx(code="99999-9^ALT^LN")),
    "number alone": msg(born=""),
    "another date of birth": msg(born="19710501"),
    "several numbers": changed("N-1^^^NORTH^MR", "N-1^^^NORTH^MR~N-2^^^NORTH^MR"),
    "dead without a day": changed("|F\rOBR", "|F" + "|" * 22 + "Y\rOBR"),
    "dead on an impossible day": changed("|F\rOBR", "|F" + "|" * 21 + "20250231|Y\rOBR"),
    "a death": changed("|F\rOBR", "|F" + "|" * 21 + "20260101|Y\rOBR"),
    "text lines": msg(obx(), "OBX|2|TX|||Sample haemolysed||||||F"),
    "text lines alone": msg("OBX|1|TX|||Sample haemolysed||||||F"),
    "passed over": msg(obx(), "OBX|2|CE|8251-1^Fasting^LN||Y^Yes||||||F"),
    "limits of their own": msg(obx(limits=""), obx("1742-6^ALT upper limit of normal^LN", n=2, value="40")),
    "not complete": changed("|||F\rOBX", "|||P\rOBX"),
    "a day alone": msg(taken="20250301"),
    "preliminary, then final": case(oru(obx(status="P")), oru(obx(value="210"), id="2"), name="labs.hl7"),
    "final, then preliminary": case(oru(), oru(obx(value="210", status="P"), id="2"), name="labs.hl7"),
    "preliminary again": case(
        oru(obx(status="P")), oru(obx(value="210", status="P"), id="2"), name="labs.hl7"
    ),
    "corrected": case(
        oru(), oru(obx(value="210", status="C"), id="2", reported="20250301130000"), name="labs.hl7"
    ),
    "an older version": case(
        oru(), oru(obx(value="210"), id="2", reported="20250301090000"), name="labs.hl7"
    ),
    "sent again with another value": case(
        oru(), oru(obx(value="210"), id="2", reported="20250301130000"), name="labs.hl7"
    ),
    "withdrawn": case(oru(), oru(obx(status="W"), id="2"), name="labs.hl7"),
    "withdrawn, unknown": msg(obx(status="W")),
    "withdrawn, no test of ours": msg(obx("99999-9^Ferretin^LN", status="W")),
    "no result could be obtained": case(oru(), oru(obx(value="", status="X"), id="2"), name="labs.hl7"),
    "withdrawn by number alone": case(oru(), oru(obx(status="W"), id="2", born=""), name="labs.hl7"),
    "two finals of one minute": msg(obx(), obx(n=2, value="210")),
    "two finals, orders apart": case(oru(), oru(obx(value="210"), filler="B2", id="2"), name="labs.hl7"),
    "withdrawn, then sent": case(oru(), oru(obx(status="W"), id="2"), oru(id="3"), name="labs.hl7"),
}
GROUPS = {"messages": MESSAGES}
