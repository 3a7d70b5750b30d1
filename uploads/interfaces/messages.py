"""Messages of other systems: kept as they came, stored through the funnel of all files, acknowledged.

A message is kept before anything else is done with it. The same one again changes nothing and gets the
answer of the first time.
"""

from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Clinic, User
from patients.actions.errors import Refused
from patients.actions.notices import lapse_waiting
from patients.actions.people import INVISIBLE
from uploads import actions
from uploads.identity import news
from uploads.importers import hl7v2
from uploads.importers.hl7v2.ack import ACCEPTED, ERROR, REJECTED, Remark, acknowledge
from uploads.importers.hl7v2.message import Fault
from uploads.importers.hl7v2.people import people_in
from uploads.importers.records import FileRefused
from uploads.interfaces.remarks import reason_of, remarks_of
from uploads.interfaces.senders import seen
from uploads.matching import CHANGED, REFUSED
from uploads.models import Mapping, Message, Sender, Upload

# So many messages are stored again while a page waits; `manage.py replay_messages` takes the others.
REPLAYED = 200
State = Message.State
GONE = "the database does not answer at the moment. Send it again in a minute."


def receive(*, sender: Sender, raw: bytes) -> tuple[str, bytes]:
    """The code (AA, AE, AR) and the whole acknowledgement."""
    seen(sender)
    try:
        found = open_message(raw)
    except hl7v2.UnreadableMessage as error:
        _keep_unread(sender, raw, error.fault)
        return _answer(REJECTED, None, sender, Remark(error.fault))
    message, first = _keep(sender, raw, found)
    if not first and message.content_sha256 != _digest(found.content.encode()):
        if message.state == State.REFUSED or message.answer == REJECTED:
            return _process(_instead_of(message, raw, found), found)
        fault = Fault(
            "205", "MSH-10", "this control id was used before for a message that says something else."
        )
        _keep_unread(sender, raw, fault, ERROR)
        return _answer(ERROR, found, sender, Remark(fault))
    return _process(message, found)


def refused(sentence: str, code: str) -> bytes:
    """The acknowledgement of bytes of which none was looked at."""
    fault = Fault("207", "MSH-1", sentence)
    return acknowledge(code, None, timezone.now(), "", (Remark(fault),))


def too_often(wait: int) -> bytes:
    """The acknowledgement to a sender that runs wild; the same message is welcome after `wait` seconds."""
    sentence = f"more than {settings.SENDER_RATE} messages in a minute. Send it again in {wait} s."
    return refused(sentence, ERROR)


def not_now(raw: bytes, why: str = GONE) -> bytes:
    """The acknowledgement of a message that is welcome later; by itself: while the database does not answer."""
    try:
        found = open_message(raw)
    except hl7v2.UnreadableMessage:
        found = None
    return acknowledge(ERROR, found, timezone.now(), "", (Remark(Fault("207", "MSH-10", why)),))


def replay(*, message: Message, apply_changes: bool = False, accept_questions: bool = False) -> str:
    """Stores a kept message again, as the record and the knowledge are now; gives the code."""
    try:
        found = open_message(bytes(message.raw))
    except hl7v2.UnreadableMessage as error:
        _settle(message, State.REFUSED, REJECTED, error.fault.text)
        return REJECTED
    asked = {"apply_changes": apply_changes, "accept_questions": accept_questions}
    return _process(message, found, again=True, **asked)[0]


def replay_named(*, clinic: Clinic, named: list[Mapping]) -> tuple[int, int]:
    """Stores again, in the order of arrival, what waited for names that have a meaning now.

    How many messages that were, and how many more wait for the same names (see REPLAYED).
    """
    waits = Q()
    for mapping in named:
        name = {"what": mapping.what, "about": mapping.about, "folded": mapping.folded}
        mine = Q(sender__name__iexact=mapping.sender) if mapping.sender else Q()
        waits |= mine & Q(upload__unknown__contains=[name])
    if not waits:
        return 0, 0
    held = Message.objects.filter(
        waits, sender__clinic=clinic, state=State.WAITING, upload__state=Upload.State.STORED
    )
    found = held.select_related("sender__clinic", "sender__user").order_by("at", "pk")
    for message in (chosen := list(found[:REPLAYED])):
        replay(message=message)
    return len(chosen), held.exclude(pk__in=[message.pk for message in chosen]).count()


