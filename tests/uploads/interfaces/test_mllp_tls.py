"""MLLP with TLS, several connections at once, the order of one patient's messages; with the clients of others."""

import asyncio
import re
import socket
import ssl
import threading
import time
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from hl7.client import MLLPClient
from hl7.mllp import open_hl7_connection
from hl7apy.parser import parse_message

from patients.models import Result
from tests.uploads.interfaces.mllp_line import Authority, listening
from tests.uploads.oru import obx, oru
from tests.waiting import PATIENCE, until
from uploads.importers.hl7v2.ack import acknowledge
from uploads.interfaces import mllp, mllp_tls, senders
from uploads.interfaces.messages import open_message
from uploads.interfaces.mllp_turns import numbers_in
from uploads.management.commands.mllp import answer
from uploads.models import Message


def accepted(raw: bytes) -> bytes:
    """An answer without a database."""
    message = open_message(raw)
    return acknowledge("AA", message, message.sent_at, "north")


@pytest.fixture(scope="module")
def ours(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ours"), "ours")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("foreign"), "foreign")


@pytest.fixture
def told(caplog):
    """The lines of the log of the listener."""
    return lambda: [record.getMessage() for record in caplog.records if record.name == "mllp"]


@pytest.fixture
def encrypted(settings, ours):
    """encrypted(client_ca) -> what the settings make of it."""

    def encrypted(authority: Authority | None = None) -> ssl.SSLContext:
        settings.MLLP_CERTIFICATE = str(ours.issue("server"))
        settings.MLLP_CLIENT_CA = str(authority.file) if authority else ""
        return mllp_tls.context()

    return encrypted


def ask(port: int, tls: ssl.SSLContext | None, *messages: bytes) -> list[str]:
    """By the asynchronous client of the library `hl7`; the answers, which `hl7apy` has read."""

    async def asking() -> list[str]:
        opened = open_hl7_connection("127.0.0.1", port, ssl=tls, encoding="utf-8")
        reader, writer = await asyncio.wait_for(opened, PATIENCE)
        found = []
        for raw in messages:
            writer.writemessage(raw.decode())
            await writer.drain()
            found.append(str(await asyncio.wait_for(reader.readmessage(), PATIENCE)))
        writer.close()
        await writer.wait_closed()
        return found

    return [parse_message(text, force_validation=True).to_er7() for text in asyncio.run(asking())]


def code(text: str) -> tuple[str, str]:
    found = re.search(r"\rMSA\|(\w\w)\|([^|\r]*)", text)
    return found[1], found[2]


# --- TLS ---


def test_with_tls_a_message_is_answered(encrypted, ours):
    with listening(accepted, encrypted()) as port:
        assert code(*ask(port, ours.trusted(), oru(id="42"))) == ("AA", "42")


def test_a_message_larger_than_any_buffer_comes_whole_through_tls(encrypted, ours):
    note = "NTE|1||" + "x" * 60_000
    with listening(lambda raw: accepted(raw) if len(raw) > 1_000_000 else b"", encrypted()) as port:
        assert code(*ask(port, ours.trusted(), oru(*[note] * 20))) == ("AA", "1")


def test_a_client_that_trusts_another_authority_ends_it_and_one_line_says_so(encrypted, foreign, told):
    with listening(accepted, encrypted()) as port:
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(port, foreign.trusted(), oru())
        until(told)
    # Some clients say why, others are simply gone.
    whys = ("tlsv1 alert unknown ca", "it ended the connection")
    assert told()[0] in [f"No TLS with 127.0.0.1: {why}" for why in whys] and not told()[1:]


def test_with_a_certificate_of_the_named_authority_a_client_is_let_in(encrypted, ours, foreign):
    with listening(accepted, encrypted(foreign)) as port:
        assert code(*ask(port, ours.trusted(foreign.issue("laboratory")), oru())) == ("AA", "1")


@pytest.mark.parametrize(
    "shown, why",
    [
        (None, "peer did not return a certificate"),
        ("ours", "certificate verify failed: self-signed certificate in certificate chain"),
    ],
)
def test_without_a_certificate_that_is_wanted_nobody_is_let_in(encrypted, ours, foreign, told, shown, why):
    asked = []
    with listening(lambda raw: asked.append(raw) or b"", encrypted(foreign)) as port:
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            ask(port, ours.trusted(ours.issue("laboratory") if shown else None), oru())
        until(told)
    assert (told(), asked) == ([f"No TLS with 127.0.0.1: {why}"], [])


def test_plain_text_on_the_tls_port_is_closed_and_nothing_of_it_is_told(encrypted, told):
    asked = []
    with listening(lambda raw: asked.append(raw) or b"", encrypted()) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            connection.sendall(b"\x0b" + oru() + b"\x1c\r")
            with pytest.raises(ConnectionError):
                while connection.recv(1000):
                    pass
                raise ConnectionError
        until(told)
    assert (told(), asked) == (["No TLS with 127.0.0.1: wrong version number"], [])


def test_who_does_not_go_on_with_its_handshake_holds_up_nobody(encrypted, ours, told, monkeypatch):
    monkeypatch.setattr(mllp, "HANDSHAKE_SECONDS", 3)
    with listening(accepted, encrypted()) as port:
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for half in silent[:10]:
            half.sendall(b"\x16\x03\x01\x02\x00")
        assert code(*ask(port, ours.trusted(), oru())) == ("AA", "1")
        assert told() == []
        until(lambda: len(told()) == 20)
        assert set(told()) == {"No TLS with 127.0.0.1: no handshake within 3 s"}
        for connection in silent:
            connection.close()


def test_older_tls_than_1_2_is_not_spoken(encrypted):
    assert encrypted().minimum_version == ssl.TLSVersion.TLSv1_2


def test_one_more_connection_than_there_may_be_is_closed(monkeypatch, told):
    monkeypatch.setattr(mllp, "CONNECTIONS", 2)
    with listening(accepted) as port:
        held = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(3)]
        until(told)
        assert held[2].recv(1) == b""
        held[0].sendall(b"\x0b" + oru() + b"\x1c\r")
        assert b"MSA|AA|1" in held[0].recv(1000)
        for connection in held:
            connection.close()
    assert told() == ["A connection was closed: 2 are open already."]


