"""Which tests of the list of other tests a clinic keeps as they are sent: chosen by a person, and taken back.

Each is a mapping of a test for all senders: so it has its history and its undo.
"""

from collections.abc import Collection

import pghistory
from django.db import transaction
from django.db.models import Q

from accounts.models import Clinic, User
from patients.actions.errors import Refused, refusing
from uploads.importers.meanings import KEEP, TEST
from uploads.importers.other_tests import TESTS, OtherTest
from uploads.models import Mapping

_LISTED = {test.said: test for test in TESTS.values()}
# The mappings that a choice on this list has made.
CHOSEN = Q(what=TEST, sender="", meant=KEEP, folded__in=list(_LISTED))


def is_chosen(mapping: Mapping) -> bool:
    chosen = (mapping.what, mapping.sender, mapping.meant) == (TEST, "", KEEP)
    return chosen and mapping.folded in _LISTED


def standing(clinics: Collection[Clinic]) -> list[Mapping]:
    rows = Mapping.objects.filter(CHOSEN, clinic__in=clinics, undone_at=None)
    return list(rows.select_related("clinic", "by").order_by("clinic__name", "shown"))


def offered() -> list[tuple[str, list[OtherTest]]]:
    """The list by its headings."""
    groups: dict[str, list[OtherTest]] = {}
    for test in TESTS.values():
        groups.setdefault(test.group, []).append(test)
    return [(group, sorted(tests, key=lambda test: test.name.casefold())) for group, tests in groups.items()]


@transaction.atomic
def keep(*, clinic: Clinic, by: User, keys: Collection[str]) -> list[Mapping]:
    """From now on; what was left out before is not read again."""
    if not keys:
        raise Refused("Choose at least one test.")
    if unknown := set(keys) - TESTS.keys():
        raise Refused(f"Choose from the list: {len(unknown)} of these are not on it.")
    standing_now = set(
        Mapping.objects.filter(CHOSEN, clinic=clinic, undone_at=None).values_list("folded", flat=True)
    )
    with pghistory.context(user=by.pk), refusing():
        return [
            Mapping.objects.create(
                clinic=clinic, by=by, what=TEST, folded=TESTS[key].said, shown=TESTS[key].name, meant=KEEP
            )
            for key in dict.fromkeys(keys)
            if TESTS[key].said not in standing_now
        ]
