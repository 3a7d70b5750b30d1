"""The log of looks as tests read it: single looks and everybody on a list, alike."""

from accounts.models import ListAccess, PatientAccess


def seen() -> list[tuple[int, int, str]]:
    """(user, patient, page) of each patient of each look, single looks first, then lists, as they were logged."""
    single = PatientAccess.objects.order_by("pk").values_list("user", "patient", "page")
    lists = ListAccess.objects.order_by("pk").values_list("user", "patients", "page")
    return [*single, *((user, one, page) for user, people, page in lists for one in people)]


def pages_seen(patient) -> list[str]:
    return [page for _, one, page in seen() if one == patient.pk]