@pytest.mark.parametrize(
    "given, sentence",
    [
        ({"MLLP_KEY": "server"}, "MLLP_CERTIFICATE is not"),
        ({"MLLP_CERTIFICATE": "nothing"}, "MLLP_CERTIFICATE and MLLP_KEY: the file cannot be read"),
        ({"MLLP_CERTIFICATE": "text"}, "MLLP_CERTIFICATE and MLLP_KEY: the file is no PEM"),
        ({"MLLP_CERTIFICATE": "server", "MLLP_KEY": "other"}, "the key belongs to another certificate"),
        ({"MLLP_CERTIFICATE": "server", "MLLP_CLIENT_CA": "text"}, "MLLP_CLIENT_CA: the file is no PEM"),
    ],
)
def test_files_that_do_not_do_stop_the_start_with_a_sentence(settings, ours, tmp_path, given, sentence):
    text = tmp_path / "text.pem"
    text.write_text("nothing of a certificate")
    files = {"server": ours.issue("server"), "other": ours.issue("other"), "text": text}
    for name, file in given.items():
        setattr(settings, name, str(files.get(file, tmp_path / file)))
    with pytest.raises(ImproperlyConfigured, match=sentence):
        mllp_tls.context()


@pytest.mark.django_db
def test_the_command_says_how_it_listens(clinic, settings, ours, monkeypatch):
    senders.add_sender(clinic=clinic, name="cobas")
    settings.MLLP_CERTIFICATE = str(ours.issue("server"))
    said = {}

    async def serve(**asked):
        said.update(asked)
        asked["ready"](2575)

    monkeypatch.setattr(mllp, "serve", serve)
    out = StringIO()
    call_command("mllp", sender="cobas", clinic="north", stdout=out)
    assert out.getvalue() == "Listening on 127.0.0.1:2575 for cobas (north), TLS.\n"
    assert isinstance(said["tls"], ssl.SSLContext)


# --- several connections, one order ---


def test_messages_of_one_patient_do_not_overtake_one_another():
    """The first one takes long; the second of the same patient, on another connection, waits for it."""
    begun, done = [], []

    def slow(raw: bytes) -> bytes:
        name = open_message(raw).control_id
        begun.append(name)
        if name == "slow":
            until(lambda: "other" in done)
        done.append(name)
        return accepted(raw)

    with listening(slow) as port:
        lines = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(3)]
        sent = [("slow", "N-1"), ("second", "N-1"), ("other", "N-2")]
        for line, (name, mrn) in zip(lines, sent, strict=True):
            line.sendall(b"\x0b" + oru(id=name, mrn=mrn) + b"\x1c\r")
            time.sleep(0.1)
        assert all(b"MSA|AA|" in line.recv(1000) for line in lines)
        for line in lines:
            line.close()
    assert (begun, done) == (["slow", "other", "second"], ["other", "slow", "second"])


