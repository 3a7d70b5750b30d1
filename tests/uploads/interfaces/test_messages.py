"""Messages of other systems: POST /hl7/, MLLP, kept and stored again."""

import asyncio
import socket
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connections, transaction
from django.urls import reverse

from patients.actions.errors import Refused
from patients.models import Draw, Patient, Result
from tests.uploads.oru import obx, oru
from tests.waiting import PATIENCE
from uploads import actions, mappings
from uploads.interfaces import messages, mllp, senders
from uploads.interfaces.remarks import REMARKS
from uploads.interfaces.tokens import Unwelcome, let_in
from uploads.management.commands.mllp import answer
from uploads.models import Message, Sender, SenderToken, TokenScope, Upload

db = pytest.mark.django_db


@pytest.fixture
def sender(clinic) -> Sender:
    return senders.add_sender(clinic=clinic, name="cobas")[0]


@pytest.fixture
def post(client, clinic):
    """post(raw) -> response, signed in as a sender."""
    _, token = senders.add_sender(clinic=clinic, name="Analyser")

    def post(raw: bytes, **headers):
        headers = {"Authorization": f"Bearer {token}"} | headers
        return client.post("/hl7/", raw, content_type="text/plain", headers=headers)

    return post


def send(sender: Sender, raw: bytes) -> tuple[str, list[list[str]]]:
    """The code and the segments of the answer."""
    code, raw = messages.receive(sender=sender, raw=raw)
    return code, [segment.split("|") for segment in raw.decode().split("\r")[:-1]]


# --- signing in ---


def lets_in(token: str) -> Sender | None:
    try:
        return let_in(f"Bearer {token}", TokenScope.SEND_HL7)
    except Unwelcome:
        return None


@db
@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong-token-that-is-long-enough", "Basic YTpi", "Bearer \xe4"]
)
def test_without_its_token_nobody_sends(post, header):
    response = post(oru(), Authorization=header)
    assert (response.status_code, Message.objects.count()) == (401, 0)
    assert response["WWW-Authenticate"].startswith("Bearer")


@db
def test_a_blocked_sender_is_kept_out_until_it_has_a_new_token(clinic):
    sender, token = senders.add_sender(clinic=clinic, name="cobas")
    senders.block(sender=sender)
    assert not lets_in(token)
    renewed = senders.new_token(sender=sender)
    assert not lets_in(token)
    assert lets_in(renewed) == sender


@db
def test_the_token_is_shown_once_and_only_its_hash_kept(clinic):
    out = StringIO()
    call_command("add_sender", "cobas", clinic="north", stdout=out)
    token = out.getvalue().splitlines()[1]
    assert lets_in(token).name == "cobas"
    assert token not in f"{Sender.objects.values()} {SenderToken.objects.values()}"
    with pytest.raises(CommandError, match="already has a sender named “cobas”"):
        call_command("add_sender", "cobas", clinic="north", stdout=out)


@db
def test_a_senders_user_cannot_sign_in(sender):
    assert not sender.user.is_active and not sender.user.has_usable_password()


# --- POST /hl7/ ---


@db
def test_a_message_is_stored_and_acknowledged(people, post):
    response = post(oru(id="42"))
    assert (response.status_code, response["Content-Type"]) == (
        200,
        "x-application/hl7-v2+er7; charset=utf-8",
    )
    assert b"\rMSA|AA|42\r" in response.content
    assert (Result.objects.get().value, Upload.objects.get(kind="labs").sender) == (200, "Analyser")


@db
def test_forms_are_sent_away(client, post):
    for kind in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
        assert post(oru(), **{"Content-Type": kind}).status_code == 415


@db
def test_a_message_above_the_limit_is_not_read(post, settings):
    settings.MAX_MESSAGE_MB = 1
    assert post(b"MSH" + b"x" * 1_100_000).status_code == 413
    assert not Message.objects.exists()


@db
def test_nothing_of_the_patient_is_logged_or_said_to_the_sender(people, post, caplog):
    response = post(oru(born="19700502"))
    assert b"Near match" in response.content and b"1970" not in response.content.replace(b"19700502", b"")
    assert "N-1" not in response.content.decode() + caplog.text


# --- answers ---


