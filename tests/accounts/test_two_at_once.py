"""What only the lock can hold: two administrators who remove each other in the same moment."""

import threading

import pytest
from django.db import connection

from accounts import actions
from accounts.errors import StaffChangeRefused
from accounts.models import Membership, Role


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_remove_each_other_at_once(administrator, viewer, clinic):
    Membership.objects.filter(user=viewer).update(role=Role.ADMINISTRATOR)
    start, refused = threading.Barrier(2), []

    def end(membership):
        start.wait()
        try:
            actions.end_membership(membership=membership)
        except StaffChangeRefused as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=end, args=[one]) for one in Membership.objects.all()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1 and "without an administrator" in refused[0]
    assert clinic.memberships.get().role == Role.ADMINISTRATOR
