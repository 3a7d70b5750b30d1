"""Attendance, as tests of other things need it: a meeting closes only with it."""

from accounts.models import User
from meetings.actions.attendance import AttendanceSaid, record_attendance
from meetings.attendance import rows_of
from meetings.models import Meeting


def everybody_came(meeting: Meeting, by: User) -> None:
    """All who are expected are present, for hepatology."""
    meeting.refresh_from_db()
    said = {one.user_id: AttendanceSaid("present", "Hepatology") for one in rows_of(meeting)}
    record_attendance(meeting=meeting, by=by, version=meeting.version, said=said, guests=meeting.guests)


def times(close_page) -> dict[str, str]:
    """Start and end as the page of the close proposes them."""
    form = close_page.context["form"]
    return {name: form[name].value() for name in form.fields}
