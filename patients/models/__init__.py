"""The record: people, diagnoses, events, draws, results, reviews, and the worklist's summary.

Public identifiers are UUIDs. Nothing clinical is deleted: it is withdrawn, with who, when and why.
Each rule that the database can hold is held there, with its sentence.
"""

from .assessment import Assessment
from .base import CurrentQuerySet
from .draws import Draw, Result
from .people import Diagnosis, Event, Patient, PatientQuerySet
from .reviews import CauseReview

__all__ = [
    "Assessment",
    "CauseReview",
    "CurrentQuerySet",
    "Diagnosis",
    "Draw",
    "Event",
    "Patient",
    "PatientQuerySet",
    "Result",
]
