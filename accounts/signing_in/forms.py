"""Codes of a second factor, tried as seldom as passwords from whatever address; and what a passkey answers."""

import struct

from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, LoginWebAuthnForm
from cryptography.exceptions import InvalidSignature
from django.core.exceptions import ValidationError

from accounts.adapter import too_many
from accounts.sign_ins import Attempts

# What the reader of passkeys raises over an answer that is none, or is signed by another key.
UNREADABLE = (
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
    struct.error,
    InvalidSignature,
    ValidationError,
)
NO_PASSKEY = "This passkey is not known here, or its answer came too late. Try again."


class TriedSeldom:
    """Whoever comes here has the password: a wait that doubles for the person, not for the address."""

    def clean_code(self) -> str:
        place = f"second factor of {self.user.pk}"
        attempts, refused = Attempts(place, place), None
        with attempts.one_by_one():
            wait = attempts.wait()
            if not wait:
                refused = self._try(attempts)
        # After the transaction, which an error would take back.
        if wait:
            raise too_many(wait)
        if refused:
            raise refused
        return self.cleaned_data["code"]

    def _try(self, attempts: Attempts) -> ValidationError | None:
        try:
            super().clean_code()
        except ValidationError as error:
            attempts.failed()
            return error
        attempts.succeeded()
        return None


class FactorForm(TriedSeldom, AuthenticateForm):
    pass


class NewAppForm(TriedSeldom, ActivateTOTPForm):
    pass


class Read:
    """Whatever is sent in place of a passkey's answer is refused with a sentence."""

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except UNREADABLE as error:
            raise ValidationError(NO_PASSKEY, "no_passkey") from error


class PasskeyForm(Read, AuthenticateWebAuthnForm):
    pass


class PasskeyAloneForm(Read, LoginWebAuthnForm):
    pass


class NewPasskeyForm(AddWebAuthnForm):
    def clean(self) -> dict:
        try:
            return super().clean()
        except UNREADABLE as error:
            raise ValidationError(NO_PASSKEY, "no_passkey") from error