@transaction.atomic
def set_aside(*, message: Message, by: User) -> None:
    """A person has seen it and nothing more is to be done; it is kept, and can still be stored again."""
    message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if message.state == State.STORED:
        raise Refused("This message is stored by now: there is nothing to set aside.")
    if message.state == State.CLOSED:
        raise Refused("This message was set aside already.")
    message.state, message.closed_at, message.closed_by = State.CLOSED, timezone.now(), by
    message.save(update_fields=["state", "closed_at", "closed_by"])
    news.lapse(message)
    if message.upload_id:
        lapse_waiting(uploads=[message.upload_id])


def open_message(raw: bytes) -> hl7v2.Hl7Message:
    """Raises Unreadable: where the bytes are not one message, or too many of them."""
    if len(raw) > settings.MAX_MESSAGE_MB * 1024 * 1024:
        raise hl7v2.UnreadableMessage(
            "102", "MSH", f"the message is larger than {settings.MAX_MESSAGE_MB} MB (MAX_MESSAGE_MB)."
        )
    if not hl7v2.sniff(raw):
        raise hl7v2.UnreadableMessage("100", "MSH", "this is no HL7 v2 message: it does not begin with MSH.")
    try:
        lines = list(hl7v2.messages(hl7v2.read_text(raw, INVISIBLE)[0]))
    except FileRefused as refusal:
        raise hl7v2.UnreadableMessage("102", "MSH-18", str(refusal)) from None
    if len(lines) != 1:
        raise hl7v2.UnreadableMessage(
            "100", "MSH", f"{len(lines)} messages came at once. Send one at a time, or upload the file."
        )
    return hl7v2.Hl7Message(lines[0])


def _process(message: Message, found: hl7v2.Hl7Message, again: bool = False, **asked) -> tuple[str, bytes]:
    """Once more when somebody else was writing the same records: the sender need not know."""
    try:
        try:
            return _store(message, found, again, **asked)
        except Refused as refusal:
            if refusal.constraint != "deadlock":
                raise
            return _store(message, found, again, **asked)
    except Refused as refusal:
        fault = Fault("207", "MSH-10", f"nothing was stored: {refusal.sentence}")
        Message.objects.filter(pk=message.pk).update(reason=fault.text[:300], answer=ERROR)
        return _answer(ERROR, found, message.sender, Remark(fault))


@transaction.atomic
def _store(message: Message, found: hl7v2.Hl7Message, again: bool, **asked) -> tuple[str, bytes]:
    """Holds the message, so that of two that are the same at once the second finds it done."""
    sender = message.sender
    message = Message.objects.select_for_update(of=("self",)).select_related("upload").get(pk=message.pk)
    # Of a refused one about people nothing was stored: it is read anew.
    is_done = message.state != State.RECEIVED and not (found.is_of_people and message.state == State.REFUSED)
    if is_done and not again:
        if found.fault:
            return _answer(message.answer, found, sender, Remark(found.fault))
        return _answer_of_rows(message, found)
    if fault := found.fault:
        _settle(message, State.REFUSED, REJECTED, fault.text)
        return _answer(REJECTED, found, sender, Remark(fault))
    if found.is_of_people:
        return _take_news(message, found)
    if message.upload:
        # What waits of it now is said anew.
        lapse_waiting(uploads=[message.upload_id])
    (message.upload,) = actions.store(
        contents=[(f"message {found.control_id}"[:200], bytes(message.raw))],
        clinic=sender.clinic,
        by=sender.user,
        system=sender,
        arrived=message.at,
        **asked,
    )
    state, answer = _outcome(message.upload, asked.get("apply_changes", False))
    _settle(message, state, answer, _why(message.upload, state))
    return _answer_of_rows(message, found)


def _take_news(message: Message, found: hl7v2.Hl7Message) -> tuple[str, bytes]:
    """Of people themselves: one message, all of it or nothing."""
    try:
        people = people_in(found, message.sender.authority)
        told = news.take_in(message=message, people=people, sent_at=_sent_at(found, message.sender))
    except hl7v2.UnreadableMessage as error:
        _settle(message, State.REFUSED, ERROR, error.fault.text)
        return _answer(ERROR, found, message.sender, Remark(error.fault))
    state = State.WAITING if any(one.waits for one in told) else State.STORED
    _settle(message, state, ACCEPTED, " ".join(one.text for one in told))
    return _answer_of_rows(message, found)


