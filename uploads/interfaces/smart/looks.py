"""The log of visits: who looked at whom, by the record system and a hash of the number."""

from collections.abc import Iterable

from django.utils.crypto import salted_hmac

from accounts.models import User
from uploads.models import LaunchClient, VisitLook

PAGE = "visit"


def log_visit(*, user: User, client: LaunchClient, number: str) -> None:
    """Never changed or deleted afterwards."""
    VisitLook.objects.create(
        user=user,
        clinic=client.sender.clinic,
        issuer=client.fhir_base,
        number_hash=hash_of(client.fhir_base, number),
        page=PAGE,
    )


def hash_of(issuer: str, number: str) -> str:
    """Of a number in one system: whoever has only the log cannot try all numbers. "" of none."""
    return salted_hmac("visit", f"{issuer}\n{number}", algorithm="sha256").hexdigest() if number else ""


def hashes_of(issuers: Iterable[str], number: str) -> list[str]:
    """How a number that somebody asks for stands in the log."""
    return [hash_of(issuer, number) for issuer in issuers]
