"""Standing concerns: raised with an owner, closed with a reason, never changed."""

from datetime import date

from django.utils import timezone

from accounts.models import User
from accounts.permissions import Can, people_who
from patients.actions.errors import Refused
from patients.actions.writing import writing
from patients.models import Concern, Patient

REASON_LENGTH = Concern._meta.get_field("reason").max_length
CLOSED_LENGTH = Concern._meta.get_field("closed_reason").max_length


def raise_concern(*, patient: Patient, by: User, reason: str, owner: User, starts_on: date) -> Concern:
    """Adds a concern. The same of the same owner, sent twice, adds one; of another owner it is refused."""
    reason = _plain(reason, "Say what the concern is.", REASON_LENGTH)
    with writing(by=by, patient=patient):
        now = timezone.now()
        same = patient.concerns.standing().filter(reason=reason).select_related("owner").first()
        if same and (same.owner, same.starts_on, same.by_id) == (owner, starts_on, by.pk):
            return same
        if same:
            raise Refused(f"This concern stands already, owned by {same.owner}.", "reason")
        if starts_on > now.astimezone(patient.clinic.zone).date():
            raise Refused("The first day lies in the future.", "starts_on")
        if starts_on < patient.birth_date:
            raise Refused("The first day is before the patient was born.", "starts_on")
        if not people_who(Can.ENTER, patient.clinic).filter(pk=owner.pk).exists():
            raise Refused(f"{owner} cannot follow it in this clinic: choose another owner.", "owner")
        fields = {"reason": reason, "owner": owner, "starts_on": starts_on}
        return Concern.objects.create(patient=patient, by=by, at=now, **fields)


def close_concern(*, concern: Concern, by: User, reason: str) -> None:
    """It no longer stands; the row is kept. The same end again changes nothing."""
    reason = _plain(reason, "Say why the concern is closed.", CLOSED_LENGTH)
    with writing(by=by, patient=concern.patient):
        concern.refresh_from_db()
        if (concern.closed_by_id, concern.closed_reason) == (by.pk, reason):
            return
        if concern.closed_at:
            raise Refused(f"{concern.closed_by} has closed this already: {concern.closed_reason}")
        concern.closed_at, concern.closed_by, concern.closed_reason = timezone.now(), by, reason
        concern.save(update_fields=["closed_at", "closed_by", "closed_reason"])


def _plain(text: str, sentence: str, longest: int) -> str:
    text = " ".join(text.split())
    if not text:
        raise Refused(sentence, "reason")
    if len(text) > longest:
        raise Refused(f"This is longer than {longest} characters: shorten it.", "reason")
    return text
