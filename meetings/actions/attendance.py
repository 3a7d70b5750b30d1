"""Who came to a meeting is said while it is open, and people who came unexpected are added."""

from dataclasses import dataclass

from accounts.models import User
from meetings.models import Attendance, Meeting
from patients.actions.errors import Refused, Stale

from .turns import holding

GUESTS_LENGTH = Meeting._meta.get_field("guests").max_length
SPECIALITY_LENGTH = Attendance._meta.get_field("speciality").max_length


@dataclass(frozen=True)
class AttendanceSaid:
    """What was said of one person."""

    attended: str
    speciality: str


def record_attendance(
    *, meeting: Meeting, by: User, version: int, said: dict[int, AttendanceSaid], guests: str
) -> None:
    """`said` by the id of the user. Raises Stale when somebody else changed the meeting after the form was
    opened and says otherwise; who is not on the list is refused."""
    guests = " ".join(guests.split())
    if len(guests) > GUESTS_LENGTH:
        raise Refused(f"This is longer than {GUESTS_LENGTH} characters: shorten it.", "guests")
    with holding(by=by, meeting=meeting) as now:
        changed = _changed(now, said)
        if not changed and guests == now.guests:
            return
        if now.version != version:
            raise Stale()
        for one in changed:
            one.save(update_fields=["attended", "speciality"])
        now.guests, now.version = guests, now.version + 1
        now.save(update_fields=["guests", "version"])


def _changed(meeting: Meeting, said: dict[int, AttendanceSaid]) -> list[Attendance]:
    there = {one.user_id: one for one in meeting.attendances.select_related("user")}
    changed = []
    for user, words in said.items():
        if user not in there:
            raise Refused("One of these people is no longer expected at this meeting: open the page again.")
        one = there[user]
        wanted = (words.attended, _speciality(words, one))
        if (one.attended, one.speciality) != wanted:
            one.attended, one.speciality = wanted
            changed.append(one)
    return changed


def _speciality(words: AttendanceSaid, one: Attendance) -> str:
    speciality = " ".join(words.speciality.split())
    if words.attended and words.attended not in Attendance.Attended:
        raise Refused("Choose present, apologies or not there.", "attended")
    if words.attended == Attendance.Attended.PRESENT and not speciality:
        raise Refused(
            f"Give the speciality of {one.user}: whoever was present sat there for one.", "attended"
        )
    if len(speciality) > SPECIALITY_LENGTH:
        raise Refused(f"A speciality has up to {SPECIALITY_LENGTH} characters.", "attended")
    return speciality