def test_who_is_gone_while_waiting_in_line_holds_up_nobody():
    free = threading.Event()

    def slow(raw: bytes) -> bytes:
        assert free.wait(PATIENCE)
        return accepted(raw)

    with listening(slow) as port:
        lines = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(3)]
        for number, line in enumerate(lines):
            line.sendall(b"\x0b" + oru(id=str(number)) + b"\x1c\r")
            time.sleep(0.05)
        lines[1].close()
        free.set()
        assert [b"MSA|AA|0" in lines[0].recv(1000), b"MSA|AA|2" in lines[2].recv(1000)] == [True, True]
        lines[0].close()
        lines[2].close()


@pytest.mark.parametrize(
    "raw, numbers",
    [
        (oru(mrn="N-1"), {"N-1"}),
        (oru(mrn="007^^^A^MR~12"), {"7", "12"}),
        (
            b"MSH|^~\\&|A\rPID|1|EXT|IN^^^A~IN2|ALT\rMRG|OLD^^^A|||OLDER\r",
            {"EXT", "IN", "IN2", "ALT", "OLD", "OLDER"},
        ),
        (b"MSH#*!\\&#A\rPID###IN*x!IN2\r", {"IN", "IN2"}),
        (b"noise\rPID|||N-1", set()),
        (b"", set()),
        (b"MSH", set()),
    ],
)
def test_what_a_message_stands_in_line_for(raw, numbers):
    assert numbers_in(raw) == numbers


def test_eight_connections_send_two_hundred_messages_of_twenty_patients(
    transactional_db, clinic, put, encrypted, ours
):
    """Each patient's ten messages, one version of the result after the other, spread over all connections."""
    head = "mrn,family_name,given_name,sex,birth_date\n"
    put((head + "".join(f"N-{n},Ito,Mai,F,1970-05-01\n" for n in range(20))).encode())
    sender = senders.add_sender(clinic=clinic, name="cobas")[0]
    waiting = [(patient, version) for version in range(10) for patient in range(20)]
    gate, answers, order = threading.Lock(), [], []

    def one(patient: int, version: int) -> bytes:
        result = obx(value=str(100 + version), status="F" if not version else "C")
        when = f"202503011{version}0000"
        given = {
            "mrn": f"N-{patient}",
            "id": f"{patient}-{version}",
            "filler": f"F{patient}",
            "reported": when,
        }
        return oru(result, **given)

    def take(raw: bytes) -> bytes:
        order.append(open_message(raw).control_id)
        return answer(sender.pk, raw)

    async def client(port: int, tls: ssl.SSLContext) -> None:
        reader, writer = await open_hl7_connection("127.0.0.1", port, ssl=tls, encoding="utf-8")
        while waiting:
            with gate:
                patient, version = waiting.pop(0)
            writer.writemessage(one(patient, version).decode())
            await writer.drain()
            answers.append(code(str(await asyncio.wait_for(reader.readmessage(), PATIENCE))))
        writer.close()
        await writer.wait_closed()

    async def clients(port: int) -> None:
        await asyncio.gather(*(client(port, ours.trusted()) for _ in range(8)))

    with listening(take, encrypted()) as port:
        asyncio.run(clients(port))
    assert sorted(answers) == sorted(("AA", f"{n}-{version}") for n in range(20) for version in range(10))
    for patient in range(20):
        own = [name for name in order if name.startswith(f"{patient}-")]
        assert own == [f"{patient}-{version}" for version in range(10)]
    counting = Result.objects.filter(status__in=Result.COUNTING)
    assert [result.value for result in counting] == [109] * 20
    assert Message.objects.filter(state="stored").count() == 200


def test_a_connection_cut_in_the_middle_stores_nothing_and_the_message_is_welcome_again(
    transactional_db, clinic, people, encrypted, ours
):
    sender = senders.add_sender(clinic=clinic, name="cobas")[0]
    with listening(lambda raw: answer(sender.pk, raw), encrypted()) as port:
        plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        cut = ours.trusted().wrap_socket(plain, server_hostname="127.0.0.1")
        cut.sendall(b"\x0b" + oru()[:200])
        cut.close()
        assert code(*ask(port, ours.trusted(), oru())) == ("AA", "1")
    assert (Message.objects.count(), Result.objects.count()) == (1, 1)


def test_the_same_message_twice_is_answered_the_same_and_stored_once(transactional_db, clinic, people):
    sender = senders.add_sender(clinic=clinic, name="cobas")[0]
    with listening(lambda raw: answer(sender.pk, raw)) as port, MLLPClient("127.0.0.1", port) as client:
        first, second = (client.send_message(oru()) for _ in range(2))
    assert b"\rMSA|AA|1\r" in first and first.split(b"\r")[1:] == second.split(b"\r")[1:]
    assert (Message.objects.count(), Result.objects.count()) == (1, 1)
