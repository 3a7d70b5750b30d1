"""The outcome of one row."""

from dataclasses import dataclass, field

from patients.actions.bulk import (
    NewDiagnosis,
    NewDraw,
    NewEvent,
    NewPatient,
    NewResult,
    NoAnticoagulant,
    StoredChange,
    Withdrawal,
)
from patients.actions.others import NewOther, OtherWithdrawal
from uploads.importers.records import Place

NEW, SAME, CHANGED, REFUSED, WAITING, LEFT_OUT = OUTCOMES = (
    "new",
    "same",
    "changed",
    "refused",
    "waiting",
    "left_out",
)
NO_PATIENT = (
    "No patient with this MRN in this clinic. Upload patients first or add the patient or correct the MRN."
)
ZEROS = (
    "No patient with this MRN, but one whose MRN is the same but for zeros. Say under Waiting whether it is "
    "this patient: it is asked once for this sender."
)


@dataclass(slots=True)
class Match:
    """`record` is what would be stored. `reason` holds no name and no MRN: commands print it."""

    place: Place
    outcome: str
    reason: str = ""
    record: (
        NewPatient
        | NewDiagnosis
        | NewEvent
        | NoAnticoagulant
        | NewResult
        | NewOther
        | Withdrawal
        | OtherWithdrawal
        | StoredChange
        | None
    ) = None
    # A row to be stored that a person should look at before confirming.
    flagged: bool = False
    # Waits only for the answer to a question: a person may say that the value is right.
    asks: bool = False
    # Nobody is asked: a change that the laboratory itself makes by the status of its result, what the clinic
    # has decided never to read, or a new row that is odd and not in doubt.
    settled: bool = False
    mrn: str = ""
    # The analyte of a result that waits for a person; "" for what is none, or not known.
    analyte: str = ""
    # Why nobody knows whose row it is: `models.IdentityQuestion.Why`; and what is then asked of a person.
    unclear: str = ""
    asked: object = None


@dataclass
class PlainRows:
    """Of one file and chunk: draws to be stored, the numbers of the rows that bring them; what is left out."""

    draws: list[NewDraw] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers) + len(self.left_out)


def is_marked(row) -> bool:
    """Whether a match, or the row that is kept of it, is stored as unconfirmed until a person has looked."""
    return row.flagged and not (row.settled and row.outcome == NEW)
