"""Who gets through at which address. A new address without a row in the table fails.

Each row has six marks for GET and six for POST, in the order of WHO.
"""

from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import User
from meetings.models import Action, AgendaItem, Discussion, Letter, Meeting, Nomination
from patients.models import (
    ChartItem,
    ChartReview,
    Concern,
    Contact,
    Diagnosis,
    Event,
    LeftOut,
    Merge,
    Note,
    Notice,
    OnDuty,
    Overrule,
    Patient,
    SignOff,
    SilentRun,
)
from patients.silent.running import nothing
from tests.looks import seen
from uploads.identity.news import WORDS
from uploads.interfaces.senders import add_sender
from uploads.models import IdentityDecision, IdentityQuestion, Mapping, Message, PersonNews, Upload
from uploads.profiles import set_profile

WHO = ["anonymous", "stranger", "viewer", "clinician", "data_manager", "administrator"]

# o  let in: a page, a redirect, or a complaint about the data sent (400, 409, 422 and so on)
# i  sent to the sign-in page, or asked for a token (401)
# f  forbidden (403), with a sentence
# n  not found (404): another clinic's patient does not exist
# m  method not allowed (405)
# x  not let in, by whichever of i, f, n, m comes first
OPEN = "oooooo"
NEVER = "xxxxxx"
SIGNED_IN = "iooooo"

