"""Clinics by their code, as commands are given it."""

from accounts.models import Clinic


def no_clinic(code: str) -> str:
    """Why a command cannot go on, with the codes there are."""
    codes = ", ".join(Clinic.objects.order_by("code").values_list("code", flat=True)) or "none yet"
    return f"No clinic has the code “{code}”. Codes: {codes}."
