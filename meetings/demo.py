"""The demo's meetings: one closed four weeks ago, one planned. Through the same actions as real ones."""

from datetime import datetime, time, timedelta

from accounts.models import Clinic, Role, User
from accounts.permissions import READERS
from patients.models import Patient

from .actions.agenda import nominate, take
from .actions.attendance import AttendanceSaid, record_attendance
from .actions.closing import close_meeting
from .actions.figures import count_figures
from .actions.meetings import plan_meeting, plan_next, start
from .actions.outcomes import save_outcome
from .actions.presenting import show
from .actions.tasks import add_action
from .attendance import rows_of
from .models import Action, AgendaItem, Meeting
from .proposals import proposals

TITLE = "Hepatology meeting"
WEEKS = 4
# What the past meeting decided: MRN, question, decision, note, and what it asked for.
PAST = (
    (
        "D-0001",
        "Enzymes better, INR 1.5: recovery or failing synthesis?",
        "change",
        "ALT and AST come down, but INR rises and albumin falls with them. Not a recovery.\n"
        "Repeat within a month; vitamin K first.",
        [
            ("repeat", "", ["INR", "ALT", "AST", "albumin", "platelets"], 30),
            ("task", "Vitamin K 10 mg", [], 7),
        ],
    ),
    ("D-0006", "", "no_change", "Stable on treatment.", []),
    (
        "D-0011",
        "Congestion or fibrosis?",
        "again",
        "Cardiology has not answered yet. Echocardiogram first, then discuss again.",
        [("task", "Ask cardiology for the echocardiogram", [], 14)],
    ),
    (
        "D-0013",
        "",
        "change",
        "Refer now: the course is established and slow.",
        [("transplant", "", [], 21)],
    ),
)
ASKED = "Family asks what the falling enzymes mean"


def load(clinic: Clinic, now: datetime) -> int:
    """Loads what is missing; gives the number of meetings there now."""
    if not Meeting.objects.filter(clinic=clinic).exists():
        by = User.objects.get(username="clinician")
        past = _past(clinic, by, now)
        coming = plan_next(meeting=past, by=by)
        _fill(coming, by)
        count_figures(clinic=clinic, now=now)
    return Meeting.objects.filter(clinic=clinic).count()


def _past(clinic: Clinic, by: User, now: datetime) -> Meeting:
    """Held on the last day of this hour that lies almost four weeks back, so that the next one lies ahead."""
    day = (now - timedelta(weeks=WEEKS) + timedelta(days=2)).astimezone(clinic.zone).date()
    starts_at = datetime.combine(day, time(13), tzinfo=clinic.zone)
    meeting = plan_meeting(
        clinic=clinic,
        by=by,
        title=TITLE,
        starts_at=starts_at,
        chair=by,
        attendees=User.objects.filter(memberships__clinic=clinic, memberships__role__in=READERS),
        place="Seminar room 2",
        every_weeks=WEEKS,
    )
    found = {patient.mrn: patient for patient in Patient.objects.current().filter(clinic=clinic)}
    rows = [row for row in PAST if row[0] in found]
    for mrn, question, *_ in rows:
        take(meeting=meeting, by=by, patients={found[mrn]: []}, question=question)
    start(meeting=meeting, by=by, now=starts_at)
    at = starts_at
    for mrn, _, decision, note, tasks in rows:
        item = meeting.items.get(patient=found[mrn])
        show(item=item, by=by, now=at)
        save_outcome(item=item, by=by, version=item.version, decision=decision, note=note)
        for kind, text, tests, days in tasks:
            due_on = day + timedelta(days=days)
            add_action(
                patient=found[mrn],
                item=item,
                by=by,
                kind=Action.Kind(kind),
                text=text,
                tests=tests,
                owner=by,
                due_on=due_on,
            )
        at += timedelta(minutes=6)
    # Written in the past, as far as the demo is concerned: the record is shown as of that day.
    for item in meeting.items.filter(written_at__isnull=False):
        AgendaItem.objects.filter(pk=item.pk).update(written_at=item.shown_at)
    _attended(meeting, by)
    close_meeting(meeting=meeting, by=by, now=at, known=False)
    return meeting


def _attended(meeting: Meeting, by: User) -> None:
    """The chair and whoever follows were there; who runs the clinic's accounts sent apologies."""
    said = {
        one.user_id: AttendanceSaid("apologies", "")
        if one.user.memberships.filter(clinic=meeting.clinic, role=Role.ADMINISTRATOR).exists()
        else AttendanceSaid("present", "Hepatology" if one.user_id == by.pk else "Nursing")
        for one in rows_of(meeting)
    }
    meeting.refresh_from_db()
    record_attendance(meeting=meeting, by=by, version=meeting.version, said=said, guests="Dr Lind, Radiology")


def _fill(meeting: Meeting, by: User) -> None:
    """The first proposals taken; one patient asked for."""
    patient = Patient.objects.current().filter(clinic=meeting.clinic, mrn="D-0005").first()
    if patient is not None:
        nominate(patient=patient, by=by, reason=ASKED)
    chosen = proposals(meeting)[:6]
    patients = {one.patient: [[reason.kind, reason.sentence] for reason in one.reasons] for one in chosen}
    take(meeting=meeting, by=by, patients=patients)