TABLE = {
    # Signing in. Who is signed in already is sent on.
    "account_login": (OPEN, OPEN),
    "account_logout": (OPEN, OPEN),
    "account_inactive": (OPEN, NEVER),
    "account_change_password": (SIGNED_IN, SIGNED_IN),
    "account_reauthenticate": (SIGNED_IN, SIGNED_IN),
    "accounts:new-password": ("iiiiii", "iiiiii"),
    # Explained: these are the clinic administrator's work.
    "account_signup": (OPEN, OPEN),
    "account_reset_password": (OPEN, OPEN),
    "account_reset_password_done": (OPEN, NEVER),
    "account_reset_password_from_key": (OPEN, OPEN),
    "account_reset_password_from_key_done": (OPEN, NEVER),
    "account_email": (SIGNED_IN, SIGNED_IN),
    "account_email_verification_sent": (OPEN, NEVER),
    "account_confirm_email": (OPEN, "nnnnnn"),
    "account_set_password": (SIGNED_IN, SIGNED_IN),
    "account_confirm_login_code": ("iooooo", "iooooo"),
    # Staff.
    "accounts:staff": ("iffffo", NEVER),
    "accounts:staff-add": ("iffffo", "iffffo"),
    # Nobody's clinic is named.
    "accounts:new-patients": (NEVER, "iffffn"),
    "accounts:notice-email": (NEVER, "iffffn"),
    "accounts:silence": ("iffffo", "iffffn"),
    "accounts:access": ("iffffo", "iffffo"),
    "accounts:access-csv": ("iffffo", NEVER),
    "accounts:own": (SIGNED_IN, NEVER),
    # No session of anybody is named.
    "accounts:session-end": (NEVER, "innnnn"),
    "accounts:second-factor": (SIGNED_IN, NEVER),
    "accounts:factor-rule": (NEVER, "iffffn"),
    # Sent on to one's own sign-in.
    "mfa_index": (OPEN, OPEN),
    "mfa_list_webauthn": (OPEN, OPEN),
    # While signing in, after the password.
    "mfa_authenticate": ("iooooo", "iooooo"),
    "mfa_login_webauthn": ("iooooo", "iooooo"),
    "mfa_activate_totp": (SIGNED_IN, SIGNED_IN),
    "mfa_add_webauthn": (SIGNED_IN, SIGNED_IN),
    # Nobody here has a second factor.
    "mfa_deactivate_totp": ("innnnn", "innnnn"),
    "mfa_view_recovery_codes": ("innnnn", NEVER),
    "mfa_generate_recovery_codes": (SIGNED_IN, SIGNED_IN),
    # Not signed in just now: the password is asked first.
    "mfa_remove_webauthn": (SIGNED_IN, SIGNED_IN),
    "accounts:code": (OPEN, OPEN),
    "accounts:staff-code": ("infffo", "infffo"),
    "accounts:waiting": (SIGNED_IN, NEVER),
    # There is none here: tests/accounts/test_provider.py has one.
    "openid_connect_login": ("nnnnnn", NEVER),
    "openid_connect_callback": ("nnnnnn", "nnnnnn"),
    "socialaccount_login_cancelled": (OPEN, NEVER),
    "accounts:sign-ins": ("iffffo", NEVER),
    "accounts:staff-sessions": ("infffo", "infffo"),
    "accounts:staff-edit": ("infffo", "infffo"),
    "accounts:staff-end": ("infffo", "infffo"),
    "accounts:staff-password": ("infffo", "infffo"),
    # The record.
    "patients:worklist": (SIGNED_IN, NEVER),
    "patients:search": (NEVER, SIGNED_IN),
    "patients:population": (SIGNED_IN, NEVER),
    "patients:population-point": ("inoooo", NEVER),
    "patients:add": ("iofoff", "iofoff"),
    "patients:detail": ("inoooo", NEVER),
    "patients:fhir": ("inoooo", NEVER),
    "patients:requests": ("inoooo", NEVER),
    "patients:summary": ("inoooo", NEVER),
    "patients:ribbon": ("inoooo", NEVER),
    "patients:chart": ("inoooo", NEVER),
    "patients:chart-figures": ("inoooo", NEVER),
    "patients:chart-drawing": ("inoooo", NEVER),
    "patients:changes": ("inoooo", NEVER),
    "patients:mark": ("inoooo", NEVER),
    "patients:edit": ("infoff", "infoff"),
    "patients:withdraw": ("infoff", "infoff"),
    "patients:merges": ("inoooo", NEVER),
    "patients:merge-undo": ("infoof", "infoof"),
    "patients:diagnosis-add": ("infoff", "infoff"),
    "patients:diagnosis-edit": ("infoff", "infoff"),
    "patients:diagnosis-withdraw": ("infoff", "infoff"),
    "patients:anticoagulant-say": ("infoff", "infoff"),
    "patients:event-add": ("infoff", "infoff"),
    "patients:event-edit": ("infoff", "infoff"),
    "patients:event-withdraw": ("infoff", "infoff"),
    "patients:draw-add": ("infoff", "infoff"),
    "patients:draw-edit": ("infoff", "infoff"),
    "patients:draw-withdraw": ("infoff", "infoff"),
    "patients:draw-restore": (NEVER, "infoff"),
    "patients:result-decide": (NEVER, "infoff"),
    "patients:draw-check": (NEVER, "infoff"),
    # Of no patient: how a date is read.
    "patients:date-check": (NEVER, SIGNED_IN),
    "patients:cause-review": (NEVER, "infoff"),
    "patients:causes-consider": (NEVER, "infoff"),
    "patients:order-note": (NEVER, "infoff"),
    "patients:signoff": ("inoooo", NEVER),
    "patients:signoff-add": (NEVER, "infoff"),
    "patients:overrule-add": (NEVER, "infoff"),
    "patients:overrule-end": (NEVER, "infoff"),
    "patients:contact-add": ("infoff", "infoff"),
    "patients:contact-withdraw": ("infoff", "infoff"),
    "patients:left-out-add": ("infoff", "infoff"),
    "patients:left-out-lift": ("infoff", "infoff"),
    "patients:concern-add": ("infoff", "infoff"),
    "patients:concern-close": ("infoff", "infoff"),
    "patients:note-add": ("infoff", "infoff"),
    "patients:note-addendum": ("infoff", "infoff"),
    "patients:note-strike": ("infoff", "infoff"),
    "patients:call-list": (SIGNED_IN, NEVER),
    # A notice of a patient: another kind is somebody else's, see tests/patients/follow_up/test_notices_page.py.
    "patients:notices": (SIGNED_IN, NEVER),
    "patients:notice-take": (NEVER, "infoff"),
    "patients:notice-back": (NEVER, "infoff"),
    "patients:notice-done": (NEVER, "infoff"),
    "patients:duty-add": (NEVER, "infofo"),
    "patients:duty-remove": (NEVER, "infofo"),
    "patients:knowledge": (SIGNED_IN, NEVER),
    "patients:knowledge-chapter": (SIGNED_IN, NEVER),
    "patients:knowledge-calibration": (SIGNED_IN, NEVER),
    "patients:knowledge-characteristics": (SIGNED_IN, NEVER),
    "patients:knowledge-safety": (SIGNED_IN, NEVER),
    "patients:clinic": ("iffffo", NEVER),
    "patients:clinic-settings": ("infffo", "infffo"),
    "patients:knowledge-signatures": (SIGNED_IN, NEVER),
    "patients:knowledge-amendments": (SIGNED_IN, NEVER),
    # The knowledge is the whole installation's: a clinician of any clinic signs it.
    "patients:knowledge-entry": (SIGNED_IN, "iofoff"),
    "patients:knowledge-behind": ("inoooo", NEVER),
    "patients:overrules": ("iofofo", NEVER),
    # Clinicians and administrators make reviews; the clinician is a reviewer of this one.
    "patients:chart-reviews": ("iofofo", NEVER),
    "patients:chart-review-add": ("iofofo", "iofofo"),
    "patients:chart-review": ("infofo", NEVER),
    "patients:chart-review-item": ("infoff", "infoff"),
    "patients:chart-review-paper": ("infoff", NEVER),
    "patients:chart-review-labels": ("infoff", "infoff"),
    "patients:chart-review-result": ("infofo", NEVER),
    # Numbers of the own clinic: each sees only that.
    "patients:silent": ("iofofo", "iofofo"),
    "patients:silent-csv": ("infofo", NEVER),
    "patients:score": ("inoooo", NEVER),
    # Meetings. Only the chair (here the clinician) and the administrator close.
    "meetings:list": (SIGNED_IN, NEVER),
    "meetings:plan": ("iofoff", "iofoff"),
    "meetings:detail": ("inoooo", NEVER),
    "meetings:edit": ("infoff", "infoff"),
    "meetings:call-off": ("infoff", "infoff"),
    "meetings:plan-next": (NEVER, "infoff"),
    "meetings:take": (NEVER, "infoff"),
    "meetings:add": (NEVER, "infoff"),
    "meetings:order": (NEVER, "infoff"),
    "meetings:item-move": (NEVER, "infoff"),
    "meetings:item-turn": (NEVER, "infoff"),
    "meetings:item-question": (NEVER, "infoff"),
    "meetings:item-imaging": (NEVER, "infoff"),
    "meetings:start": ("infoff", "infoff"),
    "meetings:attendance": ("infoff", "infoff"),
    "meetings:present": ("infoff", NEVER),
    "meetings:step": (NEVER, "infoff"),
    "meetings:position": ("infoff", NEVER),
    "meetings:counts": ("inoooo", NEVER),
    "meetings:audience": ("inoooo", NEVER),
    "meetings:item": ("inoooo", NEVER),
    "meetings:outcome": (NEVER, "infoff"),
    "meetings:verdict": (NEVER, "infoff"),
    "meetings:item-action-add": (NEVER, "infoff"),
    "meetings:close": ("infofo", "infofo"),
    "meetings:discussion": ("inoooo", NEVER),
    "meetings:addendum-add": (NEVER, "infoff"),
    "meetings:actions": (SIGNED_IN, NEVER),
    "meetings:next": (SIGNED_IN, NEVER),
    "meetings:action-end": (NEVER, "infoff"),
    "meetings:action-pass-on": ("infoff", "infoff"),
    "meetings:patient": ("inoooo", NEVER),
    "meetings:nominate": ("infoff", "infoff"),
    "meetings:action-add": (NEVER, "infoff"),
    "meetings:nomination-end": (NEVER, "infoff"),
    "meetings:paper-agenda": ("inoooo", NEVER),
    "meetings:paper-minutes": ("inoooo", NEVER),
    "meetings:letter-write": ("infoff", "infoff"),
    "meetings:letter": ("inoooo", NEVER),
    # Each sees the own clinic's; tests/meetings/test_figures.py asks for another's.
    "meetings:figures": (SIGNED_IN, NEVER),
    "meetings:figures-csv": (SIGNED_IN, NEVER),
    # Files.
    "uploads:list": ("iofoof", "iofoof"),
    "uploads:kept": ("ifffoo", "ifffoo"),
    "uploads:preview": ("infoof", NEVER),
    "uploads:store": (NEVER, "infoof"),
    "uploads:progress": ("infoof", NEVER),
    "uploads:cancel": (NEVER, "infoof"),
    "uploads:again": (NEVER, "infoof"),
    "uploads:discard": (NEVER, "infoof"),
    "uploads:undo": ("infoof", "infoof"),
    # No row of this one was refused.
    "uploads:to-correct": ("infnnf", NEVER),
    "uploads:rows": ("infoof", NEVER),
    "uploads:names": (NEVER, "infoof"),
    "uploads:waiting": ("iofoof", "iofoof"),
    "uploads:decide": (NEVER, "infoof"),
    "uploads:decision-undo": (NEVER, "infoof"),
    "uploads:news-decide": (NEVER, "infoof"),
    "uploads:let-go": (NEVER, "infoof"),
    "uploads:mappings": ("iofoof", NEVER),
    "uploads:mapping-undo": (NEVER, "infoof"),
    "uploads:senders": ("iofoof", NEVER),
    "uploads:sender-add": ("iofoof", "iofoof"),
    "uploads:sender-edit": ("infoof", "infoof"),
    "uploads:sender-back": (NEVER, "infoof"),
    "uploads:tokens": ("ifffoo", NEVER),
    "uploads:sender-new": ("iffffo", "iffffo"),
    "uploads:token-add": ("infffo", "infffo"),
    "uploads:token-replace": ("infffo", "infffo"),
    "uploads:token-end": ("infffo", "infffo"),
    "uploads:template": ("iofoof", NEVER),
    "uploads:replay": (NEVER, "infoof"),
    "uploads:set-aside": (NEVER, "infoof"),
    "uploads:message-raw": ("infoof", NEVER),
    "uploads:export-patient": ("inoooo", NEVER),
    "uploads:export-clinic": ("infoof", NEVER),
    # Probes, whoever asks.
    "health-live": (OPEN, "mmmmmm"),
    "health-ready": (OPEN, "mmmmmm"),
    # Without METRICS_TOKEN there is nothing: see tests/config/operating/test_metrics.py.
    "metrics": ("nnnnnn", NEVER),
    # Other systems: they sign in with a token, people never.
    "hl7": (NEVER, "iiiiii"),
    "fhir-metadata": (OPEN, "mmmmmm"),
    "fhir-search": ("iiiiii", "mmmmmm"),
    "fhir-search-by-form": ("mmmmmm", "iiiiii"),
    "fhir-read": ("iiiiii", "mmmmmm"),
    "fhir-nothing": ("nnnnnn", "mmmmmm"),
    "cds-services": (OPEN, "mmmmmm"),
    "cds-service": (NEVER, "iiiiii"),
    "cds-feedback": (NEVER, "iiiiii"),
    # Of no record system that is known: tests/uploads/interfaces/smart has one.
    "smart-launch": (OPEN, NEVER),
    "smart-callback": (OPEN, NEVER),
    "smart-keys": (OPEN, "mmmmmm"),
    # A visit is one browser's: nobody else has it.
    "smart-visit": ("innnnn", NEVER),
    "smart-visit-end": (NEVER, "innnnn"),
}

