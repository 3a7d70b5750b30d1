"""What a pasted report is taken apart into."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PastedResult:
    """One result as the form takes it: the analyte's key and texts, decimals with a point."""

    key: str
    value: str
    unit: str = ""
    lower: str = ""
    upper: str = ""


@dataclass(frozen=True)
class NotTaken:
    """A line of the report, or a part of one, that was not taken over, and why where that is known."""

    text: str
    why: str = ""


@dataclass(frozen=True)
class Pasted:
    """`taken_at`, `laboratory` and `mrn` as written, "" where the report does not plainly say them."""

    results: tuple[PastedResult, ...] = ()
    left: tuple[NotTaken, ...] = ()
    taken_at: str = ""
    laboratory: str = ""
    mrn: str = ""


@dataclass(frozen=True)
class Found:
    """A result's parts as they stand in the text; `line` is where."""

    name: str
    value: str
    unit: str = ""
    range_text: str = ""
    lower: str = ""
    upper: str = ""
    line: str = ""


@dataclass(frozen=True)
class Said:
    """What the report says of the whole draw. `name`: taken_at, laboratory, mrn, or dated (a day that
    stands beside a result and may be that of anything)."""

    name: str
    text: str


Part = Found | NotTaken | Said
