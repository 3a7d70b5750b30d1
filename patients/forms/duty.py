"""Who is on duty for the notices, from when until when."""

from django import forms

from accounts.models import Clinic
from accounts.permissions import Can, people_who

from .fields import ClinicTimeField, EntryForm


class DutyForm(EntryForm):
    user = forms.ModelChoiceField(None, label="Who", error_messages={"required": "Choose a person."})
    starts_at = ClinicTimeField(label="From", error_messages={"required": "Say from when."})
    ends_at = ClinicTimeField(label="Until", error_messages={"required": "Say until when."})

    def __init__(self, *args, clinic: Clinic, **options) -> None:
        super().__init__(*args, zone=clinic.zone, auto_id=f"duty-{clinic.code}-%s", **options)
        self.clinic = clinic
        self.fields["user"].queryset = people_who(Can.DECIDE, clinic)