# What an address needs beside itself to have something to answer.
QUERY = {"patients:draw-check": "?row=ALT", "patients:date-check": "?kind=day&field=on&zone=UTC"}


def addresses(resolver=None, namespace=""):
    """Every (name, parameters) of the project."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", list(entry.pattern.regex.groupindex)
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from addresses(entry, inner)


ALL = list(addresses())
OURS = {name: parameters for name, parameters in ALL if not name.startswith("admin:")}


def test_every_address_is_in_the_table():
    assert sorted(set(OURS) - set(TABLE)) == []


def test_every_row_has_an_address():
    assert sorted(set(TABLE) - set(OURS)) == []


@pytest.fixture
def people(request) -> dict:
    return {who: who != "anonymous" and request.getfixturevalue(who) for who in WHO}


@pytest.fixture
def things(patient, clinician, make_draw) -> dict:
    """What the parameters of addresses stand for: all of our clinic's patient."""
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    draw = make_draw(patient, "2026-01-01T08:00", ALT=112, INR=1.2)
    diagnosis = Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    event = Event.objects.create(patient=patient, kind="vka", started_at=noon)
    upload = Upload.objects.create(
        clinic=patient.clinic,
        file="labs.csv",
        kind="labs",
        sha256="0" * 64,
        size=0,
        by=clinician,
    )
    words = {
        "rule": "none",
        "rule_words": "-",
        "grade_said": "none",
        "grade_given": "possible",
        "reason": "x",
    }
    given = Overrule.objects.create(patient=patient, by=clinician, at=noon, knowledge_version="1", **words)
    frozen = {"report": "{}", "basis": {}, "fingerprint": "0", "grade": "none", "rules": [], "as_of": noon}
    signed = SignOff.objects.create(patient=patient, by=clinician, at=noon, knowledge_version="1", **frozen)
    meeting, item, action, nomination = meeting_of(patient, clinician, noon)
    letter = letter_on(signed, clinician)
    day = noon.date()
    asked = {"kind": "telephone", "outcome": "no_answer", "made_on": day}
    contact = Contact.objects.create(patient=patient, by=clinician, at=noon, **asked)
    moved = LeftOut.objects.create(patient=patient, by=clinician, at=noon, reason="moved", starts_on=day)
    worry = {"reason": "Loses weight", "owner": clinician, "starts_on": day}
    concern = Concern.objects.create(patient=patient, by=clinician, at=noon, **worry)
    note = Note.objects.create(patient=patient, by=clinician, at=noon, text="Lives alone.")
    told = {"kind": "today", "level": "today", "raised_at": noon}
    notice = Notice.objects.create(clinic=patient.clinic, patient=patient, **told)
    times = {"starts_at": noon, "ends_at": noon.replace(hour=20)}
    duty = OnDuty.objects.create(clinic=patient.clinic, user=clinician, by=clinician, at=noon, **times)
    question = IdentityQuestion.objects.create(upload=upload, why="nobody", mrn="N-9", count=1)
    said = IdentityDecision.objects.create(
        clinic=patient.clinic, mrn="N-8", verdict="nobody", reason="Elsewhere", by=clinician
    )
    counted = {"state": "done", "ended_at": noon, "found": nothing()}
    run = SilentRun.objects.create(clinic=patient.clinic, by=clinician, **counted)
    mapping = Mapping.objects.create(
        clinic=patient.clinic, what="test", folded="got", shown="GOT", meant="AST", by=clinician
    )
    how = {"sender": "Lab", "version": 0, "date_order": "day/month/year"}
    profile = set_profile(clinic=patient.clinic, by=clinician, **how)
    system, _ = add_sender(clinic=patient.clinic, name="Analyser")
    message = Message.objects.create(sender=system, control_id="1", raw=b"MSH", sha256="", content_sha256="")
    about = {"clinic": patient.clinic, "message": message, "patient": patient}
    news = PersonNews.objects.create(
        kind="change", state="open", said=dict.fromkeys(WORDS, ""), why="a death", **about
    )
    fields = {"mrn": "N-7", "family_name": "Old", "birth_date": patient.birth_date, "sex": "F"}
    fields |= {"withdrawn_at": noon, "withdrawn_by": clinician, "withdrawn_reason": "Merged"}
    gone = Patient.objects.create(clinic=patient.clinic, **fields)
    merged = Merge.objects.create(survivor=patient, merged=gone, by=clinician, why="one person")
    return {
        "merge": merged.uuid,
        "gone": gone,
        "review_id": chart_review_of(draw, clinician).uuid,
        "number": 1,
        "meeting": meeting.uuid,
        "item": item.uuid,
        "action": action.uuid,
        "nomination": nomination.uuid,
        "letter": letter.uuid,
        "figure": "grades",
        "mapping": mapping.uuid,
        "run": run.uuid,
        "profile": profile.uuid,
        "question": question.uuid,
        "whose_id": said.uuid,
        "message": message.uuid,
        "kind": "patients",
        "uuid": patient.uuid,
        "contact": contact.uuid,
        "concern": concern.uuid,
        "note": note.uuid,
        "anchor": "limit-dissociation-rise_ratio",
        "notice": notice.uuid,
        "duty": duty.uuid,
        "left": moved.uuid,
        "draw": draw.uuid,
        "analyte": "ALT",
        "order": "repeat",
        "diagnosis": diagnosis.uuid,
        "event": event.uuid,
        "signoff": signed.uuid,
        "overrule": given.uuid,
        "cause": "vitamin_k_deficiency",
        "score": "meld",
        "name": "scores",
        "batch": upload.batch,
        "upload": upload.uuid,
        "clinic": patient.clinic.code,
        "username": "viewer",
        "sender": system.uuid,
        "token": system.tokens.get().uuid,
        "key": "x",
        "pk": 1,
        "provider_id": "hospital",
        "uidb36": "1",
        "id": str(patient.uuid),
        "resource": "Patient",
        "rest": "Encounter/1/more",
        "visit": message.uuid,
        "news": news.uuid,
    }