@db
@pytest.mark.parametrize(
    ("raw", "code", "error"),
    [
        (oru(), "AA", ""),
        (oru(mrn="N-9"), "AA", "204"),
        (oru(born="19700502"), "AA", "204"),
        (oru(obx(status="")), "AE", "102"),
        (oru(obx(value="much")), "AA", "204"),
        (oru(live="T"), "AR", "202"),
        (oru(version="2.8"), "AR", "203"),
        (oru().replace(b"ORU^R01^ORU_R01", b"ADT^A01"), "AR", "201"),
        (oru().replace(b"ORU^R01^ORU_R01", b"ORU^R30"), "AR", "201"),
        (oru(id=""), "AR", "101"),
        (oru(id="1") + oru(id="2"), "AR", "100"),
        (b"hello", "AR", "100"),
        (b"", "AR", "100"),
        (b"MSH|||\x00", "AR", "102"),
        (oru() + b"\x00", "AR", "102"),
    ],
)
def test_the_answer_says_what_became_of_the_message(people, sender, raw, code, error):
    found, segments = send(sender, raw)
    assert (found, segments[1][:2]) == (code, ["MSA", code])
    errors = [segment[3].partition("^")[0] for segment in segments[2:]]
    assert errors == [error] * bool(error)


@db
@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2.5.1", ["ERR", "", "OBX^1^11", "102^Data type error^HL70357", "E"]),
        ("2.3", ["ERR", "OBX^1^11^102&Data type error&HL70357"]),
    ],
)
def test_errors_name_their_place_in_the_senders_version(people, sender, version, expected):
    _, segments = send(sender, oru(obx(status=""), version=version))
    assert segments[2][: len(expected)] == expected and segments[0][11] == version


@db
def test_what_is_right_in_a_message_is_stored_beside_what_is_refused(people, sender):
    code, _ = send(sender, oru(obx(status="?"), obx("1920-8^AST^LN", n=2)))
    assert (code, Result.objects.get().analyte) == ("AE", "AST")


def inr(value: str, n: int = 1) -> str:
    return obx("6301-6^INR^LN", value, n=n, unit="", limits="")


@db
@pytest.mark.parametrize("version", ["2.3", "2.5.1"])
def test_what_is_stored_and_marked_is_told_without_earlier_values(people, sender, version):
    send(sender, oru(inr("1.5"), id="1"))
    raw = oru(obx(), inr("5.1", 2), id="2", filler="A2", taken="20250303080000", version=version)
    code, segments = send(sender, raw)
    assert (code, Message.objects.get(control_id="2").state) == ("AA", "stored")
    assert segments[1] == ["MSA", "AA", "2", "Stored, marked unconfirmed: OBX 2."]
    errors = [[*segment[2:5], segment[8]] for segment in segments[2:]]
    told = ["OBX^2", "0^Message accepted^HL70357", "W", "OBX 2: stored, marked unconfirmed."]
    assert errors == ([told] if version == "2.5.1" else [])
    assert "1.5" not in str(segments[1:])
    assert send(sender, raw)[1][1:] == segments[1:]


@db
def test_what_waits_is_told_as_a_warning(people, sender):
    code, segments = send(sender, oru(obx(value="much"), obx("XX^Xyz^L", n=2)))
    assert (code, segments[1][3]) == ("AA", "Waits for a person: OBX 1, OBX 2.")
    assert [segment[4] for segment in segments[2:]] == ["W", "W"]
    assert segments[2][8].startswith("Message 1, OBX 1, OBX-5: waits for a person: ALT: “much”")


@db
def test_what_differs_from_the_record_is_told_and_stored_when_a_person_says_so(people, sender):
    send(sender, oru())
    Result.objects.update(order_key="")
    raw = oru(obx(value="300"), id="2", filler="A2", reported="")
    code, segments = send(sender, raw)
    assert (code, segments[1][3]) == ("AA", "Another value is in the record, waits for a person: OBX 1.")
    assert segments[2][3:5] == ["205^Duplicate key identifier^HL70357", "W"] and "200" not in segments[2][8]
    out = StringIO()
    call_command("replay_messages", clinic="north", apply_changes=True, stdout=out)
    assert "1 stored, 0 need a person" in out.getvalue() and "1 differ from the record" in out.getvalue()
    assert send(sender, raw)[1][1:] == [["MSA", "AA", "2"]]


@db
def test_before_2_5_an_error_and_a_mark_stand_in_one_sentence(people, sender):
    send(sender, oru(inr("1.5"), id="1"))
    new = {"id": "2", "filler": "A2", "taken": "20250303080000", "version": "2.4"}
    code, segments = send(sender, oru(obx(status=""), inr("5.1", 2), **new))
    assert (code, [segment[0] for segment in segments]) == ("AE", ["MSH", "MSA", "ERR"])
    assert segments[1][3].endswith("is final. Ask the sender for it. Stored, marked unconfirmed: OBX 2.")


