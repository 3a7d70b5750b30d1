"""The record: people, diagnoses, events, draws, results, what people decided, and the worklist's summary.

Public identifiers are UUIDs. Nothing clinical is deleted: it is withdrawn, with who, when and why.
Each rule that the database can hold is held there, with its sentence.
"""

from .assessment import Assessment
from .base import CurrentQuerySet
from .chart_review import ChartItem, ChartLabel, ChartReview
from .concerns import Concern, Note
from .contacts import Contact, LeftOut
from .draws import Draw, Result
from .marks import AssessmentMark
from .merges import Merge, OtherNumber
from .noted import NotedOrder
from .notices import Notice, OnDuty
from .others import OtherResult
from .people import Diagnosis, Event, Patient, PatientQuerySet
from .reviews import CauseReview
from .signatures import ShownEntry, Signature
from .signoffs import Overrule, SignOff
from .silent import SilentRun
from .versions import RecordVersion

__all__ = [
    "Assessment",
    "AssessmentMark",
    "CauseReview",
    "Concern",
    "ChartItem",
    "ChartLabel",
    "ChartReview",
    "Contact",
    "CurrentQuerySet",
    "Diagnosis",
    "Draw",
    "Event",
    "LeftOut",
    "Merge",
    "Note",
    "NotedOrder",
    "Notice",
    "OnDuty",
    "OtherNumber",
    "OtherResult",
    "Overrule",
    "Patient",
    "PatientQuerySet",
    "RecordVersion",
    "Result",
    "ShownEntry",
    "SignOff",
    "Signature",
    "SilentRun",
]
