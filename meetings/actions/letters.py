"""A letter is kept at the moment it is sent."""

from django.utils import timezone

from accounts.models import User
from meetings.letters import basis_of_letter, content_of
from meetings.models import Discussion, Letter
from meetings.models.letters import TEXT_LENGTH
from patients.actions.errors import Refused
from patients.models import Patient
from patients.review.signing import present_for

from .turns import writing

RECIPIENT_LENGTH = Letter._meta.get_field("recipient").max_length
NOTHING_JUDGED = "Discuss this patient or sign off the report first: a letter tells what was judged here."
OTHER_BASIS = "This patient was discussed or reviewed again meanwhile. Read your letter against it."
NEWER = "The record has changed while you wrote. See what is new, then send or change the letter."
ACCEPT = "Newer results have arrived since. Say that you send the letter all the same, or review them first."


def keep_letter(
    *, patient: Patient, by: User, recipient: str, text: str, basis: str, seen: str, accept: bool
) -> Letter:
    """Freezes the letter as it is sent. `basis` is the id of what the writer saw it rest on, `seen` the
    fingerprint of the record then; `accept`: sent although newer results are there.

    Sent twice in the same words by the same person, it is one letter.
    """
    recipient, text = (given.replace("\r\n", "\n").strip() for given in (recipient, text))
    _check(recipient, text)
    with writing(by=by):
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        found = basis_of_letter(patient)
        if found is None:
            raise Refused(NOTHING_JUDGED)
        if str(found.held.uuid) != basis:
            raise Refused(OTHER_BASIS, "basis")
        present = present_for(patient, timezone.now())
        since = found.since(present.basis)
        newer = list(since.sentences) if since.changed else []
        rests = {"discussion": found.held} if isinstance(found.held, Discussion) else {"sign_off": found.held}
        twin = Letter.objects.filter(patient=patient, by=by, recipient=recipient, text=text, newer=newer)
        if last := twin.filter(**rests).first():
            return last
        if present.fingerprint != seen:
            raise Refused(NEWER, "seen")
        if newer and not accept:
            raise Refused(ACCEPT, "accept")
        return Letter.objects.create(
            clinic_id=patient.clinic_id,
            patient=patient,
            recipient=recipient,
            text=text,
            content=content_of(found, patient),
            newer=newer,
            author=str(by),
            by=by,
            **rests,
        )


def _check(recipient: str, text: str) -> None:
    if not recipient:
        raise Refused("Say to whom the letter goes.", "recipient")
    if len(recipient) > RECIPIENT_LENGTH:
        raise Refused(f"The address is longer than {RECIPIENT_LENGTH} characters.", "recipient")
    if not text:
        raise Refused("A letter needs words.", "text")
    if len(text) > TEXT_LENGTH:
        raise Refused(f"The letter is longer than {TEXT_LENGTH} characters: shorten it.", "text")
