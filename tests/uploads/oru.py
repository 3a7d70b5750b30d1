"""HL7 v2 messages written where they are used: segments as Python lists, joined by the bar."""

HEAD = r"MSH|^~\&|LIS|North Lab|||20250301120000||ORU^R01^ORU_R01|{id}|{live}|{version}"
PID = "PID|1||{mrn}^^^NORTH^MR||{name}||{born}|F"


def obx(
    code="1742-6^ALT^LN",
    value="200",
    *,
    n=1,
    kind="NM",
    unit="U/L",
    limits="7-40",
    status="F",
    sub="",
    taken="",
):
    return f"OBX|{n}|{kind}|{code}|{sub}|{value}|{unit}|{limits}||||{status}|||{taken}"


def oru(
    *segments,
    id="1",
    mrn="N-1",
    name="Ito^Mai",
    born="19700501",
    filler="A1",
    taken="20250301080000",
    reported="20250301110000",
    live="P",
    version="2.5.1",
    end="\r",
) -> bytes:
    """One message of one order with these OBX (and NTE, SPM ...)."""
    obr = f"OBR|1||{filler}|24325-3^Hepatic panel^LN|||{taken}|||||||||||||||{reported}|||F"
    head = HEAD.format(id=id, live=live, version=version)
    who = PID.format(mrn=mrn, name=name, born=born)
    return (end.join([head, who, obr, *(segments or (obx(),))]) + end).encode()
