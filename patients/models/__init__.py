"""The record: people, diagnoses, events, draws, results, reviews, sign-offs, and the worklist's summary.

Public identifiers are UUIDs. Nothing clinical is deleted: it is withdrawn, with who, when and why.
Each rule that the database can hold is held there, with its sentence.
"""

from .assessment import Assessment
from .base import CurrentQuerySet
from .draws import Draw, Result
from .people import Diagnosis, Event, Patient, PatientQuerySet
from .reviews import CauseReview
from .signoffs import Overrule, SignOff

__all__ = [
    "Assessment",
    "CauseReview",
    "CurrentQuerySet",
    "Diagnosis",
    "Draw",
    "Event",
    "Overrule",
    "Patient",
    "PatientQuerySet",
    "Result",
    "SignOff",
]
