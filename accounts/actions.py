"""The only code that writes accounts."""

from collections.abc import Iterable
from datetime import date

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from .errors import StaffChangeRefused
from .looks import kinds, visit_hash
from .models import Clinic, ListAccess, Membership, PatientAccess, Role, User, today_in
from .passwords import temporary_password
from .permissions import Can, clinics_with

LAST_ADMINISTRATOR = (
    "{clinic} would be left without an administrator. Make somebody else clinic administrator first, "
    "without a last day."
)

SILENT_WHY_LENGTH = Clinic._meta.get_field("silent_why").max_length


def log_access(*, user: User, patient, page: str) -> None:
    """Records that this person looked at this patient; never changed or deleted afterwards."""
    PatientAccess.objects.create(user=user, patient=patient, page=page)


def log_accesses(*, user: User, patients: Iterable, page: str) -> None:
    """The same for everybody on a list: one row for each clinic, nothing for an empty list."""
    people: dict[int, set[int]] = {}
    for patient in patients:
        people.setdefault(patient.clinic_id, set()).add(patient.pk)
    ListAccess.objects.bulk_create(
        ListAccess(user=user, clinic_id=clinic, patients=sorted(keys), page=page)
        for clinic, keys in people.items()
    )


def log_visit(*, user: User, clinic: Clinic, issuer: str, number: str) -> None:
    """The same for a patient of a record system who is not in this record: its address, and a hash of the number."""
    _, _, visits = kinds()
    hashed = visit_hash(issuer, number)
    visits.objects.create(user=user, clinic=clinic, issuer=issuer, number_hash=hashed, page="visit")


@transaction.atomic
def add_clinic(*, code: str, name: str, time_zone: str = "UTC") -> Clinic:
    clinic = Clinic(code=code, name=name, time_zone=time_zone)
    clinic.full_clean()
    clinic.save()
    return clinic


@transaction.atomic
def allow_new_patients(*, clinic: Clinic, allowed: bool, by: User) -> None:
    """Whether files add patients to this clinic by themselves."""
    with pghistory.context(user=by.pk):
        Clinic.objects.filter(pk=clinic.pk).update(new_patients_from_files=allowed)


@transaction.atomic
def set_notice_email(*, clinic: Clinic, address: str, by: User) -> None:
    """Where this clinic is told by e-mail that there are new notices; "": nowhere."""
    clinic.notice_email = address.strip()
    try:
        clinic.clean_fields(exclude={field.name for field in Clinic._meta.fields} - {"notice_email"})
    except ValidationError:
        raise StaffChangeRefused(f"“{address}” is no e-mail address. Nothing was changed.") from None
    with pghistory.context(user=by.pk):
        Clinic.objects.filter(pk=clinic.pk).update(notice_email=clinic.notice_email)


@transaction.atomic
def require_second_factor(*, clinic: Clinic, of: str, by: User) -> None:
    """Of whom this clinic asks for a second factor; it holds at their next click."""
    with pghistory.context(user=by.pk):
        Clinic.objects.filter(pk=clinic.pk).update(second_factor=Clinic.SecondFactor(of))


@transaction.atomic
def switch_silent(*, clinic: Clinic, silent: bool, why: str, by: User) -> None:
    """Whether this clinic is shown no readings; it holds at everybody's next click."""
    why = " ".join(why.split())
    if not why:
        raise StaffChangeRefused("Say why. Nothing was changed.")
    if len(why) > SILENT_WHY_LENGTH:
        raise StaffChangeRefused(f"The reason is longer than {SILENT_WHY_LENGTH} characters: shorten it.")
    with pghistory.context(user=by.pk):
        changed = Clinic.objects.filter(pk=clinic.pk, is_silent=not silent)
        if not changed.update(is_silent=silent, silent_why=why):
            raise StaffChangeRefused("Somebody else has just switched this. Nothing was changed.")


@transaction.atomic
def add_user(
    *, username: str, password: str, given_name: str = "", family_name: str = "", temporary: bool = False
) -> User:
    if user_named(username):
        raise StaffChangeRefused(f"The sign-in name “{username}” is taken. Choose another.")
    user = User(username=username, first_name=given_name, last_name=family_name)
    _set_password(user, password, temporary=temporary)
    user.full_clean()
    user.save()
    return user


@transaction.atomic
def add_operator(*, username: str, password: str) -> User:
    """Who runs the installation; in no clinic, so that no patient's page opens."""
    user = add_user(username=username, password=password)
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    return user


@transaction.atomic
def add_new_member(
    *,
    clinic: Clinic,
    role: str,
    username: str,
    given_name: str,
    family_name: str,
    ends_on: date | None = None,
) -> tuple[Membership, str]:
    """A person without a sign-in; gives the membership and the password, which is shown once."""
    password = temporary_password()
    user = add_user(
        username=username, password=password, given_name=given_name, family_name=family_name, temporary=True
    )
    return add_member(clinic=clinic, user=user, role=role, ends_on=ends_on), password


