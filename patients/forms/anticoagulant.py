"""What a person says of an anticoagulant: none, which since when, or not known; a part of the draw form too."""

from datetime import date, datetime, time
from functools import cached_property

from django import forms

from interpretation.words import day
from patients.actions.anticoagulant import (
    NONE,
    TAKING,
    UNKNOWN,
    AnticoagulantSaid,
    is_going_on,
    name_of,
    standing_events,
)
from patients.forms.fields import DateField, EntryForm
from patients.models import Event, Patient
from patients.values.anticoagulants import KINDS
from patients.words import EVENT_NAMES

# A radio button needs a value of its own for "not known".
NOT_KNOWN = "unknown"
# The drug that is recorded already.
RECORDED = "recorded"
CHOICES = [(NONE, "none"), (TAKING, "taking"), (NOT_KNOWN, "not known")]
DRUGS = [(f"{kind} {name}", name) for name, kind in KINDS.items()]
OTHERS = [
    (kind, f"another {name[:1].lower()}{name[1:]}")
    for kind, name in EVENT_NAMES.items()
    if kind in KINDS.values()
]


class AnticoagulantForm(EntryForm):
    """`standing`: the anticoagulants that are recorded and not stopped for sure, where the caller has them."""

    said = forms.ChoiceField(label="Anticoagulant", choices=CHOICES, widget=forms.RadioSelect, required=False)
    drug = forms.ChoiceField(label="Which", required=False)
    since = DateField(label="Since", required=False, help_text="About is enough.")
    stopped_on = DateField(label="Stopped on", required=False)
    stop_confirmed = forms.BooleanField(
        label="The stop is confirmed by patient, carer or ward", required=False
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, patient: Patient, standing: list[Event] | None = None, **options) -> None:
        initial = {"said": patient.anticoagulant or NOT_KNOWN, "seen": _token(patient)}
        if patient.anticoagulant == TAKING:
            initial["drug"] = RECORDED
        options = {"prefix": "anticoagulant", "zone": patient.clinic.zone, "initial": initial, **options}
        super().__init__(*args, **options)
        self.patient = patient
        if standing is not None:
            self.standing = standing
        self.fields["drug"].choices = self._drugs

    @cached_property
    def standing(self) -> list[Event]:
        # Asked of the record where a drug may stand there: whatever else does, the action refuses by name.
        if not self.is_bound and self.patient.anticoagulant != TAKING:
            return []
        return list(standing_events(self.patient))

    @property
    def recorded(self) -> str:
        """ "warfarin since 3 May 2025": what is recorded, "" for nothing."""
        names = (f"{name_of(e)} since {day(e.started_at.astimezone(self.zone))}" for e in self.standing)
        return ", ".join(names)

    @property
    def is_changed(self) -> bool:
        """Whether anything else is said than the form was opened with."""
        opened = self.initial if self["seen"].value() else {"said": NOT_KNOWN}
        return any(self[name].value() not in (None, "", False, opened.get(name)) for name in WRITTEN)

    @property
    def says_something(self) -> bool:
        """Of a form that is valid: that nothing is known says nothing where nothing was."""
        said = self.cleaned_data["said"]
        return bool(said) and (said != NOT_KNOWN or bool(self.patient.anticoagulant))

    @property
    def words(self) -> AnticoagulantSaid:
        """What was said, of a form that is valid and says something."""
        data = self.cleaned_data
        kind, _, label = data["drug"].partition(" ") if data["said"] == TAKING else ("", "", "")
        return AnticoagulantSaid(
            status=UNKNOWN if data["said"] == NOT_KNOWN else data["said"],
            kind="" if kind == RECORDED else kind,
            label=label,
            since=self._moment(data["since"]),
            stopped_at=self._moment(data["stopped_on"]),
            seen=datetime.fromisoformat(data["seen"]) if data["seen"] else None,
        )

    def clean_seen(self) -> str:
        try:
            return (
                datetime.fromisoformat(self.cleaned_data["seen"]).isoformat()
                if self.cleaned_data["seen"]
                else ""
            )
        except ValueError:
            raise forms.ValidationError("Open this form again.") from None

    def clean_since(self) -> date | None:
        return self._past("since")

    def clean_stopped_on(self) -> date | None:
        return self._past("stopped_on")

    def clean(self) -> dict:
        data = super().clean()
        if self.is_changed:
            self._check_stop(data)
            if data.get("said") == TAKING:
                self._check_drug(data)
            elif data.get("drug") not in ("", RECORDED, None):
                self.add_error("said", "A drug is chosen: choose “taking” too, or no drug.")
        return data

    def refuse(self, sentence: str, field: str = "") -> None:
        """Somebody else has said something meanwhile: storing this again is then a choice."""
        if field == "seen":
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = _token(self.patient)
        self.add_error(field if field in ("drug", "since", "stopped_on") else "said", sentence)

    def _drugs(self) -> list:
        recorded = [(RECORDED, f"{self.recorded} (recorded)")] if any(map(is_going_on, self.standing)) else []
        return [("", "Choose"), *recorded, *DRUGS, *OTHERS]

    def _check_drug(self, data: dict) -> None:
        if not data.get("drug"):
            if "drug" not in self.errors:
                self.add_error("drug", "Choose which anticoagulant is taken.")
        elif data["drug"] == RECORDED and data.get("stopped_on"):
            self.add_error("said", "Choose “none”, or which other anticoagulant is taken now.")
        elif data["drug"] != RECORDED and not data.get("since") and "since" not in self.errors:
            self.add_error("since", "Enter since when; about is enough.")

    def _check_stop(self, data: dict) -> None:
        stopped, confirmed = data.get("stopped_on"), data.get("stop_confirmed")
        needs = self.standing and data.get("said") in (NONE, NOT_KNOWN)
        if (needs or confirmed) and not stopped and "stopped_on" not in self.errors:
            self.add_error(
                "stopped_on", f"{self.recorded or 'Nothing'} is recorded. Enter when it was stopped."
            )
        elif stopped and not confirmed:
            self.add_error(
                "stop_confirmed", "Confirm that the drug was stopped then, or leave the day empty."
            )
        elif stopped and any(stopped < e.started_at.astimezone(self.zone).date() for e in self.standing):
            self.add_error("stopped_on", "The stop is before the start.")

    def _past(self, name: str) -> date | None:
        value = self.cleaned_data[name]
        if value and value > self.today:
            raise forms.ValidationError("This day lies in the future.")
        if value and value < self.patient.birth_date:
            raise forms.ValidationError("This day lies before the date of birth.")
        return value

    def _moment(self, value: date | None) -> datetime | None:
        return datetime.combine(value, time(), self.zone) if value else None


# What a person fills in.
WRITTEN = ("said", "drug", "since", "stopped_on", "stop_confirmed")


def _token(patient: Patient) -> str:
    """When what is shown was said."""
    return patient.anticoagulant_said_at.isoformat() if patient.anticoagulant_said_at else ""
