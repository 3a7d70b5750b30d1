"""The record: people, diagnoses, events, draws, results, what people decided, and the worklist's summary.

Public identifiers are UUIDs. Nothing clinical is deleted: it is withdrawn, with who, when and why.
Each rule that the database can hold is held there, with its sentence.
"""

from .assessment import Assessment
from .base import CurrentQuerySet
from .contacts import Contact, LeftOut
from .draws import Draw, Result
from .marks import AssessmentMark
from .noted import NotedOrder
from .notices import Notice, OnDuty
from .others import OtherResult
from .people import Diagnosis, Event, Patient, PatientQuerySet
from .reviews import CauseReview
from .signoffs import Overrule, SignOff
from .silent import SilentRun
from .versions import RecordVersion

__all__ = [
    "Assessment",
    "AssessmentMark",
    "CauseReview",
    "Contact",
    "CurrentQuerySet",
    "Diagnosis",
    "Draw",
    "Event",
    "LeftOut",
    "NotedOrder",
    "Notice",
    "OnDuty",
    "OtherResult",
    "Overrule",
    "Patient",
    "PatientQuerySet",
    "RecordVersion",
    "Result",
    "SignOff",
    "SilentRun",
]