@transaction.atomic
def add_member(*, clinic: Clinic, user: User, role: str, ends_on: date | None = None) -> Membership:
    """A person who has a sign-in; one who had left every clinic may sign in again."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if Membership.objects.filter(user=user, clinic=clinic).exists():
        raise StaffChangeRefused(
            f"{user} already works in {clinic}. Change the role in the list of staff instead."
        )
    if not user.is_active:
        if user.memberships.exists():
            raise StaffChangeRefused(f"The sign-in of {user} is blocked. Ask the system administrator.")
        user.is_active = True
        user.save(update_fields=["is_active"])
    membership = Membership(user=user, clinic=clinic, role=Role(role))
    _set_last_day(membership, ends_on)
    membership.save()
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str) -> Membership:
    membership = _locked(membership)
    return _changed(membership, role, membership.ends_on)


@transaction.atomic
def change_member(*, membership: Membership, role: str, ends_on: date | None) -> Membership:
    """The role, and the last day of work; None: until somebody ends it."""
    return _changed(_locked(membership), role, ends_on)


def _changed(membership: Membership, role: str, ends_on: date | None) -> Membership:
    if role != Role.ADMINISTRATOR:
        _keep_an_administrator(membership)
    membership.role = Role(role)
    if ends_on != membership.ends_on:
        _set_last_day(membership, ends_on)
    membership.save(update_fields=["role", "ends_on"])
    return membership


def _set_last_day(membership: Membership, ends_on: date | None) -> None:
    if ends_on is not None:
        if ends_on < today_in(membership.clinic):
            raise StaffChangeRefused("This day has passed. Choose today or a later one.")
        _keep_an_administrator(membership)
    membership.ends_on = ends_on


@transaction.atomic
def end_membership(*, membership: Membership) -> None:
    """Ends the role; who works in no clinic any more can no longer sign in."""
    membership = _locked(membership)
    _keep_an_administrator(membership)
    user = User.objects.select_for_update().get(pk=membership.user_id)
    membership.delete()
    if not user.is_superuser and not user.memberships.exists():
        user.is_active = False
        user.save(update_fields=["is_active"])


@transaction.atomic
def reset_password(*, membership: Membership, by: User) -> str:
    """Gives a temporary password, shown once; the person's open sessions end."""
    user = User.objects.select_for_update().get(pk=membership.user_id)
    refuse_reset(user, by)
    password = temporary_password()
    _set_password(user, password, temporary=True)
    user.save(update_fields=["password", "password_is_temporary", "password_set_at"])
    return password


def refuse_reset(user: User, by: User) -> None:
    """Of those who also work where `by` is no administrator: it would open that clinic's patients to `by`."""
    if user == by:
        raise StaffChangeRefused("Change your own password under your name at the top of the page.")
    managed = [clinic.pk for clinic in clinics_with(by, Can.MANAGE_STAFF)]
    beyond = user.memberships.exclude(clinic__in=managed).exists()
    if user.is_superuser or user.is_staff or beyond:
        raise StaffChangeRefused(
            f"{user} also works outside the clinics that you administer. "
            "Ask the system administrator to give a new sign-in."
        )


@transaction.atomic
def choose_password(*, user: User, password: str) -> None:
    """The person's own choice."""
    _set_password(user, password, temporary=False)
    user.save(update_fields=["password", "password_is_temporary", "password_set_at"])


def user_named(username: str, *, exactly: bool = False) -> User | None:
    """Sign-in names that differ in capitals only would be one name to a person."""
    match = {"username": username} if exactly else {"username__iexact": username}
    return User.objects.filter(**match).first()


def _set_password(user: User, password: str, *, temporary: bool) -> None:
    user.set_password(password)
    user.password_is_temporary = temporary
    user.password_set_at = timezone.now()


def _locked(membership: Membership) -> Membership:
    """The membership as it is now. The clinic's row is held, so that two cannot leave at once."""
    Clinic.objects.select_for_update().get(pk=membership.clinic_id)
    found = Membership.objects.select_related("clinic", "user").filter(pk=membership.pk).first()
    if found is None:
        raise StaffChangeRefused("Somebody else has just ended this role.")
    return found


def _keep_an_administrator(membership: Membership) -> None:
    if membership.role != Role.ADMINISTRATOR:
        return
    others = Membership.objects.filter(
        clinic=membership.clinic, role=Role.ADMINISTRATOR, user__is_active=True, ends_on=None
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise StaffChangeRefused(LAST_ADMINISTRATOR.format(clinic=membership.clinic))
