"""What a person says of how a sender writes, and of its tokens."""

from datetime import date
from zoneinfo import available_timezones

from django import forms

from interpretation.record import analytes
from interpretation.record.units import unit_label
from interpretation.words import day
from patients.forms.fields import DateField, EntryForm
from uploads.importers.profile import PAD
from uploads.models import SenderProfile, TokenScope

_OPEN = ("", "Not decided")
_UNIT = "unit-"
_LINE = "Write one a line: the name in the files, an equals sign, the name here."


class ProfileForm(EntryForm):
    """Of one sender, or of all senders of a clinic."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    date_order = forms.ChoiceField(
        label="Dates",
        required=False,
        choices=[_OPEN, *SenderProfile.DateOrder.choices],
        help_text="For dates that can be read two ways, such as 05/03/2026.",
    )
    decimal = forms.ChoiceField(
        label="Decimal mark",
        required=False,
        choices=[_OPEN, *SenderProfile.Decimal.choices],
        help_text="For numbers that can be read two ways, such as 1,240.",
    )
    thousands = forms.ChoiceField(
        label="Between thousands", required=False, choices=[_OPEN, *SenderProfile.Thousands.choices]
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        required=False,
        help_text="Of times that name no zone. Not decided, they are the clinic’s. A day without a time is a "
        "day of the clinic.",
    )
    mrn_zeros = forms.ChoiceField(
        label="Zeros in front of an MRN",
        required=False,
        choices=[_OPEN, *SenderProfile.Zeros.choices],
        help_text="Numbers alone: an MRN with letters stays as it is. 12345.0 is 12345 unless zeros count.",
    )
    mrn_width = forms.IntegerField(
        label="Digits of an MRN",
        required=False,
        min_value=2,
        max_value=30,
        help_text="Where zeros are filled in.",
    )
    laboratory_names = forms.CharField(
        label="Names of laboratories",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=f"{_LINE} SDL = Sunnydale Lab makes both one laboratory, so that their results of one "
        "minute are one draw. What is stored already stays as it is.",
    )

    def __init__(self, *args, profile: SenderProfile | None = None, **options) -> None:
        initial = _initial(profile or SenderProfile(version=0))
        super().__init__(*args, initial=initial | options.pop("initial", {}), **options)
        self.fields["time_zone"].choices = _zones(initial["time_zone"])
        for key, analyte in analytes.ANALYTES.items():
            units = [(unit, unit_label(unit)) for unit in analyte.choices if unit_label(unit)]
            if units:
                label = f"{analyte.name} without a unit"
                choices = [_OPEN, *units]
                self.fields[_UNIT + key] = forms.ChoiceField(label=label, required=False, choices=choices)

    @property
    def units(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(_UNIT)]

    @property
    def units_open(self) -> bool:
        """Whether a unit is said, or wrong: then the list is shown open."""
        return any(field.value() or field.errors for field in self.units)

    @property
    def said(self) -> dict:
        """For `profiles.set_profile`."""
        data = dict(self.cleaned_data)
        units = {name: data.pop(name) for name in list(data) if name.startswith(_UNIT)}
        data["default_units"] = {name.removeprefix(_UNIT): unit for name, unit in units.items() if unit}
        return data

    def clean_laboratory_names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for line in filter(None, map(str.strip, self.cleaned_data["laboratory_names"].splitlines())):
            said, equals, meant = (" ".join(part.split()) for part in line.partition("="))
            if not (said and equals and meant):
                raise forms.ValidationError(f"“{line[:60]}” does not say what is meant. {_LINE}")
            if names.setdefault(said, meant) != meant:
                raise forms.ValidationError(f"“{said[:60]}” is given two names. Keep one of the lines.")
        return names

    def clean(self) -> dict:
        data = super().clean()
        if data.get("mrn_zeros") != PAD:
            data["mrn_width"] = None
        elif not data.get("mrn_width") and "mrn_width" not in self.errors:
            self.add_error("mrn_width", "Say how many digits an MRN has.")
        return data


def _initial(profile: SenderProfile) -> dict:
    plain = ("version", "date_order", "decimal", "thousands", "time_zone", "mrn_zeros", "mrn_width")
    lines = [f"{said} = {meant}" for said, meant in profile.laboratory_names.items()]
    units = {_UNIT + key: unit for key, unit in profile.default_units.items()}
    return {name: getattr(profile, name) for name in plain} | {"laboratory_names": "\n".join(lines)} | units


def _zones(kept: str) -> list[tuple[str, str]]:
    names = {name for name in available_timezones() if "/" in name and not name.startswith("Etc/")}
    names |= {"UTC", kept} - {""}
    return [_OPEN, *((name, name.replace("_", " ")) for name in sorted(names))]


class TokenForm(EntryForm):
    """Until when a token opens; `days` are the first that can be chosen, the usual one and the latest."""

    last_day = DateField(
        label="Last day",
        error_messages={"required": "Enter the last day.", "invalid": "Enter the date as 2026-11-23."},
    )

    def __init__(self, *args: object, days: tuple[date, date, date], **options: object) -> None:
        super().__init__(*args, initial={"last_day": days[1]}, **options)
        self.first, _, self.latest = days
        self.fields[
            "last_day"
        ].help_text = f"It opens until the end of this day, {day(self.latest)} at the latest."

    def clean_last_day(self) -> date:
        chosen = self.cleaned_data["last_day"]
        if not self.first <= chosen <= self.latest:
            raise forms.ValidationError(f"Choose a day from today to {day(self.latest)}.")
        return chosen


class ReplaceTokenForm(TokenForm):
    """A token in place of another one."""

    overlap = forms.TypedChoiceField(
        label="The old one opens on for",
        coerce=int,
        choices=[(0, "no time: it ends now"), (1, "one hour"), (24, "one day"), (168, "one week")],
        initial=24,
        help_text="So that nothing is lost until the system has the new one.",
    )

    field_order = ["last_day", "overlap"]


class NewTokenForm(TokenForm):
    """What a new token opens."""

    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=TokenScope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[TokenScope.SEND_HL7],
        error_messages={"required": "Choose at least one."},
    )


class NewSenderForm(NewTokenForm):
    """A system that is new, with its first token."""

    name = forms.CharField(
        max_length=60,
        help_text="Such as the laboratory’s; it stands beside what the system sends.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    authority = forms.CharField(
        label="Authority of its numbers",
        max_length=120,
        required=False,
        help_text="Only numbers of this authority (PID-3.4) are MRNs of the clinic. Empty: the first number is.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    field_order = ["name", "scopes", "last_day", "authority"]
