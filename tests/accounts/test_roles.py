import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from accounts.context import staff
from accounts.models import Membership, Role
from accounts.permissions import Can, clinics_with, may, require, require_any

TABLE = [
    ("viewer", {Can.READ}),
    ("clinician", {Can.READ, Can.ENTER, Can.DECIDE, Can.UPLOAD}),
    ("data_manager", {Can.READ, Can.UPLOAD, Can.KEEP_TESTS, Can.SEE_TOKENS}),
    (
        "administrator",
        {
            Can.READ,
            Can.KEEP_TESTS,
            Can.SEE_TOKENS,
            Can.MANAGE_STAFF,
            Can.MANAGE_CLINIC,
            Can.READ_AUDIT,
            Can.CLOSE_MEETINGS,
        },
    ),
    ("stranger", set()),
]


@pytest.mark.parametrize(("who", "allowed"), TABLE, ids=[who for who, _ in TABLE])
def test_role_may_exactly_what_the_table_says(who, allowed, clinic, request):
    user = request.getfixturevalue(who)
    assert {can for can in Can if may(user, can, clinic)} == allowed


def test_nobody_may_anything_without_signing_in(clinic):
    assert not any(may(AnonymousUser(), can, clinic) for can in Can)


def test_roles_are_asked_clinic_by_clinic(clinician, clinic, other_clinic):
    Membership.objects.create(user=clinician, clinic=other_clinic, role=Role.VIEWER)
    assert clinics_with(clinician, Can.ENTER) == [clinic]
    assert clinics_with(clinician, Can.READ) == [clinic, other_clinic]


def test_memberships_are_read_once(clinician, clinic, django_assert_num_queries):
    with django_assert_num_queries(1):
        for can in Can:
            may(clinician, can, clinic)


def test_refusal_names_the_role_and_what_to_do(viewer, clinic):
    with pytest.raises(PermissionDenied) as refused:
        require(viewer, Can.ENTER, clinic)
    assert str(refused.value) == (
        "Your role in this clinic, viewer, may read but not enter or change results. "
        "Ask the clinic administrator."
    )


def test_refusal_of_a_stranger_names_no_role(stranger, clinic):
    with pytest.raises(PermissionDenied, match="You do not work in this clinic"):
        require(stranger, Can.READ, clinic)


def test_refusal_in_every_clinic_names_the_role(viewer):
    with pytest.raises(PermissionDenied, match="Your role, viewer, does not let you upload files"):
        require_any(viewer, Can.UPLOAD)


def test_person_without_a_clinic_is_told_so(viewer):
    viewer.memberships.all().delete()
    with pytest.raises(PermissionDenied, match="do not work in any clinic yet"):
        require_any(viewer, Can.READ)


def _context(user):
    request = RequestFactory().get("/")
    request.user = user
    return staff(request)


def test_pages_know_what_the_person_may_do(data_manager, clinic):
    context = _context(data_manager)
    assert context["clinics"] == [clinic]
    assert context["can"]["upload"] and not context["can"]["manage_staff"]


@pytest.mark.parametrize(("production", "shown"), [(False, True), (True, False)])
def test_visitors_see_the_demo_outside_production_only(clinic, settings, production, shown):
    settings.PRODUCTION = production
    clinic.is_demo = True
    clinic.save()
    assert _context(AnonymousUser())["is_demo"] is shown


def test_staff_of_a_real_clinic_see_no_demo_banner(viewer, other_clinic):
    other_clinic.is_demo = True
    other_clinic.save()
    assert _context(viewer)["is_demo"] is False


def test_page_without_a_user_still_renders():
    assert staff(RequestFactory().get("/"))["clinics"] == []
