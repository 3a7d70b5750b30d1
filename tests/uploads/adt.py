"""HL7 v2 messages about people (ADT), written where they are used."""

HEAD = r"MSH|^~\&|PAS|North|||{sent}||ADT^{event}|{id}|P|{version}"


def pid(mrn="N-1", name="Ito^Mai", born="19700501", sex="F", died="", before="") -> str:
    """`before`: a number that expired."""
    numbers = f"{mrn}^^^NORTH^MR" + (f"~{before}^^^NORTH^MR^^^20200101" if before else "")
    return f"PID|1||{numbers}||{name}||{born}|{sex}" + (f"{'|' * 21}{died}|Y" if died else "")


def adt(
    event="A08", *, id="1", former="", people=None, sent="20260301120000", version="2.5.1", **who
) -> bytes:
    """Of one person; or of `people`, each a PID and, in a merge, its MRG."""
    own = [pid(**who), *([f"MRG|{former}^^^NORTH^MR"] if former else [])]
    head = HEAD.format(event=event, id=id, sent=sent, version=version)
    return ("\r".join([head, f"EVN||{sent}", *(people or own)]) + "\r").encode()
