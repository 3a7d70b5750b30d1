"""What an administrator says of the clinic."""

from zoneinfo import available_timezones

from django import forms
from django.conf import settings

from accounts.models import MOST_HOURS, Clinic
from interpretation.record.analytes import ANALYTES
from interpretation.record.units import unit_label
from interpretation.words import listed
from patients.forms.fields import EntryForm


class ClinicForm(EntryForm):
    name = forms.CharField(max_length=120, error_messages={"required": "Enter the clinic’s name."})
    time_zone = forms.ChoiceField(
        label="Time zone",
        help_text="Stored times stay the same moments. Pages show them, and count days, by the clocks of this zone; "
        "the worklist is read anew.",
    )
    display_units = forms.ChoiceField(label="Units", choices=Clinic.Units)
    chart_scale = forms.ChoiceField(
        label="Charts open with enzymes in",
        choices=Clinic.Scale,
        required=False,
        help_text="Whoever looks can choose another scale.",
    )
    notice_hours = forms.IntegerField(
        label="Hours until an untaken notice stands on every page",
        required=False,
        min_value=1,
        max_value=MOST_HOURS,
        error_messages={"invalid": "Enter a whole number of hours."},
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        kept = {"UTC", self.initial["time_zone"]}
        names = {name for name in available_timezones() if "/" in name and not name.startswith("Etc/")}
        self.fields["time_zone"].choices = [(name, name.replace("_", " ")) for name in sorted(names | kept)]
        self.fields[
            "display_units"
        ].help_text = f"Conventional: {conventional()}. The rest is the same in both."
        self.fields[
            "notice_hours"
        ].help_text = f"1 to {MOST_HOURS}. Empty: as the installation says, {settings.NOTICE_HOURS}."


def conventional() -> str:
    """ "creatinine in mg/dL, ..."."""
    return listed(
        f"{analyte.name} in {unit_label(analyte.conventional_unit)}"
        for analyte in ANALYTES.values()
        if analyte.conventional_unit
    )
