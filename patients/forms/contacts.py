"""Forms beside the checklist: an attempt to reach the patient, and leaving the patient out of monitoring."""

from datetime import date

from django import forms

from accounts.models import User
from patients.actions.contacts import LONGEST_WAIT, NOTE_LENGTH
from patients.forms.fields import DateField, EntryForm, WithdrawForm
from patients.models import Contact
from patients.models.contacts import DIED
from patients.words import LEFT_OUT_NAMES

# Their own names on the page: an entry form may be open above.
AUTO_ID = "contact-%s"
DAY_ERRORS = {"required": "Enter the day.", "invalid": "Enter the date as 2026-11-23."}


class ContactForm(EntryForm):
    kind = forms.ChoiceField(label="How", choices=Contact.Kind.choices)
    outcome = forms.ChoiceField(
        label="What came of it", choices=[("", "Choose"), *Contact.Outcome.choices], required=False
    )
    made_on = DateField(label="On", error_messages=DAY_ERRORS)
    next_on = DateField(
        label="Next attempt on",
        required=False,
        help_text="Without a day, whoever is overdue stays on the list to contact.",
    )
    owner = forms.ChoiceField(label="Owner of the next attempt", required=False)
    note = forms.CharField(max_length=NOTE_LENGTH, required=False)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, owners=(), me=None, **options) -> None:
        super().__init__(*args, auto_id=AUTO_ID, **options)
        self.owners, self.me = {str(user.pk): user for user in owners}, me
        names = {pk: str(user) + (" (me)" if user == me else "") for pk, user in self.owners.items()}
        self.fields["owner"].choices = [("", "Nobody"), *names.items()]

    def clean_made_on(self) -> date:
        made_on = self.cleaned_data["made_on"]
        if made_on > self.today:
            raise forms.ValidationError("This day lies in the future.")
        return made_on

    def clean_next_on(self) -> date | None:
        next_on = self.cleaned_data["next_on"]
        if next_on and next_on < self.today:
            raise forms.ValidationError("This day has passed: choose today or a later one.")
        if next_on and next_on > self.today + LONGEST_WAIT:
            raise forms.ValidationError("Choose a day within a year.")
        return next_on

    def clean_owner(self) -> User | None:
        return self.owners.get(self.cleaned_data["owner"])

    def clean(self) -> dict:
        data = super().clean()
        self._check_outcome(data)
        if data.get("next_on") and not data.get("owner") and "owner" not in self.errors:
            self.add_error("owner", "Choose who makes the next attempt.")
        if data.get("owner") and not data.get("next_on") and "next_on" not in self.errors:
            if data["owner"] != self.me:
                self.add_error("next_on", "Choose the day of the next attempt, or no owner.")
            # The form offers the person who types; without a day that says nothing.
            data["owner"] = None
        return data

    def _check_outcome(self, data: dict) -> None:
        kind, outcome = data.get("kind"), data.get("outcome")
        if kind == Contact.Kind.PLAN and outcome:
            self.add_error("outcome", "A plan has no outcome yet: choose how the patient was contacted.")
        elif kind == Contact.Kind.PLAN and not data.get("next_on") and "next_on" not in self.errors:
            self.add_error("next_on", "A plan needs the day of the next attempt.")
        elif kind and kind != Contact.Kind.PLAN and not outcome:
            self.add_error("outcome", "Choose what came of it.")
        if outcome == Contact.Outcome.OTHER and not data.get("note") and "note" not in self.errors:
            self.add_error("note", "Say in the note what came of it.")


class LeftOutForm(EntryForm):
    reason = forms.ChoiceField(
        label="Reason",
        choices=[("", "Choose"), *LEFT_OUT_NAMES.items()],
        error_messages={"required": "Choose why the patient is left out."},
    )
    starts_on = DateField(
        label="Since, or day of death",
        error_messages=DAY_ERRORS,
        help_text="A death is stored as the patient's date of death.",
    )
    ends_on = DateField(
        label="Until, last day", required=False, help_text="Leave empty while nobody can say until when."
    )
    note = forms.CharField(max_length=NOTE_LENGTH, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, auto_id=AUTO_ID, **options)

    def clean_starts_on(self) -> date:
        starts_on = self.cleaned_data["starts_on"]
        if starts_on > self.today:
            raise forms.ValidationError("This day lies in the future.")
        return starts_on

    def clean(self) -> dict:
        data = super().clean()
        start, end = data.get("starts_on"), data.get("ends_on")
        if start and end and end < start:
            self.add_error("ends_on", "The last day is before the first.")
        elif end and end < self.today:
            self.add_error("ends_on", "The last day has passed already: nothing would change.")
        if data.get("reason") == DIED:
            if end:
                self.add_error("ends_on", "A death has no last day.")
            if data.get("note"):
                sentence = "Only the date of death is stored: leave this empty, or add an event."
                self.add_error("note", sentence)
        return data


class LiftForm(WithdrawForm):
    def __init__(self, *args, **options) -> None:
        super().__init__(*args, auto_id=AUTO_ID, **options)
        self.fields["reason"].label = "Why monitoring goes on"


class ContactWithdrawForm(WithdrawForm):
    def __init__(self, *args, **options) -> None:
        super().__init__(*args, auto_id=AUTO_ID, **options)
