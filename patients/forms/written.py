"""Forms of concerns and notes."""

from django import forms

from accounts.models import User
from patients.actions.written.concerns import REASON_LENGTH
from patients.actions.written.notes import TEXT_LENGTH
from patients.forms.fields import DateField, EntryForm, WithdrawForm

# Their own names on the page: an entry form may be open above.
AUTO_ID = "written-%s"


class ConcernForm(EntryForm):
    reason = forms.CharField(
        label="Concern", max_length=REASON_LENGTH, error_messages={"required": "Say what the concern is."}
    )
    owner = forms.ChoiceField(label="Owner", error_messages={"required": "Choose who follows it."})
    starts_on = DateField(
        label="Since",
        error_messages={"required": "Enter the day.", "invalid": "Enter the date as 2026-11-23."},
    )

    def __init__(self, *args, owners=(), me=None, **options) -> None:
        super().__init__(*args, auto_id=AUTO_ID, **options)
        self.owners = {str(user.pk): user for user in owners}
        self.fields["owner"].choices = [
            (pk, str(user) + (" (me)" if user == me else "")) for pk, user in self.owners.items()
        ]

    def clean_owner(self) -> User:
        return self.owners[self.cleaned_data["owner"]]


class NoteForm(EntryForm):
    text = forms.CharField(
        label="Note",
        max_length=TEXT_LENGTH,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": "Write something first."},
    )

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, auto_id=AUTO_ID, **options)


class EndForm(WithdrawForm):
    """Why a concern is closed, or a note struck out."""

    def __init__(self, *args, label: str, **options) -> None:
        super().__init__(*args, auto_id=AUTO_ID, **options)
        self.fields["reason"].label = label
