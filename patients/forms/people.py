"""Forms for a patient, a diagnosis and an event."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain

from django import forms

from accounts.models import Clinic
from interpretation.record.records import ANTICOAGULANTS, BLOOD_PRODUCTS, COMPLICATIONS
from patients.forms.fields import CodesField, DateField, DayTimeField, EntryForm
from patients.models import Diagnosis, Event, Patient
from patients.words import DIAGNOSIS_NAMES, EVENT_NAMES

EVENT_GROUPS = {
    "Drugs": (
        *ANTICOAGULANTS,
        "interacting_drug",
        "antibiotic",
        "tigecycline",
        "hepatotoxic_drug",
        "nac",
        "vitamin_k",
    ),
    "Blood products": BLOOD_PRODUCTS,
    "Complications": COMPLICATIONS,
    "Procedures": ("tips", "transplant", "dialysis", "procedure"),
    "Flags": ("pregnancy", "nil_by_mouth", "bad_sample", "note"),
}
GRADED, ROUTED = ("encephalopathy",), ("vitamin_k",)


class PatientForm(EntryForm):
    clinic = forms.ChoiceField(label="Clinic", error_messages={"required": "Choose the clinic."})
    mrn = forms.CharField(label="MRN", max_length=64, error_messages={"required": "Enter the MRN."})
    family_name = forms.CharField(max_length=120, error_messages={"required": "Enter the family name."})
    given_name = forms.CharField(label="Given names", max_length=120, required=False)
    birth_date = DateField(
        label="Date of birth",
        error_messages={"required": "Enter the date of birth.", "invalid": "Enter the date as 1961-04-02."},
    )
    sex = forms.ChoiceField(
        choices=[("", "Choose"), *Patient.Sex.choices], error_messages={"required": "Choose the sex."}
    )
    died_on = DateField(label="Date of death", required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, clinics=(), **options) -> None:
        self.clinics = {str(clinic.uuid): clinic for clinic in clinics}
        super().__init__(*args, **options)
        if len(self.clinics) > 1:
            choices = [("", "Choose"), *((uuid, clinic.name) for uuid, clinic in self.clinics.items())]
            self.fields["clinic"].choices = choices
        else:
            # Asked only where there is a choice.
            del self.fields["clinic"]

    def chosen_clinic(self) -> Clinic:
        if "clinic" in self.fields:
            return self.clinics[self.cleaned_data["clinic"]]
        return next(iter(self.clinics.values()))

    def clean_birth_date(self) -> date:
        return self._not_in_future("birth_date", "The date of birth lies in the future.")

    def clean_died_on(self) -> date | None:
        return self._not_in_future("died_on", "The date of death lies in the future.")

    def clean(self) -> dict:
        data = super().clean()
        born, died = data.get("birth_date"), data.get("died_on")
        if born and died and died < born:
            self.add_error("died_on", "The date of death is before the date of birth.")
        return data

    def _not_in_future(self, name: str, sentence: str) -> date | None:
        date = self.cleaned_data[name]
        if date and date > self.today:
            raise forms.ValidationError(sentence)
        return date


class DiagnosisForm(EntryForm):
    kind = forms.ChoiceField(
        label="Diagnosis",
        choices=[("", "Choose"), *DIAGNOSIS_NAMES.items()],
        error_messages={"required": "Choose the diagnosis."},
    )
    noted_on = DateField(label="Noted on", required=False, help_text="Leave empty when not known.")
    resolved_on = DateField(label="Resolved on", required=False)
    codes = CodesField(label="Codes", required=False, help_text="ICD or other codes, separated by commas.")
    note = forms.CharField(max_length=Diagnosis._meta.get_field("note").max_length, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_noted_on(self) -> date | None:
        noted_on = self.cleaned_data["noted_on"]
        if noted_on and noted_on > self.today:
            raise forms.ValidationError("This date lies in the future.")
        return noted_on

    def clean(self) -> dict:
        data = super().clean()
        noted, resolved = data.get("noted_on"), data.get("resolved_on")
        if noted and resolved and resolved < noted:
            self.add_error("resolved_on", "The diagnosis was resolved before it was noted.")
        return data


class EventForm(EntryForm):
    kind = forms.ChoiceField(
        label="What",
        choices=[
            ("", "Choose"),
            *((group, [(k, EVENT_NAMES[k]) for k in kinds]) for group, kinds in EVENT_GROUPS.items()),
        ],
        error_messages={"required": "Choose what happened."},
    )
    label = forms.CharField(
        label="Name or detail",
        max_length=120,
        required=False,
        help_text="For example the drug: warfarin, rivaroxaban, ceftriaxone.",
    )
    started_at = DayTimeField(
        label="Started, given or found",
        error_messages={"required": "Enter the day."},
        help_text="The time may stay empty.",
    )
    ended_at = DayTimeField(
        label="Ended", required=False, help_text="Leave empty while it goes on, and for a single dose."
    )
    stop_confirmed = forms.BooleanField(
        label="I have confirmed that the drug was stopped then",
        required=False,
        help_text="A date in a prescription is not a stop. Confirm only what the patient, carer or ward told "
        "you: a confirmed stop lets later INRs count once the drug has worn off.",
    )
    grade = forms.TypedChoiceField(
        label="Grade (encephalopathy, West Haven)",
        choices=[("", "Not graded"), *((n, str(n)) for n in range(5))],
        coerce=int,
        empty_value=None,
        required=False,
    )
    route = forms.ChoiceField(
        label="Route (vitamin K)", choices=[("", "Not recorded"), *Event.Route.choices], required=False
    )
    note = forms.CharField(max_length=Event._meta.get_field("note").max_length, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_started_at(self) -> datetime | None:
        return self.unless_same_minute("started_at", self.cleaned_data["started_at"])

    def clean_ended_at(self) -> datetime | None:
        return self.unless_same_minute("ended_at", self.cleaned_data["ended_at"])

    def clean(self) -> dict:
        data = super().clean()
        for field, sentence in chain(self._wrong_times(data), self._wrong_details(data)):
            self.add_error(field, sentence)
        return data

    def _wrong_times(self, data: dict) -> Iterator[tuple[str, str]]:
        start, end, stopped = data.get("started_at"), data.get("ended_at"), data.get("stop_confirmed")
        if start and self._lies_ahead(start):
            yield "started_at", "This day lies in the future."
        if start and end and end < start:
            yield "ended_at", "The end is before the start."
        if stopped and not end and "ended_at" not in self.errors:
            yield "ended_at", "A confirmed stop needs the date of the stop."
        if stopped and end and self._lies_ahead(end):
            yield "ended_at", "A stop in the future cannot be confirmed yet."

    def _wrong_details(self, data: dict) -> Iterator[tuple[str, str]]:
        kind = data.get("kind")
        if kind and data.get("grade") is not None and kind not in GRADED:
            yield "grade", "Only encephalopathy has a grade."
        if kind and data.get("route") and kind not in ROUTED:
            yield "route", "The route is recorded for vitamin K only."

    def _lies_ahead(self, moment: datetime) -> bool:
        return moment.astimezone(self.zone).date() > self.today
