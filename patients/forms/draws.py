"""The form of one draw: when and where it was taken, and a row for every test."""

from django import forms
from django.utils import timezone

from patients.forms.fields import ClinicTimeField, EntryForm
from patients.forms.rows import Row, read_rows
from patients.models import Draw
from patients.readings import Reading

METHODS = {
    "": "Laboratory (venous blood)",
    "point_of_care": "Point of care (finger prick)",
    "whole_blood": "Whole blood",
}
SAMPLE_PROBLEMS = (
    "Haemolysed",
    "Clotted",
    "Underfilled tube",
    "Drawn from a heparin line",
    "High haematocrit, citrate not adjusted",
    "Assay interference",
    "Late at the laboratory",
    "Other",
)


class DrawForm(EntryForm):
    """Binds the fields of the draw; `rows` are bound beside it and come from `forms.rows`."""

    taken_at = ClinicTimeField(label="Taken at", error_messages={"required": "Enter when it was taken."})
    laboratory = forms.CharField(
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"list": "entry-laboratories", "autocomplete": "off"}),
    )
    method = forms.ChoiceField(label="Method", required=False)
    sample_problem = forms.ChoiceField(
        label="Sample problem",
        required=False,
        choices=[("", "None known"), *((words, words) for words in SAMPLE_PROBLEMS)],
        help_text="Marks the sample: its INR is then not interpreted.",
    )
    note = forms.CharField(max_length=Draw._meta.get_field("note").max_length, required=False)
    reason = forms.CharField(
        label="Reason for the correction",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, patient, rows: list[Row], draw: Draw | None = None, **options):
        super().__init__(*args, zone=patient.clinic.zone, **options)
        self.patient, self.rows, self.draw = patient, rows, draw
        self.readings: list[Reading] = []
        self._offer_methods()
        if draw is None:
            del self.fields["reason"]

    def _offer_methods(self) -> None:
        stored = self.draw.method if self.draw else ""
        methods = METHODS if stored in METHODS else METHODS | {stored: stored}
        self.fields["method"].choices = list(methods.items())
        problem = self.initial.get("sample_problem", "")
        known = self.fields["sample_problem"].choices
        if problem and problem not in dict(known):
            self.fields["sample_problem"].choices = [*known, (problem, problem)]

    def clean_taken_at(self):
        taken_at = self.cleaned_data["taken_at"]
        if self.draw is not None:
            taken_at = self.unless_same_minute("taken_at", taken_at)
        if taken_at > timezone.now():
            raise forms.ValidationError("The draw lies in the future.", "future")
        day, died_on = taken_at.astimezone(self.zone).date(), self.patient.died_on
        if day < self.patient.birth_date:
            raise forms.ValidationError("The draw was taken before the patient was born.", "before_birth")
        if died_on and day > died_on and (self.draw is None or taken_at != self.draw.taken_at):
            sentence = (
                f"The draw was taken after the recorded death on {died_on:%-d %B %Y}: it is another "
                "patient’s, or the date of death is wrong. Correct the date of death first."
            )
            raise forms.ValidationError(sentence, "after_death")
        return taken_at

    def clean(self):
        data = super().clean()
        self.readings = read_rows(self.rows, self.patient, data.get("taken_at"), self.draw)
        if not any(row.value.strip() for row in self.rows):
            self.add_error(None, forms.ValidationError("Enter at least one result.", "empty"))
        return data

    def is_valid(self):
        return super().is_valid() and not self.open_rows

    @property
    def open_rows(self) -> list[Row]:
        """Rows that keep the draw from being stored."""
        return [row for row in self.rows if row.open_problems]

    @property
    def groups(self) -> list[tuple[str, list[Row]]]:
        names = list(dict.fromkeys(row.group for row in self.rows))
        return [(name, [row for row in self.rows if row.group == name]) for name in names]