@db
def test_more_rows_than_are_told_are_counted(people, sender):
    _, segments = send(sender, oru(*(obx(f"X{n}^Xyz{n}^L", n=n) for n in range(1, 24))))
    assert len(segments) == 2 + REMARKS and segments[1][3].endswith(". 3 more are on the uploads page.")


@db
def test_the_same_message_again_is_a_no_op_with_the_same_answer(people, sender):
    first = send(sender, oru(obx(status="")))
    again = oru(obx(status="")).replace(b"20250301120000", b"20250301130000")
    assert send(sender, again)[0] == first[0] == "AE"
    assert Message.objects.count() == 1 and Upload.objects.filter(system=sender).count() == 1


@db
def test_a_control_id_with_other_content_is_an_error_and_nothing_stored(people, sender):
    send(sender, oru())
    code, segments = send(sender, oru(obx(value="999")))
    assert (code, segments[2][3]) == ("AE", "205^Duplicate key identifier^HL70357")
    assert Result.objects.get().value == 200


@db
@pytest.mark.parametrize("refused", [oru(live="T"), oru(obx(status="Q"))])
def test_a_refused_message_may_come_corrected_under_its_control_id(people, sender, refused):
    assert send(sender, refused)[0] != "AA"
    assert send(sender, oru())[0] == "AA" and Result.objects.count() == 1
    kept = dict(Message.objects.values_list("control_id", "state"))
    assert kept == {"": "refused", "1": "stored"}
    # What is stored now is not replaced so.
    assert send(sender, oru(obx(value="300")))[1][2][3] == "205^Duplicate key identifier^HL70357"


@db
def test_what_reuses_a_control_id_is_kept_for_a_person_and_never_stored_with_the_others(people, sender):
    other = oru(obx(value="999"))
    for raw in (oru(), other, other):
        send(sender, raw)
    kept = Message.objects.exclude(control_id="1").get()
    assert (bytes(kept.raw), kept.state, kept.answer) == (other, "refused", "AE")
    call_command("replay_messages", clinic="north", stdout=StringIO())
    assert [result.value for result in Result.objects.all()] == [200]


@db
def test_two_senders_may_use_the_same_control_id(people, sender, clinic):
    other = senders.add_sender(clinic=clinic, name="other")[0]
    send(sender, oru())
    assert send(other, oru(obx("1920-8^AST^LN")))[0] == "AA" and Result.objects.count() == 2


@db
def test_the_message_is_kept_byte_for_byte_even_when_it_is_none(sender):
    for raw in (oru(live="T"), b"\xff\xfe\x00hello"):
        send(sender, raw)
        send(sender, raw)
    kept = {bytes(message.raw): message.state for message in Message.objects.all()}
    assert kept == {oru(live="T"): "refused", b"\xff\xfe\x00hello": "refused"}


@db
def test_when_the_record_is_busy_the_sender_is_told_and_may_send_again(people, sender, monkeypatch):
    def busy(**given):
        raise Refused("Somebody else was writing.", constraint="deadlock")

    with monkeypatch.context() as patch:
        patch.setattr(actions, "store", busy)
        assert send(sender, oru())[0] == "AE"
    assert Message.objects.get().state == "received"
    assert send(sender, oru())[0] == "AA" and Message.objects.get().state == "stored"


@db
def test_a_time_of_arrival_stands_in_for_the_time_of_the_report(people, sender):
    send(sender, oru(reported=""))
    assert Draw.objects.get().received_at == Message.objects.get().at


@db
def test_only_numbers_of_the_senders_authority_are_mrns(people, clinic):
    strict = senders.add_sender(clinic=clinic, name="strict", authority="SOUTH")[0]
    send(strict, oru())
    assert Message.objects.get().state == "waiting" and not Result.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_message_twice_at_once_is_stored_once(people, sender):
    start, codes = threading.Barrier(2), []

    def one() -> None:
        start.wait(10)
        codes.append(messages.receive(sender=sender, raw=oru())[0])
        connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert codes == ["AA", "AA"]
    assert (Message.objects.count(), Result.objects.count()) == (1, 1)
    assert Upload.objects.filter(system=sender).count() == 1


# --- waiting, and stored again ---


