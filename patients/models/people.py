"""People, their diagnoses and what happened to them."""

from typing import Self
from uuid import uuid4

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.utils.functional import cached_property

from accounts.models import Clinic, User
from accounts.permissions import clinics_of
from interpretation.record.records import DIAGNOSIS_KINDS, EVENT_KINDS

from ..words import DIAGNOSIS_NAMES, EVENT_NAMES
from .base import CurrentQuerySet, Entered, Withdrawable, refuse, tracked


class PatientQuerySet(CurrentQuerySet):
    def visible_to(self, user) -> Self:
        """The current patients of the clinics whose record this user may read."""
        return self.current().filter(clinic__in=[clinic.pk for clinic in clinics_of(user)])


@pghistory.track(*tracked(), model_name="PatientHistory")
class Patient(Withdrawable, Entered):
    class Sex(models.TextChoices):
        FEMALE = "F", "Female"
        MALE = "M", "Male"
        OTHER = "X", "Other"
        UNKNOWN = "U", "Not recorded"

    class Anticoagulant(models.TextChoices):
        UNKNOWN = "", "Not known"
        NONE = "none", "None"
        TAKING = "taking", "Taking"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="patients")
    mrn = models.CharField("MRN", max_length=64)
    family_name = models.CharField(max_length=120)
    given_name = models.CharField(max_length=120, blank=True)
    birth_date = models.DateField()
    sex = models.CharField(max_length=1, choices=Sex)
    died_on = models.DateField(null=True, blank=True)
    # What a person has said; which drug and since when is an event (`patients.actions.anticoagulant`).
    anticoagulant = models.CharField(
        max_length=8, choices=Anticoagulant, default=Anticoagulant.UNKNOWN, blank=True, editable=False
    )
    anticoagulant_said_by = models.ForeignKey(
        User, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    anticoagulant_said_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Reasons that other systems' users gave for a cause (`patients.actions.evidence`): objects with the fields of
    # `interpretation.record.records.SaidElsewhere`.
    said_elsewhere = models.JSONField(default=list, db_default=Value([], models.JSONField()), editable=False)

    objects = PatientQuerySet.as_manager()

    class Meta:
        constraints = [
            *Withdrawable.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "mrn"],
                condition=Q(withdrawn_at__isnull=True),
                name="patient_mrn_once",
                violation_error_message="This MRN already belongs to a patient of this clinic.",
            ),
            models.CheckConstraint(
                condition=~Q(mrn=""), name="patient_mrn_given", violation_error_message="Enter the MRN."
            ),
            models.CheckConstraint(
                condition=Q(died_on__isnull=True) | Q(died_on__gte=F("birth_date")),
                name="patient_died_after_birth",
                violation_error_message="The date of death is before the date of birth.",
            ),
            models.CheckConstraint(
                condition=Q(anticoagulant="", anticoagulant_said_by=None, anticoagulant_said_at=None)
                | Q(
                    anticoagulant__in=("none", "taking"),
                    anticoagulant_said_by__isnull=False,
                    anticoagulant_said_at__isnull=False,
                ),
                name="patient_anticoagulant_who_when",
                violation_error_message="Say who said whether an anticoagulant is taken, and when.",
            ),
            models.CheckConstraint(
                condition=Q(said_elsewhere__contains=[]), name="patient_said_elsewhere_is_a_list"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="birth_before_first_draw",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.birth_date IS DISTINCT FROM NEW.birth_date"),
                func=refuse(
                    "patient_birth_before_first_draw",
                    "EXISTS (SELECT 1 FROM patients_draw d WHERE d.patient_id = NEW.id"
                    " AND d.withdrawn_at IS NULL AND d.taken_at < NEW.birth_date - interval '14 hours')",
                    "A draw of this patient was taken before this date of birth.",
                )
                + " RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="number_is_no_others",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("mrn", "withdrawn_at"),
                when=pgtrigger.Before,
                func=refuse(
                    "patient_number_is_no_others",
                    "NEW.withdrawn_at IS NULL AND EXISTS (SELECT FROM patients_othernumber n"
                    " WHERE (n.clinic_id, n.mrn) = (NEW.clinic_id, NEW.mrn) AND n.ended_at IS NULL)",
                    "This MRN was a patient’s here before: look the patient up by it.",
                )
                + " RETURN NEW;",
            ),
        ]

    @cached_property
    def numbers_before(self) -> list[str]:
        """The numbers that mean this patient beside the MRN; a query may bring them along (`models.merges`)."""
        return list(self.other_numbers.standing().values_list("mrn", flat=True))

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


@pghistory.track(*tracked(), model_name="DiagnosisHistory")
class Diagnosis(Withdrawable, Entered):
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="diagnoses")
    kind = models.CharField(max_length=32, choices=[(k, DIAGNOSIS_NAMES[k]) for k in DIAGNOSIS_KINDS])
    noted_on = models.DateField(null=True, blank=True)
    resolved_on = models.DateField(null=True, blank=True)
    codes = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    note = models.CharField(max_length=300, blank=True)

    objects = CurrentQuerySet.as_manager()

    class Meta:
        ordering = ["noted_on", "id"]
        constraints = [
            *Withdrawable.Meta.constraints,
            models.UniqueConstraint(
                fields=["patient", "kind", "noted_on"],
                condition=Q(withdrawn_at__isnull=True),
                nulls_distinct=False,
                name="diagnosis_once",
                violation_error_message="This diagnosis is already recorded with this date.",
            ),
            models.CheckConstraint(
                condition=Q(resolved_on__isnull=True)
                | Q(noted_on__isnull=True)
                | Q(resolved_on__gte=F("noted_on")),
                name="diagnosis_resolved_after_noted",
                violation_error_message="The diagnosis was resolved before it was noted.",
            ),
            models.CheckConstraint(condition=Q(kind__in=DIAGNOSIS_KINDS), name="diagnosis_kind_known"),
        ]


@pghistory.track(*tracked(), model_name="EventHistory")
class Event(Withdrawable, Entered):
    class Route(models.TextChoices):
        IV = "iv", "Intravenous"
        ORAL = "oral", "Oral"
        SC = "sc", "Subcutaneous"
        IM = "im", "Intramuscular"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=32, choices=[(k, EVENT_NAMES[k]) for k in EVENT_KINDS])
    label = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # A person has confirmed that the drug was really stopped at ended_at.
    stop_confirmed = models.BooleanField(default=False)
    grade = models.PositiveSmallIntegerField(null=True, blank=True)
    route = models.CharField(max_length=8, choices=Route, blank=True)
    note = models.CharField(max_length=300, blank=True)

    objects = CurrentQuerySet.as_manager()

    class Meta:
        ordering = ["started_at", "id"]
        constraints = [
            *Withdrawable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="event_ended_after_started",
                violation_error_message="The end is before the start.",
            ),
            models.CheckConstraint(
                condition=Q(stop_confirmed=False) | Q(ended_at__isnull=False),
                name="event_stop_has_end",
                violation_error_message="A confirmed stop needs the date of the stop.",
            ),
            models.CheckConstraint(
                condition=Q(grade__isnull=True) | Q(grade__lte=4),
                name="event_grade_0_to_4",
                violation_error_message="The grade goes from 0 to 4.",
            ),
            models.CheckConstraint(condition=Q(kind__in=EVENT_KINDS), name="event_kind_known"),
        ]
