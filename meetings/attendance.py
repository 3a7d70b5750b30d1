"""Who was at a meeting, by speciality: for its head, its record and its minutes."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Clinic, User

from .models import Attendance, Meeting

Attended = Attendance.Attended
# Who usually sits in such a meeting; any other may be typed.
SPECIALITIES = (
    "Hepatology",
    "Gastroenterology",
    "Transplant surgery",
    "Radiology",
    "Pathology",
    "Haematology",
    "Clinical chemistry",
    "Oncology",
    "Palliative care",
    "Pharmacy",
    "Nursing",
    "Dietetics",
    "Coordination",
)


@dataclass(frozen=True)
class AttendanceCard:
    """`present` by speciality; `unsaid`: of whom nobody has said whether they came."""

    present: dict[str, list[str]]
    apologies: list[str]
    absent: list[str]
    unsaid: list[str]

    @property
    def is_complete(self) -> bool:
        return bool(self.present) and not self.unsaid

    @property
    def is_said(self) -> bool:
        return bool(self.present or self.apologies or self.absent)

    @property
    def missing(self) -> str:
        """What is missing for the close, in a sentence; "" where nothing is."""
        if self.unsaid:
            return f"Nobody has said yet whether {_listed(self.unsaid)} came."
        return "" if self.present else "Nobody is recorded as present."


def attendance_of(meeting: Meeting) -> AttendanceCard:
    """One query."""
    present: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {"": [], Attended.APOLOGIES: [], Attended.ABSENT: []}
    for one in rows_of(meeting):
        said = present.setdefault(one.speciality, []) if one.attended == Attended.PRESENT else None
        (others[one.attended] if said is None else said).append(str(one.user))
    return AttendanceCard(
        present=dict(sorted(present.items())),
        apologies=others[Attended.APOLOGIES],
        absent=others[Attended.ABSENT],
        unsaid=others[""],
    )


def rows_of(meeting: Meeting) -> list[Attendance]:
    found = meeting.attendances.select_related("user")
    return list(found.order_by("user__last_name", "user__first_name", "user__username"))


def usual_specialities(clinic: Clinic, people: Iterable[User]) -> dict[int, str]:
    """For which speciality each sat in a meeting of this clinic last."""
    found = Attendance.objects.filter(meeting__clinic=clinic, user__in=people).exclude(speciality="")
    latest = found.order_by("user", "-meeting__starts_at", "-id").distinct("user")
    return dict(latest.values_list("user", "speciality"))


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
