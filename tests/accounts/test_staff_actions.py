import pytest

from accounts import actions
from accounts.errors import StaffChangeRefused
from accounts.models import Membership, MembershipHistory, Role, User
from accounts.passwords import LETTERS, temporary_password


def member(user) -> Membership:
    return user.memberships.get()


def test_new_member_gets_a_temporary_password(clinic):
    added, password = actions.add_new_member(
        clinic=clinic, role=Role.VIEWER, username="ada", given_name="Ada", family_name="Byron"
    )
    assert added.user.check_password(password) and added.user.password_is_temporary
    assert (added.clinic, added.role, str(added.user)) == (clinic, Role.VIEWER, "Ada Byron")


def test_temporary_password_can_be_read_aloud():
    password = temporary_password()
    assert len(password) == 19 and set(password) <= {*LETTERS, "-"}
    assert temporary_password() != password


def test_sign_in_name_is_taken_whatever_its_capitals(viewer):
    with pytest.raises(StaffChangeRefused, match="is taken"):
        actions.add_user(username="VIEWER", password="some-long-password")


def test_person_joins_a_clinic_once(viewer, clinic):
    with pytest.raises(StaffChangeRefused, match="already works in North Hospital"):
        actions.add_member(clinic=clinic, user=viewer, role=Role.CLINICIAN)


def test_person_may_work_in_two_clinics(viewer, other_clinic):
    actions.add_member(clinic=other_clinic, user=viewer, role=Role.CLINICIAN)
    assert viewer.memberships.count() == 2


def test_role_changes(viewer):
    actions.change_role(membership=member(viewer), role=Role.CLINICIAN)
    assert member(viewer).role == Role.CLINICIAN


def test_last_administrator_keeps_the_role(administrator):
    with pytest.raises(StaffChangeRefused, match="left without an administrator"):
        actions.change_role(membership=member(administrator), role=Role.VIEWER)
    assert member(administrator).role == Role.ADMINISTRATOR


def test_last_administrator_does_not_leave(administrator):
    with pytest.raises(StaffChangeRefused, match="left without an administrator"):
        actions.end_membership(membership=member(administrator))
    assert administrator.memberships.exists()


def test_blocked_administrator_does_not_count_as_one(administrator, viewer):
    actions.change_role(membership=member(viewer), role=Role.ADMINISTRATOR)
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    with pytest.raises(StaffChangeRefused, match="left without an administrator"):
        actions.end_membership(membership=member(administrator))


def test_administrator_leaves_when_there_is_another(administrator, viewer):
    actions.change_role(membership=member(viewer), role=Role.ADMINISTRATOR)
    actions.end_membership(membership=member(administrator))
    assert not administrator.memberships.exists()


def test_role_is_read_again_under_the_lock(administrator, viewer):
    stale = member(administrator)
    actions.change_role(membership=member(viewer), role=Role.ADMINISTRATOR)
    actions.end_membership(membership=member(administrator))
    with pytest.raises(StaffChangeRefused, match="just ended"):
        actions.change_role(membership=stale, role=Role.VIEWER)


def test_who_works_nowhere_can_no_longer_sign_in(viewer):
    actions.end_membership(membership=member(viewer))
    viewer.refresh_from_db()
    assert not viewer.is_active


def test_who_works_elsewhere_still_signs_in(viewer, clinic, other_clinic):
    actions.add_member(clinic=other_clinic, user=viewer, role=Role.VIEWER)
    actions.end_membership(membership=viewer.memberships.get(clinic=clinic))
    viewer.refresh_from_db()
    assert viewer.is_active


def test_who_had_left_may_come_back(viewer, clinic):
    actions.end_membership(membership=member(viewer))
    actions.add_member(clinic=clinic, user=viewer, role=Role.VIEWER)
    viewer.refresh_from_db()
    assert viewer.is_active


def test_blocked_person_is_not_unblocked_by_another_clinic(viewer, other_clinic):
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    with pytest.raises(StaffChangeRefused, match="is blocked"):
        actions.add_member(clinic=other_clinic, user=viewer, role=Role.VIEWER)


def test_password_is_reset(administrator, viewer):
    password = actions.reset_password(membership=member(viewer), by=administrator)
    viewer.refresh_from_db()
    assert viewer.check_password(password) and viewer.password_is_temporary


def test_password_of_a_person_of_two_clinics_is_not_reset(administrator, viewer, clinic, other_clinic):
    actions.add_member(clinic=other_clinic, user=viewer, role=Role.VIEWER)
    with pytest.raises(StaffChangeRefused, match="outside the clinics that you administer"):
        actions.reset_password(membership=viewer.memberships.get(clinic=clinic), by=administrator)


def test_password_of_a_superuser_is_not_reset(administrator, viewer):
    User.objects.filter(pk=viewer.pk).update(is_superuser=True)
    with pytest.raises(StaffChangeRefused):
        actions.reset_password(membership=member(viewer), by=administrator)


def test_own_password_is_not_reset(administrator):
    with pytest.raises(StaffChangeRefused, match="Change your own password"):
        actions.reset_password(membership=member(administrator), by=administrator)


def test_own_choice_of_password_is_not_temporary(viewer):
    actions.choose_password(user=viewer, password="a-choice-of-mine")
    viewer.refresh_from_db()
    assert viewer.check_password("a-choice-of-mine") and not viewer.password_is_temporary


def test_history_keeps_each_role_and_its_end(viewer):
    actions.change_role(membership=member(viewer), role=Role.CLINICIAN)
    actions.end_membership(membership=member(viewer))
    rows = MembershipHistory.objects.filter(user=viewer).order_by("pgh_id")
    kept = [(row.pgh_label, row.role) for row in rows]
    assert kept == [("insert", "viewer"), ("update", "clinician"), ("delete", "clinician")]


def test_history_keeps_no_password(viewer):
    assert not hasattr(viewer.history.get(), "password")
