"""Forms of meetings: the plan, an action."""

from datetime import datetime

from django import forms
from django.db.models import QuerySet

from accounts.models import Clinic, User
from accounts.permissions import Can, people_who
from interpretation.record.analytes import ANALYTES
from meetings.models import Action, Meeting
from patients.forms.fields import ClinicTimeField, DateField, EntryForm, WrittenTimeField

# What a meeting usually asks to be repeated, in the order of the checklist.
TESTS = ("INR", "ALT", "AST", "bilirubin_total", "albumin", "platelets", "ALP", "GGT", "creatinine", "afp")


def _length(model, field: str) -> int:
    return model._meta.get_field(field).max_length


class PeopleChoice(forms.ModelMultipleChoiceField):
    def label_from_instance(self, user: User) -> str:
        return str(user)


class PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, user: User) -> str:
        return str(user)


def staff_of(clinic: Clinic) -> QuerySet[User]:
    return people_who(Can.READ, clinic)


class MeetingForm(EntryForm):
    title = forms.CharField(
        max_length=_length(Meeting, "title"), error_messages={"required": "Give the meeting a title."}
    )
    starts_at = ClinicTimeField(
        label="Date and time", error_messages={"required": "Enter the date and the time."}
    )
    place = forms.CharField(label="Place", max_length=_length(Meeting, "place"), required=False)
    chair = PersonChoice(
        queryset=User.objects.none(),
        empty_label="Choose",
        help_text="A clinician. Only the chair or a clinic administrator can close the meeting.",
        error_messages={"required": "Choose the chair.", "invalid_choice": "Choose a clinician."},
    )
    every_weeks = forms.IntegerField(
        label="Comes back every … weeks",
        min_value=1,
        max_value=52,
        required=False,
        help_text="Leave empty for a single meeting.",
        error_messages={
            "min_value": "A meeting comes back after 1 to 52 weeks.",
            "max_value": "A meeting comes back after 1 to 52 weeks.",
        },
    )
    attendees = PeopleChoice(
        queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple, required=False, label="Attendees"
    )
    guests = forms.CharField(
        label="Guests without a sign-in", max_length=_length(Meeting, "guests"), required=False
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, clinic: Clinic, **options) -> None:
        super().__init__(*args, zone=clinic.zone, **options)
        staff = staff_of(clinic)
        self.fields["attendees"].queryset = staff
        self.fields["chair"].queryset = people_who(Can.DECIDE, clinic)

    def clean_starts_at(self) -> datetime:
        return self.unless_same_minute("starts_at", self.cleaned_data["starts_at"])

    def plan(self) -> dict:
        names = ("title", "starts_at", "place", "chair", "guests", "every_weeks", "attendees")
        return {name: self.cleaned_data[name] for name in names}


class HeldForm(EntryForm):
    """From when until when people sat together, to the minute on the clinic's clock."""

    held_from = WrittenTimeField(label="Began", error_messages={"required": "Enter when the meeting began."})
    held_until = WrittenTimeField(label="Ended", error_messages={"required": "Enter when the meeting ended."})

    def __init__(self, *args, clinic: Clinic, **options) -> None:
        super().__init__(*args, zone=clinic.zone, **options)

    @property
    def sentence(self) -> str:
        return " ".join(error for errors in self.errors.values() for error in errors)

    def held(self) -> tuple[datetime, datetime]:
        """A time that was left as proposed keeps its seconds; within one minute the end is not before the start."""
        began, ended = (self.unless_same_minute(name, self.cleaned_data[name]) for name in self.fields)
        same_minute = f"{began:%F %H:%M}" == f"{ended.astimezone(began.tzinfo):%F %H:%M}"
        return began, max(began, ended) if same_minute else ended


class ActionForm(EntryForm):
    """`kind` says what is needed: words for a task, tests for a repeat."""

    kind = forms.ChoiceField(choices=Action.Kind, label="Kind", initial=Action.Kind.TASK)
    text = forms.CharField(max_length=_length(Action, "text"), required=False, label="What")
    tests = forms.MultipleChoiceField(
        choices=[(key, ANALYTES[key].short) for key in TESTS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    owner = PersonChoice(
        queryset=User.objects.none(),
        empty_label=None,
        error_messages={"required": "Choose who does this.", "invalid_choice": "Choose who does this."},
    )
    due_on = DateField(
        label="Due",
        error_messages={"required": "Enter the day until which.", "invalid": "Enter the date as 2026-11-23."},
    )

    def __init__(self, *args, clinic: Clinic, **options) -> None:
        super().__init__(*args, zone=clinic.zone, **options)
        self.fields["owner"].queryset = staff_of(clinic)

    @property
    def sentence(self) -> str:
        """What is wrong, in one line."""
        return " ".join(error for errors in self.errors.values() for error in errors)


class PassOnForm(EntryForm):
    owner = ActionForm.base_fields["owner"]
    due_on = ActionForm.base_fields["due_on"]
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, clinic: Clinic, **options) -> None:
        super().__init__(*args, zone=clinic.zone, **options)
        self.fields["owner"].queryset = staff_of(clinic)
