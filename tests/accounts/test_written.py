"""A query that is put together once brings what Django brings each time."""

from accounts.models import Clinic, Membership, Role
from accounts.permissions import MEMBERSHIPS


def test_roles_come_with_their_clinics_in_the_order_of_their_names(viewer, clinician, clinic):
    other = Clinic.objects.create(code="second", name="A Second Hospital", is_demo=True)
    Membership.objects.create(user=viewer, clinic=other, role=Role.CLINICIAN)
    found, expected = MEMBERSHIPS.rows(viewer.pk), list(MEMBERSHIPS.query(viewer.pk))
    assert found == expected and [one.clinic for one in found] == [other, clinic]
    for one, same in zip(found, expected, strict=True):
        assert vars(one) | {"_state": None} == vars(same) | {"_state": None}
        assert vars(one.clinic) | {"_state": None} == vars(same.clinic) | {"_state": None}


def test_somebody_elses_key_brings_somebody_elses(viewer, clinician):
    assert [one.user_id for one in MEMBERSHIPS.rows(clinician.pk)] == [clinician.pk]
    assert MEMBERSHIPS.rows(0) == []