def _sent_at(found: hl7v2.Hl7Message, sender: Sender) -> datetime | None:
    """MSH-7; without a zone in that of the clinic."""
    at = found.sent_at
    return at if at is None or at.tzinfo else datetime(*at.timetuple()[:6], tzinfo=sender.clinic.zone)


def _outcome(upload: Upload, applied: bool) -> tuple[str, str]:
    """AE where a row was refused: what is right beside it is stored all the same. What the clinic never reads
    is nobody's error. `applied`: what differs from the record was stored too."""
    never = upload.rows.filter(outcome=REFUSED, settled=True).count() if upload.refused else 0
    if upload.refused > never or upload.reason:
        nothing = not (upload.new or upload.same or upload.changed or upload.waiting or never)
        return (State.REFUSED if nothing else State.WAITING), ERROR
    differs = not applied and upload.rows.filter(outcome=CHANGED, settled=False).exists()
    open_rows = upload.waiting or differs
    return (State.WAITING if open_rows else State.STORED), ACCEPTED


def _why(upload: Upload, state: str) -> str:
    """The first thing for a person to look at. Reasons name no patient."""
    return "" if state == State.STORED else upload.reason or reason_of(upload, state)


@transaction.atomic
def _keep(sender: Sender, raw: bytes, found: hl7v2.Hl7Message) -> tuple[Message, bool]:
    """The message as it is kept, and whether it came for the first time."""
    digests = {"sha256": sha256(raw).hexdigest(), "content_sha256": _digest(found.content.encode())}
    names = {"source": found.sender[:400], "control_id": found.control_id[:200]}
    if not found.control_id:
        names["content_sha256"] = digests.pop("content_sha256")
        if there := Message.objects.filter(sender=sender, **names).first():
            there.sender = sender
            return there, False
    message, first = Message.objects.get_or_create(sender=sender, **names, defaults={"raw": raw, **digests})
    message.sender = sender
    return message, first


@transaction.atomic
def _instead_of(refused: Message, raw: bytes, found: hl7v2.Hl7Message) -> Message:
    """Nothing of that message was stored: a corrected one may bear its control id. The refused one is kept
    without."""
    Message.objects.filter(pk=refused.pk).update(control_id="")
    return _keep(refused.sender, raw, found)[0]


def _keep_unread(sender: Sender, raw: bytes, fault: Fault, answer: str = REJECTED) -> None:
    """What is no message, or none of its own, is kept once, so that somebody can see what came; not what is
    too large to keep. Without a control id: it is never stored with the others."""
    if len(raw) > settings.MAX_MESSAGE_MB * 1024 * 1024:
        raw = raw[:1000]
    digest = sha256(raw).hexdigest()
    told = {"state": State.REFUSED, "answer": answer, "reason": fault.text[:300]}
    digests = {"content_sha256": digest, "sha256": digest}
    if not Message.objects.filter(sender=sender, control_id="", content_sha256=digest).exists():
        Message.objects.create(sender=sender, raw=raw, **digests, **told)


def _settle(message: Message, state: str, answer: str, reason: str) -> None:
    message.state, message.answer, message.reason = state, answer, reason[:300]
    message.closed_at = message.closed_by = None
    message.save(update_fields=["state", "answer", "reason", "upload", "closed_at", "closed_by"])


def _answer_of_rows(message: Message, found: hl7v2.Hl7Message) -> tuple[str, bytes]:
    if found.is_of_people:
        code, severity = ("204", "W") if message.state == State.WAITING else ("0", "I")
        remark = Remark(Fault(code, "PID-3", message.reason), severity)
        return _answer(message.answer, found, message.sender, remark, summary=message.reason)
    said = remarks_of(message.upload, message.state)
    return _answer(message.answer, found, message.sender, *said.remarks, summary=said.summary)


def _answer(code: str, found, sender: Sender, *remarks: Remark, summary: str = "") -> tuple[str, bytes]:
    at = timezone.now().astimezone(sender.clinic.zone)
    return code, acknowledge(code, found, at, sender.clinic.code, remarks, summary)


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
