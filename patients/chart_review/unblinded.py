"""Who opened the page of a patient, with what the product says on it, before they had labelled the draw."""

from accounts.models import PatientAccess

from .judging import ReviewStanding

# A look at the blinded sheet of an item.
PAGE = "chart-review"


def opened(standing: ReviewStanding) -> dict[int, int]:
    """{user: of how many items that person saw the patient's page after the sample was drawn, before the label}."""
    found: dict[int, int] = {}
    looks = _looks(standing)
    for (item, by), label in standing.latest.items():
        patient = next(one.patient_id for one in standing.items if one.pk == item)
        found[by] = found.get(by, 0) + any(at < label.at for at in looks.get((by, patient), []))
    return found


def _looks(standing: ReviewStanding) -> dict[tuple[int, int], list]:
    review = standing.review
    rows = PatientAccess.objects.filter(
        user__in=(review.first_id, review.second_id, review.decider_id),
        patient__in={item.patient_id for item in standing.items},
        at__gte=review.at,
    ).exclude(page=PAGE)
    found: dict[tuple[int, int], list] = {}
    for user, patient, at in rows.values_list("user", "patient", "at"):
        found.setdefault((user, patient), []).append(at)
    return found
