"""Second factors: who must have one, who has one, and how often a code may be tried."""

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import InvalidToken
from django.http import HttpRequest

from accounts.ciphers import cipher
from accounts.models import Clinic, Role, User
from accounts.permissions import memberships_of

Type = Authenticator.Type
WORDS = {Type.TOTP: "authenticator app", Type.WEBAUTHN: "passkey", Type.RECOVERY_CODES: "recovery code"}
REQUIRED_OF = {
    Clinic.SecondFactor.NOBODY: frozenset(),
    Clinic.SecondFactor.MANAGERS: frozenset({Role.ADMINISTRATOR, Role.DATA_MANAGER}),
    Clinic.SecondFactor.EVERYBODY: frozenset(Role),
}
NAME = "Liver dissociation"


def must_have(user: User) -> bool:
    """Whether any clinic of theirs asks it of their role."""
    return any(one.role in REQUIRED_OF[one.clinic.second_factor] for one in memberships_of(user))


def has_one(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=[Type.TOTP, Type.WEBAUTHN]).exists()


def factors_of(user: User) -> dict:
    """The authenticator app, the passkeys, and how many recovery codes are left (None: there are none)."""
    found = list(Authenticator.objects.filter(user=user).order_by("pk"))
    codes = next((one.wrap() for one in found if one.type == Type.RECOVERY_CODES), None)
    return {
        "app": next((one for one in found if one.type == Type.TOTP), None),
        "passkeys": [one for one in found if one.type == Type.WEBAUTHN],
        "codes_left": len(codes.get_unused_codes()) if codes else None,
    }


def lacks_one(request: HttpRequest) -> bool:
    """Must have one and has none; who comes by the hospital's sign-in has shown one there."""
    return must_have(request.user) and not by_provider(request, request.user) and not has_one(request.user)


def by_provider(request: HttpRequest, user: User) -> bool:
    records = get_authentication_records(request, user)
    return any(record.get("method") == "socialaccount" for record in records)


class FactorAdapter(DefaultMFAAdapter):
    """Secrets are kept encrypted: a backup alone signs nobody in."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is not right, or it was used already. Wait for the next one.",
        "cannot_generate_recovery_codes": "Set up an authenticator app or a passkey first.",
    }

    def get_totp_issuer(self) -> str:
        return NAME

    def _get_site_name(self) -> str:
        return NAME

    def generate_authenticator_name(self, user: User, type: str) -> str:
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def encrypt(self, text: str) -> str:
        return cipher("second factor").encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What another SECRET_KEY has encrypted matches nothing that anybody could type."""
        try:
            return cipher("second factor").decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return generate_totp_secret()
