"""The one way to a meeting: through the person who asks."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.permissions import Can, may, require, require_shown

from .models import AgendaItem, Meeting

CLOSERS = "Only the chair of this meeting or a clinic administrator closes it. Ask one of them."


def meeting_for(user, uuid: UUID | str, capability: Can = Can.READ) -> Meeting:
    """The meeting, when this user may do this with it: else 404 (not visible) or 403 (not allowed).

    Its pages show what was read of each patient: a silent clinic refuses them.
    """
    found = Meeting.objects.visible_to(user).select_related("clinic", "chair", "closed_by")
    meeting = get_object_or_404(found, uuid=uuid)
    require(user, capability, meeting.clinic)
    require_shown(meeting.clinic)
    return meeting


def item_of(meeting: Meeting, uuid: UUID | str) -> AgendaItem:
    """One item of its agenda; the meeting came through the user already."""
    try:
        uuid = UUID(str(uuid))
    except ValueError:
        raise Http404 from None
    found = meeting.items.select_related("patient__clinic", "written_by")
    item = get_object_or_404(found, uuid=uuid, patient__withdrawn_at__isnull=True)
    item.meeting = meeting
    return item


def may_close(user, meeting: Meeting) -> bool:
    leads = user.pk == meeting.chair_id and may(user, Can.DECIDE, meeting.clinic)
    return leads or may(user, Can.CLOSE_MEETINGS, meeting.clinic)


def require_closer(user, meeting: Meeting) -> None:
    if not may_close(user, meeting):
        raise PermissionDenied(CLOSERS)