def chart_review_of(draw, reviewer) -> ChartReview:
    """Of our patient's draw alone; the clinician is one of its three people."""
    others = [User.objects.create_user(name) for name in ("second", "decider")]
    about = {"seed": 1, "since": draw.taken_at.date(), "population": 1, "read": 1, "knowledge_version": "1"}
    people = {"first": reviewer, "second": others[0], "decider": others[1], "by": reviewer}
    review = ChartReview.objects.create(clinic=draw.patient.clinic, name="Spring", **people, **about)
    said = {"as_of": draw.taken_at, "stratum": "quiet", "weight": 1, "grade": "none", "urgency": "routine"}
    ChartItem.objects.create(review=review, number=1, patient=draw.patient, draw=draw, **said)
    return review


def meeting_of(patient, chair, at) -> tuple:
    """A meeting in progress that has discussed our patient once already, as `discussion` shows."""
    began = {"state": "in_progress", "started_at": at, "starts_at": at, "chair": chair}
    meeting = Meeting.objects.create(clinic=patient.clinic, title="Meeting", **began)
    item = AgendaItem.objects.create(meeting=meeting, patient=patient, place=1, by=chair)
    Meeting.objects.filter(pk=meeting.pk).update(showing=item, showing_since=at)
    here = {"clinic": patient.clinic, "patient": patient}
    shown = {"report": "{}", "basis": {}, "fingerprint": "0", "grade": "none", "grade_rank": 5}
    Discussion.objects.create(item=item, by=chair, as_of=at, at=at, knowledge_version="1", **shown, **here)
    action = Action.objects.create(text="Ring", owner=chair, by=chair, due_on=at.date(), **here)
    return meeting, item, action, Nomination.objects.create(reason="x", by=chair, **here)