@db
def test_what_waits_is_on_the_page_and_is_stored_once_it_can_be(people, sender, manager):
    send(sender, oru(id="M7", mrn="N-9", born="19500101", name="Osei"))
    page = manager.get(reverse("uploads:list")).content.decode()
    assert "1 message needs a person" in page and ">M7</a>" in page
    assert "OBX 1, PID-3: No patient with this MRN" in page
    message = Message.objects.select_related("upload").get()
    person = Patient.objects.get(mrn="N-1")
    Patient.objects.create(
        clinic=person.clinic, mrn="N-9", family_name="Osei", birth_date="1950-01-01", sex="U"
    )
    page = manager.get(reverse("uploads:preview", args=[message.upload.batch])).content.decode()
    assert "Store this message again" in page
    manager.post(reverse("uploads:replay", args=[message.upload.batch]))
    message.refresh_from_db()
    assert (message.state, message.answer, Result.objects.count()) == ("stored", "AA", 1)
    assert "No message needs a person." in manager.get(reverse("uploads:list")).content.decode()
    manager.post(reverse("uploads:replay", args=[message.upload.batch]))
    assert Result.objects.count() == 1


@db
def test_a_message_set_aside_leaves_the_list_and_can_still_be_stored(people, sender, manager, data_manager):
    send(sender, oru(id="M7", mrn="N-9"))
    message = Message.objects.select_related("upload").get()
    aside = reverse("uploads:set-aside", args=[message.uuid])
    assert aside in manager.get(reverse("uploads:list")).content.decode()
    manager.post(aside)
    message.refresh_from_db()
    assert (message.state, message.closed_by, message.closed_at is None) == ("closed", data_manager, False)
    assert "No message needs a person." in manager.get(reverse("uploads:list")).content.decode()
    call_command("replay_messages", clinic="north", stdout=StringIO())
    message.refresh_from_db()
    assert message.state == "closed"
    assert "was set aside already" in manager.post(aside, follow=True).content.decode()
    page = manager.get(reverse("uploads:preview", args=[message.upload.batch])).content.decode()
    assert "Set aside on" in page
    Patient.objects.filter(mrn="N-1").update(mrn="N-9")
    manager.post(reverse("uploads:replay", args=[message.upload.batch]))
    message.refresh_from_db()
    assert (message.state, message.closed_by, Result.objects.count()) == ("stored", None, 1)
    assert "nothing to set aside" in manager.post(aside, follow=True).content.decode()


