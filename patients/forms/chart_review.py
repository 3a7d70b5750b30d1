"""A new chart review, and the answers of a reviewer."""

from random import SystemRandom

from django import forms

from accounts.models import Clinic
from accounts.permissions import Can, people_who
from patients.chart_review.words import CAUSES, CONFIDENCE, DISSOCIATION, URGENCY

from .fields import DateField, EntryForm

CHOOSE = {"required": "Choose a person."}
MOST_SEED = 2**31 - 1


class ReviewForm(EntryForm):
    name = forms.CharField(label="Name", max_length=80, error_messages={"required": "Name the review."})
    since = DateField(label="Draws since")
    size = forms.IntegerField(label="Draws", min_value=4, max_value=200)
    seed = forms.IntegerField(
        label="Seed",
        min_value=0,
        max_value=MOST_SEED,
        help_text="The same seed draws the same sample again.",
    )
    first = forms.ModelChoiceField(None, label="First reviewer", error_messages=CHOOSE)
    second = forms.ModelChoiceField(None, label="Second reviewer", error_messages=CHOOSE)
    decider = forms.ModelChoiceField(None, label="Decides where they differ", error_messages=CHOOSE)

    def __init__(self, *args, clinic: Clinic, **options) -> None:
        super().__init__(*args, zone=clinic.zone, **options)
        self.clinic = clinic
        for name in ("first", "second", "decider"):
            self.fields[name].queryset = people_who(Can.DECIDE, clinic)
        self.initial.setdefault("seed", SystemRandom().randrange(1_000_000))

    def clean(self) -> dict:
        data = super().clean()
        people = [data.get(name) for name in ("first", "second", "decider")]
        if None not in people and len(set(people)) < len(people):
            self.add_error("decider", "Two reviewers and who decides are three people.")
        return data

    @property
    def people(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("first", "second", "decider")}


class LabelForm(forms.Form):
    """What a reviewer is asked; read from the page and from a file alike."""

    dissociation = forms.ChoiceField(
        label="Do the enzymes fall while the INR rises, so that somebody must act?",
        choices=[(word, word.capitalize()) for word in DISSOCIATION.values()],
        widget=forms.RadioSelect,
        error_messages={"required": "Answer yes or no.", "invalid_choice": "Answer yes or no."},
    )
    urgency = forms.ChoiceField(
        label="How soon?",
        choices=list(URGENCY.items()),
        widget=forms.RadioSelect,
        error_messages={
            "required": "Say how soon.",
            "invalid_choice": f"One of {', '.join(URGENCY)}.",
        },
    )
    cause = forms.ChoiceField(
        label="Likeliest cause of the INR",
        choices=[("", "Choose"), *CAUSES.items()],
        error_messages={"required": "Choose a cause.", "invalid_choice": f"One of {', '.join(CAUSES)}."},
    )
    confidence = forms.TypedChoiceField(
        label="How sure?",
        coerce=int,
        choices=list(CONFIDENCE.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Say how sure.", "invalid_choice": "1, 2 or 3."},
    )
    note = forms.CharField(label="Note", max_length=500, required=False)

    def clean_dissociation(self) -> bool:
        return self.cleaned_data["dissociation"] == DISSOCIATION[True]