def letter_on(signed, by) -> Letter:
    content = {"born": "", "numbers": {"columns": [], "lines": []}}
    kept = {"sign_off": signed, "content": content, "recipient": "x", "text": "x", "author": "x", "by": by}
    return Letter.objects.create(clinic=signed.patient.clinic, patient=signed.patient, **kept)


def address(name: str, things: dict) -> str:
    # Of the record an address says `item` for what its name says first: a draw, a diagnosis, an event.
    item = things.get(name.partition(":")[2].partition("-")[0], things["item"])
    values = {**things, "item": item if name.startswith("patients:") else things["item"]}
    path = reverse(name, kwargs={parameter: values[parameter] for parameter in OURS[name]})
    return path + QUERY.get(name, "")


def visit(method: str, path: str, user):
    """One visit, undone afterwards."""
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    with transaction.atomic():
        response = getattr(client, method)(path)
        if response.streaming:
            b"".join(response)
        transaction.set_rollback(True)
    return response


def mark(response) -> str | int:
    status = response.status_code
    if status == 302 and response.url.startswith(reverse("account_login")):
        return "i"
    if status < 400 or status in (400, 409, 413, 415, 422):
        return "o"
    return {401: "i", 403: "f", 404: "n", 405: "m"}.get(status, status)


def as_expected(got: str | int, expected: str) -> bool:
    return got in tuple("ifnm") if expected == "x" else got == expected


