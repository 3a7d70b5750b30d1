"""The form of one draw: when and where it was taken, and a row for every test."""

from datetime import datetime

from django import forms
from django.utils import timezone

from interpretation.record.date_alone import DateAlone
from patients.actions.anticoagulant import AnticoagulantSaid
from patients.forms.anticoagulant import AnticoagulantForm
from patients.forms.fields import EntryForm, WrittenTimeField
from patients.forms.rows import DrawFormRow, read_rows
from patients.models import Draw
from patients.values.dates import read_day
from patients.values.validation import CheckedResult
from patients.words import full_day, moment_read

METHODS = {
    "": "Laboratory (venous blood)",
    "point_of_care": "Point of care (finger prick)",
    "whole_blood": "Whole blood",
}
# Either is read against the INR.
ENZYMES = ("ALT", "AST")
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

    # Never filled in silently: a draw of last week entered as one of now would turn the course around.
    taken_at = WrittenTimeField(label="Taken at", error_messages={"required": "Enter when it was taken."})
    # Offered beside a day that is typed without its hour.
    no_hour = forms.BooleanField(required=False)
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
    pasted = forms.CharField(
        label="Text of the report",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text="Lines as the laboratory’s system shows them, two columns, or one row of a spreadsheet "
        "below its header. It fills the fields below; nothing is stored before you have looked.",
    )
    pasted_before = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, patient, rows: list[DrawFormRow], draw: Draw | None = None, **options) -> None:
        super().__init__(*args, zone=patient.clinic.zone, **options)
        self.patient, self.rows, self.draw = patient, rows, draw
        self.readings: list[CheckedResult] = []
        self.read_at: datetime | None = None if self.is_bound else self.initial.get("taken_at")
        self.pair_lacks, self.taken_over, self.comes_back = "", None, False
        # Asked with a new draw only.
        data = self.data if self.is_bound else None
        self.anticoagulant = AnticoagulantForm(data, patient=patient) if draw is None else None
        self._offer_methods()
        self._leave_out(["reason"] if draw is None else ["pasted", "pasted_before"])
        self.fields["taken_at"].takes_day = self.without_hour
        self.fields["taken_at"].widget.attrs["aria-describedby"] = "entry-taken_at-say"
        if draw is None and not self.is_bound:
            self.fields["taken_at"].widget.attrs["autofocus"] = True

    def _leave_out(self, names: list[str]) -> None:
        for name in names:
            del self.fields[name]

    def _offer_methods(self) -> None:
        stored = self.draw.method if self.draw else ""
        methods = METHODS if stored in METHODS else METHODS | {stored: stored}
        self.fields["method"].choices = list(methods.items())
        problem = self.initial.get("sample_problem", "")
        known = self.fields["sample_problem"].choices
        if problem and problem not in dict(known):
            self.fields["sample_problem"].choices = [*known, (problem, problem)]

    def clean_taken_at(self) -> datetime:
        taken_at = self.read_at = self.cleaned_data["taken_at"]
        if self.draw is not None and isinstance(taken_at, DateAlone) != self.draw.hour_known:
            taken_at = self.unless_same_minute("taken_at", taken_at)
        if taken_at > timezone.now():
            raise forms.ValidationError("The draw lies in the future.", "future")
        day, died_on = taken_at.astimezone(self.zone).date(), self.patient.died_on
        if day < self.patient.birth_date:
            raise forms.ValidationError("The draw was taken before the patient was born.", "before_birth")
        if died_on and day > died_on and (self.draw is None or taken_at != self.draw.taken_at):
            sentence = (
                f"The draw was taken after the recorded death on {full_day(died_on)}: it is another "
                "patient’s, or the date of death is wrong. Correct the date of death first."
            )
            raise forms.ValidationError(sentence, "after_death")
        return taken_at

    def clean(self) -> dict:
        data = super().clean()
        self.readings = read_rows(self.rows, self.patient, data.get("taken_at"), self.draw)
        if not any(row.value.strip() for row in self.rows):
            self.add_error(None, forms.ValidationError("Enter at least one result.", "empty"))
        return data

    def is_valid(self) -> bool:
        # Only the page of a new draw asks, and once.
        self.pair_lacks = lacking_of_pair(self.rows) if self.data.get("pair") == "ask" else ""
        valid = super().is_valid() and not self.open_rows and not self.pair_lacks
        return valid and (self.anticoagulant is None or self.anticoagulant.is_valid())

    @property
    def said(self) -> AnticoagulantSaid | None:
        """What else was said of an anticoagulant than was known; None where nothing was."""
        return self.anticoagulant.words if self.anticoagulant.is_changed else None

    @property
    def pair_question(self) -> str:
        if not self.pair_lacks:
            return ""
        return f"No {self.pair_lacks} with this draw: the pair is what the verdict rests on. Save without it?"

    @property
    def pair(self) -> str:
        """Goes with the page: "ask" until the question was shown."""
        return "asked" if self.pair_lacks or self.data.get("pair") == "asked" else "ask"

    @property
    def time_said(self) -> str:
        """The time of the draw as it was read, "" where none could be."""
        if self.read_at is None:
            return ""
        alone = isinstance(self.read_at, DateAlone)
        at = self.read_at if alone else self.read_at.astimezone(self.zone)
        return moment_read(at, timezone.now().astimezone(self.zone))

    @property
    def without_hour(self) -> bool:
        """Whether somebody says that the hour is not known."""
        return bool(self.data.get("no_hour") if self.is_bound else self.initial.get("no_hour"))

    @property
    def asks_hour(self) -> bool:
        """Whether a day stands there without its hour."""
        if not self.is_bound:
            return self.without_hour
        return read_day(self.data.get("taken_at", "")) is not None

    @property
    def open_rows(self) -> list[DrawFormRow]:
        """Rows that keep the draw from being stored."""
        return [row for row in self.rows if row.open_problems]

    @property
    def groups(self) -> list[tuple[str, list[DrawFormRow]]]:
        names = list(dict.fromkeys(row.group for row in self.rows))
        return [(name, [row for row in self.rows if row.group == name]) for name in names]


def lacking_of_pair(rows: list[DrawFormRow]) -> str:
    """Which of the pair is missing where only one was measured: "INR", "ALT" or ""."""
    filled = {row.key for row in rows if row.value.strip()}
    if filled.isdisjoint(ENZYMES):
        return "ALT" if "INR" in filled else ""
    return "" if "INR" in filled else "INR"
