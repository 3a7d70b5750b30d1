from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.http import HttpRequest

from .actions import user_named
from .adapter import too_many
from .models import Clinic, Role
from .sign_ins import Attempts
from .signing_in.codes import RESETS, use_code

ROLE_WORDS = {
    Role.VIEWER: "reads",
    Role.CLINICIAN: "reads, enters results, records decisions, uploads files (consultants and clinic nurses)",
    Role.DATA_MANAGER: "reads and uploads files",
    Role.ADMINISTRATOR: "reads and manages staff; enters nothing clinical",
    Role.PRIVACY_OFFICER: "reads who looked at whom, and no page of the record",
}


def role_field() -> forms.ChoiceField:
    choices = [(role.value, f"{role.label}: {ROLE_WORDS[role]}") for role in Role]
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect)


def last_day_field() -> forms.DateField:
    return forms.DateField(
        label="Last day",
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": "Enter the date as 2026-11-23."},
        help_text="The work ends by itself when this day is over. Empty: it goes on.",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class RoleForm(forms.Form):
    role = role_field()
    ends_on = last_day_field()


class MemberForm(forms.Form):
    """A new person, or one who already has a sign-in name."""

    NEW, KNOWN = "new", "known"

    clinic = forms.ModelChoiceField(Clinic.objects.none(), empty_label=None)
    kind = forms.ChoiceField(
        label="Who is it?",
        choices=[(NEW, "A new person"), (KNOWN, "A person who already has a sign-in name here")],
        widget=forms.RadioSelect,
        initial=NEW,
    )
    username = forms.CharField(
        label="Sign-in name",
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text="Letters, digits and . - _ @ +",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    given_name = forms.CharField(max_length=150, required=False)
    family_name = forms.CharField(
        max_length=150, required=False, help_text="For a new person: shown beside everything they enter."
    )
    role = role_field()
    ends_on = last_day_field()

    def __init__(self, *args, clinics, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clinic"].queryset = Clinic.objects.filter(pk__in=[clinic.pk for clinic in clinics])
        if len(clinics) == 1:
            self.fields["clinic"].initial = clinics[0].pk
            self.fields["clinic"].widget = forms.HiddenInput()

    @property
    def is_new(self) -> bool:
        return self.cleaned_data["kind"] == self.NEW

    def clean(self) -> dict:
        cleaned = super().clean()
        username, kind = cleaned.get("username"), cleaned.get("kind")
        if username and kind == self.NEW:
            self._check_new(cleaned, username)
        elif username and kind == self.KNOWN:
            cleaned["user"] = user_named(username, exactly=True)
            if cleaned["user"] is None:
                self.add_error("username", "Nobody has exactly this sign-in name. Check the spelling.")
        return cleaned

    def _check_new(self, cleaned: dict, username: str) -> None:
        if user_named(username):
            self.add_error(
                "username",
                "This sign-in name is taken. Choose another, or say above that the person already has one.",
            )
        if not cleaned.get("family_name"):
            self.add_error("family_name", "Enter the family name.")


class NewPasswordForm(forms.Form):
    """For who came with a temporary password."""

    password1 = forms.CharField(
        label="New password",
        strip=False,
        help_text=password_validators_help_text_html,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )
    password2 = forms.CharField(
        label="New password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, user, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password1(self) -> str:
        password = self.cleaned_data["password1"]
        if self.user.check_password(password):
            raise forms.ValidationError("This is the temporary password. Choose another.")
        return get_adapter().clean_password(password, self.user)

    def clean(self) -> dict:
        cleaned = super().clean()
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", "The two passwords differ. Type the new one again.")
        return cleaned


class IssueForm(forms.Form):
    resets = forms.ChoiceField(
        label="It resets",
        choices=list(RESETS.items()),
        widget=forms.RadioSelect,
        initial="factor",
    )


class CodeForm(forms.Form):
    """A one-time code is tried as seldom as a password. Valid, it is used up."""

    login = forms.CharField(
        label="Sign-in name",
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    code = forms.CharField(
        label="One-time code",
        max_length=64,
        help_text="As it is printed; capitals, hyphens and spaces do not matter.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: object, request: HttpRequest, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.used = request, None

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        attempts = Attempts(cleaned["login"], get_adapter().get_client_ip(self.request))
        with attempts.one_by_one():
            wait = attempts.wait()
            if not wait:
                self._try(attempts, cleaned)
        if wait:
            raise too_many(wait)
        if self.used is None:
            raise forms.ValidationError("The name and the code do not go together, or the code is over.")
        return cleaned

    def _try(self, attempts: Attempts, cleaned: dict) -> None:
        self.used = use_code(name=cleaned["login"], code=cleaned["code"], request=self.request)
        if self.used:
            attempts.succeeded()
        else:
            attempts.failed()
