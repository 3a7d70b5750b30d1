"""Who may do what: the one table of roles and capabilities, asked clinic by clinic."""

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.utils.formats import date_format

from .models import Clinic, Membership, Role, User
from .written import Written


class Can(models.TextChoices):
    READ = "read", "read"
    ENTER = "enter", "enter or change results"
    DECIDE = "decide", "record decisions"
    UPLOAD = "upload", "upload files"
    KEEP_TESTS = "keep_tests", "choose the tests kept as sent"
    SEE_TOKENS = "see_tokens", "see the tokens of senders"
    MANAGE_STAFF = "manage_staff", "manage staff"
    MANAGE_CLINIC = "manage_clinic", "manage the clinic"
    READ_AUDIT = "read_audit", "read who looked at whom"
    # Beside the chair of each meeting, who is a clinician.
    CLOSE_MEETINGS = "close_meetings", "close meetings"


ALLOWED: dict[str, frozenset[Can]] = {
    Role.VIEWER: frozenset({Can.READ}),
    Role.CLINICIAN: frozenset({Can.READ, Can.ENTER, Can.DECIDE, Can.UPLOAD}),
    Role.DATA_MANAGER: frozenset({Can.READ, Can.UPLOAD, Can.KEEP_TESTS, Can.SEE_TOKENS}),
    Role.ADMINISTRATOR: frozenset(
        {
            Can.READ,
            Can.KEEP_TESTS,
            Can.SEE_TOKENS,
            Can.MANAGE_STAFF,
            Can.MANAGE_CLINIC,
            Can.READ_AUDIT,
            Can.CLOSE_MEETINGS,
        }
    ),
    # No page of the record: whoever watches over looks needs none.
    Role.PRIVACY_OFFICER: frozenset({Can.READ_AUDIT}),
}
READERS = tuple(role for role, held in ALLOWED.items() if Can.READ in held)


# Asked for by every page.
MEMBERSHIPS = Written(
    lambda pk: Membership.objects.filter(user=pk).select_related("clinic").order_by("clinic__name", "id"),
    "clinic",
)


def memberships_of(user) -> list[Membership]:
    """The user's memberships with their clinics, without those that are over; read once for the life of the object."""
    if not user.is_authenticated:
        return []
    if not hasattr(user, "_memberships"):
        user._memberships = [one for one in MEMBERSHIPS.rows(user.pk) if not one.is_over]
    return user._memberships


def roles_of(user) -> dict[int, str]:
    """The user's role by the id of the clinic."""
    return {membership.clinic_id: membership.role for membership in memberships_of(user)}


def clinics_of(user) -> list[Clinic]:
    """Those whose record the user may read."""
    return clinics_with(user, Can.READ)


def clinics_shown(user) -> list[Clinic]:
    """Those whose readings the user is shown; refused where each of the user's clinics is silent."""
    clinics = clinics_of(user)
    shown = [clinic for clinic in clinics if not clinic.is_silent]
    if clinics and not shown:
        raise PermissionDenied(silent_words(clinics))
    return shown


def require_shown(clinic: Clinic) -> None:
    """Raises PermissionDenied where this clinic shows no readings."""
    if clinic.is_silent:
        raise PermissionDenied(silent_words([clinic]))


def silent_words(clinics: list[Clinic]) -> str:
    """What a silent clinic says in place of each reading."""
    names = " and ".join(clinic.name for clinic in clinics)
    return (
        f"Silent: {names} {'do' if len(clinics) > 1 else 'does'} not show readings yet. No grade, no urgency and no "
        "notice is shown; values, charts, entry and uploads work as ever."
    )


def clinics_with(user, capability: Can) -> list[Clinic]:
    return [m.clinic for m in memberships_of(user) if capability in ALLOWED[m.role]]


def may(user, capability: Can, clinic: Clinic) -> bool:
    role = roles_of(user).get(clinic.pk)
    return role is not None and capability in ALLOWED[role]


def people_who(capability: Can, clinic: Clinic) -> QuerySet[User]:
    """Who has this capability in this clinic, by name."""
    roles = [role for role, held in ALLOWED.items() if capability in held]
    here = Membership.objects.current().filter(clinic=clinic, role__in=roles)
    found = User.objects.filter(is_active=True, memberships__in=here)
    return found.order_by("last_name", "first_name", "username")


def require(user, capability: Can, clinic: Clinic) -> None:
    """Raises PermissionDenied with a sentence that says what to do."""
    if may(user, capability, clinic):
        return
    role = roles_of(user).get(clinic.pk)
    if role is None:
        raise PermissionDenied("You do not work in this clinic. Ask the clinic administrator to add you.")
    raise PermissionDenied(refusal(role, Can(capability)))


def require_any(user, capability: Can) -> list[Clinic]:
    """The clinics in which the user has this capability; refused when there is none."""
    clinics = clinics_with(user, capability)
    if clinics:
        return clinics
    roles = sorted({Role(role).label.lower() for role in roles_of(user).values()})
    if not roles:
        _refuse_whose_work_is_over(user)
        raise PermissionDenied("You do not work in any clinic yet. Ask a clinic administrator to add you.")
    raise PermissionDenied(
        f"Your role, {' or '.join(roles)}, does not let you {Can(capability).label}. "
        "Ask the clinic administrator."
    )


def _refuse_whose_work_is_over(user: User) -> None:
    over = Membership.objects.filter(user=user.pk).select_related("clinic").order_by("-ends_on").first()
    if over is not None:
        last = date_format(over.ends_on, "j F Y")
        raise PermissionDenied(
            f"Your work in {over.clinic} ended with {last}. Ask the clinic administrator where you work on."
        )


def refusal(role: str, capability: Can) -> str:
    held = " and ".join(can.label for can in Can if can in ALLOWED[role])
    return (
        f"Your role in this clinic, {Role(role).label.lower()}, may {held} but not {capability.label}. "
        "Ask the clinic administrator."
    )
