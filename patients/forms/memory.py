"""What the record already knows when a draw is entered: earlier results, their limits, laboratories."""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.models import Clinic
from patients.models import Draw, Patient, Result

# So many of the newest draws are looked through for names of laboratories.
RECENT = 2000


@dataclass(frozen=True)
class Memory:
    """What the record already knows: the last result of each test, and of each test in each laboratory."""

    last: Mapping[str, Result]
    by_laboratory: Mapping[tuple[str, str], Result]
    laboratory: str = ""

    def limits(self, key: str, laboratory: str) -> tuple[float | None, float | None]:
        found = self.by_laboratory.get((key, laboratory))
        return (found.lower_limit, found.upper_limit) if found else (None, None)


def remember(patient: Patient, before: Draw | None = None) -> Memory:
    """One query, however many tests and draws."""
    results = Result.objects.filter(
        draw__patient=patient, draw__withdrawn_at__isnull=True, status__in=Result.COUNTING
    )
    if before is not None:
        results = results.filter(draw__taken_at__lt=before.taken_at)
    newest = (
        results.select_related("draw")
        .order_by("analyte", "draw__laboratory", "-draw__taken_at", "-id")
        .distinct("analyte", "draw__laboratory")
    )
    by_laboratory = {(result.analyte, result.draw.laboratory): result for result in newest}
    last: dict[str, Result] = {}
    for result in sorted(by_laboratory.values(), key=lambda result: result.draw.taken_at):
        last[result.analyte] = result
    latest = max(last.values(), key=lambda result: result.draw.taken_at, default=None)
    return Memory(last, by_laboratory, latest.draw.laboratory if latest else "")


def known_laboratories(clinic: Clinic, memory: Memory) -> list[str]:
    """Names for the list under the field: the patient's own and those of the clinic's latest draws."""
    # Bounded however many draws there are.
    latest = Draw.objects.order_by("-id").values("id")[:RECENT]
    recent = Draw.objects.filter(id__in=latest, patient__clinic=clinic).values_list("laboratory", flat=True)
    names = {laboratory for _key, laboratory in memory.by_laboratory} | set(recent.distinct().order_by())
    return sorted(names - {""})
