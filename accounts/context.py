"""What every page needs to know about the person who looks at it."""

from django.conf import settings

from .models import Clinic
from .permissions import Can, clinics_of, clinics_with, silent_words


def staff(request) -> dict:
    user = getattr(request, "user", None)
    if user is None:
        return {"can": {}, "clinics": [], "is_demo": False, "passwords": True}
    clinics = clinics_of(user)
    silent = [clinic for clinic in clinics if clinic.is_silent]
    return {
        "can": {can.value: bool(clinics_with(user, can)) for can in Can},
        "clinics": clinics,
        "silent": silent_words(silent) if silent else "",
        "passwords": settings.LOCAL_PASSWORDS,
        "provider": settings.OIDC_ISSUER and settings.OIDC_NAME,
        "is_demo": any(clinic.is_demo for clinic in clinics) or _demo_for_visitors(user),
    }


def _demo_for_visitors(user) -> bool:
    """Whether the sign-in page may show the demo: never in production."""
    if user.is_authenticated or settings.PRODUCTION:
        return False
    return Clinic.objects.filter(is_demo=True).exists()