@db
def test_who_set_a_message_aside_and_when_belong_together(sender):
    send(sender, oru(live="T"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.update(state="closed")


@db
def test_files_of_people_are_not_buried_under_messages(people, sender, manager):
    send(sender, oru())
    page = manager.get(reverse("uploads:list")).content.decode()
    assert "file1.csv" in page and "message 1" not in page


@db
def test_a_question_is_answered_on_the_page(people, sender, manager):
    send(sender, oru(obx("2161-8^Creatinine^LN", "90", unit="umol/L", limits="")))
    batch = Message.objects.get().upload.batch
    assert "The values under “Is this right?”" in manager.get(f"/uploads/{batch}/").content.decode()
    manager.post(f"/uploads/{batch}/replay/", {"accept_questions": "on"})
    assert Message.objects.get().state == "stored" and Result.objects.get().analyte == "creatinine"


@db
def test_replay_says_what_it_marked_and_what_waits(people, sender):
    send(sender, oru(inr("1.5"), id="1", mrn="N-9"))
    new = {"id": "2", "mrn": "N-9", "filler": "A2", "taken": "20250303080000"}
    send(sender, oru(inr("5.1"), obx("XX^Xyz^L", n=2), **new))
    Patient.objects.filter(mrn="N-1").update(mrn="N-9")
    out, err = StringIO(), StringIO()
    call_command("replay_messages", clinic="north", stdout=out, stderr=err)
    counts = "3 read: 2 new, 0 already in the record, 0 differ from the record, 0 refused, 1 need a person"
    assert out.getvalue().splitlines()[1] == f"Their rows: {counts}, 1 marked unconfirmed."
    said = err.getvalue().splitlines()
    assert said[0].startswith("message 2: Message 1, OBX 2, OBX-3: Test “Xyz” is not known.")
    assert said[1].startswith(
        "message 2: Message 1, OBX 1, stored as new and marked unconfirmed: Unconfirmed"
    )
    assert len(said) == 2 and "N-9" not in out.getvalue() + err.getvalue()


@db
def test_replay_stores_in_the_order_of_arrival(people, sender):
    send(sender, oru(obx(status="P", value="190"), id="1", mrn="N-9", name="", born="19700501"))
    send(sender, oru(obx(value="200"), id="2", mrn="N-9", name="", born="19700501"))
    send(sender, oru(id="3", live="T"))
    Patient.objects.filter(mrn="N-1").update(mrn="N-9")
    out = StringIO()
    call_command("replay_messages", clinic="north", stdout=out)
    assert out.getvalue().startswith("3 messages replayed: 2 stored, 0 need a person, 1 refused")
    states = Result.objects.order_by("pk").values_list("value", "status")
    assert list(states) == [(190, "superseded"), (200, "final")]
    call_command("replay_messages", clinic="north", all=True, stdout=out)
    assert Result.objects.count() == 2


# --- names that a person maps ---

LEBER = obx("LW^Leberwert^L")


def names_page(manager, upload: Upload) -> str:
    return manager.get(reverse("uploads:preview", args=[upload.batch])).content.decode()


def say(manager, upload: Upload, meaning: str) -> None:
    """Answers the first unknown name of the upload on its page."""
    field = mappings.questions_of([upload])[0].field
    assert f'name="{field}"' in names_page(manager, upload)
    manager.post(reverse("uploads:names", args=[upload.batch]), {field: meaning}, follow=True)


@db
def test_a_name_given_a_meaning_stores_every_message_that_waited_for_it(people, sender, clinic, manager):
    other = senders.add_sender(clinic=clinic, name="other")[0]
    for number, value in enumerate(("100", "200"), 1):
        own = {"id": str(number), "filler": f"A{number}", "taken": f"2025030{number}080000"}
        raw = oru(LEBER.replace("|200|", f"|{value}|"), obx("1920-8^AST^LN", n=2), **own)
        assert send(sender, raw)[0] == "AA"
    send(other, oru(LEBER))
    send(sender, oru(obx("XX^Xyz^L"), id="3"))
    assert set(Result.objects.values_list("analyte", flat=True)) == {"AST"}
    say(manager, Message.objects.get(sender=sender, control_id="1").upload, "test||ALT")
    alt = Result.objects.filter(analyte="ALT").order_by("draw__taken_at")
    assert [(result.value, result.upload.sender) for result in alt] == [(100, "cobas"), (200, "cobas")]
    states = Message.objects.order_by("pk").values_list("sender__name", "state")
    assert list(states) == [
        ("cobas", "stored"), ("cobas", "stored"), ("other", "waiting"), ("cobas", "waiting"),
    ]  # fmt: skip
    assert send(sender, oru(LEBER, id="4", filler="A4", taken="20250304080000"))[0] == "AA"
    assert alt.all().count() == 3


@db
def test_a_unit_that_is_named_stores_the_message_and_asks_no_more(people, sender, manager):
    send(sender, oru(obx("4544-3^HCT^LN", "40", unit="quarts", limits="")))
    message = Message.objects.select_related("upload").get()
    say(manager, message.upload, "unit|haematocrit|%")
    message.refresh_from_db()
    assert (message.state, message.upload.unknown, Result.objects.get().value) == ("stored", [], 0.4)
    assert "Not known here" not in names_page(manager, message.upload)


@db
def test_what_the_clinic_never_reads_is_counted_and_nobodys_error(people, sender, manager):
    send(sender, oru(LEBER, obx("1920-8^AST^LN", n=2)))
    message = Message.objects.select_related("upload").get()
    say(manager, message.upload, "never")
    message.refresh_from_db()
    upload = message.upload
    assert (message.state, message.answer) == ("stored", "AA")
    assert (upload.read, upload.same, upload.refused, upload.waiting) == (2, 1, 1, 0)
    code, segments = send(sender, oru(LEBER, id="2"))
    assert (code, [segment[0] for segment in segments]) == ("AA", ["MSH", "MSA"])


@db
def test_what_a_person_took_back_does_not_return_with_a_name(people, sender, manager, data_manager):
    send(sender, oru(LEBER, obx("1920-8^AST^LN", n=2)))
    message = Message.objects.select_related("upload").get()
    actions.undo(uploads=[message.upload], by=data_manager)
    say(manager, message.upload, "test||ALT")
    call_command("replay_messages", clinic="north", stdout=StringIO())
    assert not Result.objects.exclude(status="withdrawn").exists()


@db
def test_counts_of_each_message_add_up(people, sender):
    send(sender, oru(id="1"))
    raws = obx(), obx("1920-8^AST^LN", n=2), obx(status="", n=3), LEBER, obx("99999-9^X^LN", status="X", n=5)
    send(sender, oru(*raws, id="2"))
    upload = Message.objects.get(control_id="2").upload
    found = (upload.read, upload.new, upload.same, upload.changed, upload.refused, upload.waiting)
    assert found == (5, 1, 2, 0, 1, 1)


@db
def test_a_message_is_undone_like_a_file(people, sender, data_manager):
    send(sender, oru())
    actions.undo(uploads=[Message.objects.get().upload], by=data_manager)
    assert not Result.objects.exclude(status="withdrawn").exists()


@pytest.mark.parametrize("sent", [b"hello", oru(mrn="N-1", born="19700501")[:-9]])
def test_a_message_that_needs_a_person_is_given_out_as_it_was_sent(post, manager, people, sent):
    post(sent)
    page = manager.get(reverse("uploads:list")).content.decode()
    address = reverse("uploads:message-raw", args=[Message.objects.get().uuid])
    assert address in page
    assert manager.get(address).content == sent


# --- MLLP ---

MOST = 2 * 1024 * 1024


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_frames_are_found_however_the_bytes_are_cut(size):
    stream = b"noise\x0bone\x1c\r\r\n\x0btwo\rmore\x1c\r\x0bhalf"
    frames = mllp.Frames(100)
    found = [raw for at in range(0, len(stream), size) for raw in frames.take(stream[at : at + size])]
    assert found == [b"one", b"two\rmore"]


def test_of_a_frame_that_is_too_large_little_is_kept_and_it_is_seen_to_be():
    frames = mllp.Frames(10)
    for _ in range(100):
        assert frames.take(b"\x0b" + b"x" * 20) == [] and len(frames.held) <= 12
    assert frames.take(b"x\x1c\r\x0bnext\x1c\r") == [b"x" * 11, b"next"]
    frames.take(b"x" * 1000)
    assert not frames.held


def test_the_cr_behind_a_frame_may_be_missing():
    assert mllp.Frames(10).take(b"\x0bone\x1c\x0btwo\x1c") == [b"one", b"two"]


@pytest.fixture
def line(transactional_db, sender):
    """A listener in a thread of its own, and a connection to it."""
    loop, port, started = asyncio.new_event_loop(), [], threading.Event()

    def ready(at: int) -> None:
        port.append(at)
        started.set()

    server = mllp.serve(
        host="127.0.0.1", port=0, answer=lambda raw: answer(sender.pk, raw), most=MOST, ready=ready
    )
    task = loop.create_task(server)

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            loop.run_until_complete(loop.shutdown_default_executor())
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    started.wait(PATIENCE)
    with socket.create_connection(("127.0.0.1", port[0]), timeout=PATIENCE) as connection:
        yield connection
    loop.call_soon_threadsafe(task.cancel)
    thread.join(PATIENCE)
    loop.close()


def heard(connection: socket.socket, count: int) -> list[bytes]:
    """So many answers, without their frames."""
    held = b""
    while held.count(b"\x1c\r") < count:
        data = connection.recv(65536)
        assert data, "the connection was closed"
        held += data
    return [part.lstrip(b"\x0b") for part in held.split(b"\x1c\r")[:count]]


def test_several_messages_on_one_line_are_answered_one_by_one(line, people):
    first, second = (b"\x0b" + oru(id=name) + b"\x1c\r" for name in ("A", "B"))
    line.sendall(first[:50])
    line.sendall(first[50:] + second)
    answers = heard(line, 2)
    assert [b"MSA|AA|A\r" in answers[0], b"MSA|AA|B\r" in answers[1]] == [True, True]
    assert Result.objects.count() == 1 and Message.objects.count() == 2


def test_noise_on_the_line_is_rejected_and_the_line_stays_open(line, people):
    line.sendall(b"\x0bnoise\x1c\r")
    assert b"MSA|AR|" in heard(line, 1)[0]
    line.sendall(b"\x0b" + oru() + b"\x1c\r")
    assert b"MSA|AA|1" in heard(line, 1)[0]


def test_a_message_that_is_too_large_is_rejected_with_a_sentence_and_the_line_stays_open(line, people):
    line.sendall(b"\x0b" + oru() + b"x" * MOST + b"\x1c\r")
    assert b"is larger than 2 MB" in heard(line, 1)[0]
    line.sendall(b"\x0b" + oru() + b"\x1c\r")
    assert b"MSA|AA|1" in heard(line, 1)[0]


@db
def test_the_listener_needs_a_sender(clinic):
    with pytest.raises(CommandError, match="has no sender named “nobody”"):
        call_command("mllp", sender="nobody", clinic="north")
