"""Which rows the filters and the search of a worklist choose."""

from datetime import date

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from accounts.models import Clinic
from interpretation.urgency import LEVELS
from patients.models import Assessment

from .folding import words
from .places import PLACES
from .state import NEW, WorklistState


def matching(state: WorklistState, clinic: Clinic, today: date) -> QuerySet[Assessment]:
    """The rows of one clinic; what is due is so by that clinic's own date."""
    found = searched(state, Assessment.objects.filter(clinic=clinic))
    return found.filter(chosen_by(state, by_date(today)))


def by_date(today: date) -> dict[str, Q]:
    """What depends on the day, by the name of its filter."""
    return {
        "overdue": Q(first_overdue_on__lte=today),
        "contact": Q(contact_on__lte=today),
        "left_out": ~Q(left_out="") & (Q(left_out_until__isnull=True) | Q(left_out_until__gte=today)),
    }


def chosen_by(state: WorklistState, dated: dict[str, Q]) -> Q:
    chosen = shown(state)
    if state.grade:
        chosen &= Q(grade_rank=PLACES.index(state.grade))
    if state.urgency:
        chosen &= Q(urgency_rank=LEVELS.index(state.urgency))
    for name, condition in work_of(state, dated).items():
        if getattr(state, name):
            chosen &= condition
    return chosen


def shown(state: WorklistState) -> Q:
    return Q(new_or_worse=True) if state.show == NEW else Q()


def work_of(state: WorklistState, dated: dict[str, Q]) -> dict[str, Q]:
    """The filters of work by their names."""
    # Nobody has the number 0.
    return {
        "causes": Q(open_causes__gt=0),
        "anticoagulant": Q(ask_anticoagulant=True),
        "review": Q(to_review=True),
        "concern": ~Q(concerns=[]),
        "mine": Q(contact_owner=state.me or 0),
        **dated,
    }


def searched(state: WorklistState, rows: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """By the beginnings of names or MRN in any order, and by diagnosis."""
    if state.q:
        found = words(state.q)
        if not found:
            return rows.none()
        prefixes = " & ".join(f"'{word}':*" for word in found)
        rows = rows.filter(search=SearchQuery(prefixes, search_type="raw", config="simple"))
    if state.dx:
        rows = rows.filter(diagnoses__contains=[state.dx])
    return rows