@pytest.mark.parametrize("name", sorted(set(TABLE) & set(OURS)))
def test_address_lets_in_whom_the_table_says(name, people, things):
    path = address(name, things)
    for method, marks in zip(("get", "post"), TABLE[name], strict=True):
        expected = dict(zip(WHO, marks, strict=True))
        got = {who: mark(visit(method, path, user)) for who, user in people.items()}
        wrong = {who: (got[who], expected[who]) for who in WHO if not as_expected(got[who], expected[who])}
        assert not wrong, f"{method} {name}: got and expected are {wrong}"


LOOKS = [name for name in TABLE if "uuid" in OURS.get(name, []) and TABLE[name][0] != NEVER]


@pytest.mark.parametrize("name", LOOKS)
def test_each_look_at_a_patient_is_logged(name, client, clinician, patient, things):
    client.force_login(clinician)
    response = client.get(address(name, things))
    if response.streaming:
        b"".join(response)
    page = name.partition(":")[2]
    # Whoever was merged into the patient is named there, too.
    merged = [things["gone"].pk] if name in ("patients:merges", "patients:merge-undo") else []
    assert seen() == [(clinician.pk, one, page) for one in (patient.pk, *merged)]


@pytest.mark.parametrize("who", WHO)
def test_admin_lets_in_no_role_of_a_clinic(who, people):
    for name, parameters in ALL:
        # Nameless ones are the admin's redirects to the named.
        if name.startswith("admin:") and name not in ("admin:None", "admin:app_list"):
            path = reverse(name, kwargs=dict.fromkeys(parameters, "1"))
            marks = {visit(method, path, people[who]).status_code for method in ("get", "post")}
            assert marks <= {302, 403, 404, 405}, name


def test_admin_lets_a_superuser_in(client, admin_user):
    client.force_login(admin_user)
    assert client.get(reverse("admin:index")).status_code == 200
    for name, parameters in ALL:
        if name.startswith("admin:accounts_") and not parameters and name.endswith("_changelist"):
            assert client.get(reverse(name)).status_code == 200, name


def test_refusal_is_a_sentence_on_the_page(client, viewer):
    client.force_login(viewer)
    response = client.get(reverse("accounts:staff"))
    assert response.status_code == 403
    assert b"Your role, viewer, does not let you manage staff." in response.content


def test_unknown_address_is_a_page_of_ours(client, viewer):
    client.force_login(viewer)
    response = client.get("/nowhere/")
    assert response.status_code == 404 and b"There is nothing here for you" in response.content
