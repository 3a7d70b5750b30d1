"""The list of notices: who, why, since when, who has it; those that are open first, then the latest ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q, Window
from django.urls import reverse

from accounts.models import Clinic, User
from accounts.permissions import Can, clinics_shown, may
from interpretation.words import counted, day, moment
from patients.models import Notice, Patient
from patients.words import short_wait

KEPT = timedelta(days=30)
# A list holds no more; it says how many there are.
MOST = 200
Kind = Notice.Kind
# Who takes and closes a notice of each kind: whoever decides on a patient, or answers for a file.
CAPABILITY = {Kind.TODAY: Can.DECIDE, Kind.WAITING: Can.UPLOAD, Kind.HISTORY: Can.DECIDE}


@dataclass(frozen=True)
class NoticeRow:
    """One notice in words; `can_act`: this person may take and close it. `asks`: it goes with an answer."""

    uuid: UUID
    kind: str
    who: str
    about: str
    address: str
    why: str
    reason: str
    remark: str
    since: str
    waited: str
    late: bool
    taken: str
    ended: str
    note: str
    clinic: Clinic
    can_act: bool

    @property
    def asks(self) -> bool:
        return self.kind == Kind.WAITING


@dataclass(frozen=True)
class NoticeList:
    open: list[NoticeRow]
    ended: list[NoticeRow]
    # Whose data the page shows: each is a look.
    patients: list[Patient]
    total: int
    several: bool

    @property
    def more(self) -> int:
        return self.total - len(self.open)


def notice_list(user: User, now: datetime) -> NoticeList:
    """As many queries for many notices as for one."""
    clinics = clinics_shown(user)
    rows = Notice.objects.filter(clinic__in=clinics).annotate(total=Window(Count("pk")))
    rows = rows.select_related("clinic", "patient", "upload", "taken_by", "done_by")
    waiting = rows.open().order_by(F("taken_at").asc(nulls_first=True), "raised_at", "id")[:MOST]
    ended = rows.filter(Q(done_at__gte=now - KEPT) | Q(lapsed_at__gte=now - KEPT))[:MOST]
    waiting, ended = list(waiting), list(ended)
    shown = {notice.patient for notice in (*waiting, *ended) if notice.patient}
    return NoticeList(
        open=[_row(notice, user, now) for notice in waiting],
        ended=[_row(notice, user, now) for notice in ended],
        patients=sorted(shown, key=lambda patient: patient.pk),
        total=waiting[0].total if waiting else 0,
        several=len(clinics) > 1,
    )


def _row(notice: Notice, user: User, now: datetime) -> NoticeRow:
    capability = CAPABILITY[notice.kind]
    who, about, address = _of_patient(notice) if notice.patient else _of_upload(notice, user)
    late = now - notice.raised_at >= timedelta(hours=notice.clinic.untaken_hours)
    return NoticeRow(
        uuid=notice.uuid,
        kind=notice.kind,
        who=who,
        about=about,
        address=address,
        why=_why(notice),
        reason=notice.reason,
        remark=" ".join(filter(None, [notice.remark, _eased(notice)])),
        since=_when(notice, notice.raised_at),
        waited=short_wait(now - notice.raised_at),
        late=late and notice.taken_at is None,
        taken=f"{notice.taken_by}, {_when(notice, notice.taken_at)}" if notice.taken_by else "",
        ended=_ended(notice),
        note=notice.note,
        clinic=notice.clinic,
        can_act=may(user, capability, notice.clinic),
    )


def _of_patient(notice: Notice) -> tuple[str, str, str]:
    patient = notice.patient
    name = ", ".join(filter(None, [patient.family_name, patient.given_name]))
    about = f"MRN {patient.mrn}, born {day(patient.birth_date)}"
    return name, about, reverse("patients:detail", args=[patient.uuid])


def _of_upload(notice: Notice, user: User) -> tuple[str, str, str]:
    """The page of an upload is for those who may upload."""
    upload = notice.upload
    allowed = may(user, Can.UPLOAD, notice.clinic)
    address = reverse("uploads:preview", args=[upload.batch]) if allowed else ""
    return upload.file, upload.sender, address


def _why(notice: Notice) -> str:
    if notice.kind == Kind.WAITING:
        return f"{counted(notice.count, 'result')} of {notice.in_short} not stored: a question waits"
    if notice.kind == Kind.HISTORY:
        people = counted(notice.count, "patient was", "patients were")
        return f"History: {people} “today” by the latest result, more than 7 days ago"
    return notice.in_short or notice.reason


def _eased(notice: Notice) -> str:
    return f"No longer “today” since {_when(notice, notice.eased_at)}." if notice.eased_at else ""


def _ended(notice: Notice) -> str:
    if notice.done_by:
        return f"{notice.done_by}, {_when(notice, notice.done_at)}"
    return f"void since {_when(notice, notice.lapsed_at)}" if notice.lapsed_at else ""


def _when(notice: Notice, at: datetime) -> str:
    return moment(at.astimezone(notice.clinic.zone))
