"""A draw without an hour says so wherever its time is shown: no page or paper gives it one."""

import io
import json
import re
import zipfile
from datetime import datetime, time, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings.actions.closing import close_meeting
from meetings.actions.letters import keep_letter
from meetings.actions.outcomes import save_outcome
from meetings.letters import basis_of_letter
from patients.actions.assess import assess
from patients.actions.draws import withdraw_draw
from patients.actions.signoffs import sign_off
from patients.models import Diagnosis, Result
from patients.review.signing import present_for

pytestmark = pytest.mark.django_db
NO_HOUR = "time not known"
MADE_UP = re.compile(r"(?<![T\d+])(?:00|12):00(?!:)")
VIEWS = ("stacked", "overlay", "trajectory")


@pytest.fixture
def falling(patient, make_draw):
    """As everywhere here, but the hour of no draw is known; two lie on the last day, one was withdrawn."""
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    today = timezone.now().astimezone(patient.clinic.zone).date()
    for days, ordinal, alt, inr in [(160, 0, 120, 1.2), (85, 0, 80, 1.4), (10, 0, 40, 1.7), (10, 1, 44, 1.7)]:
        at = datetime.combine(today - timedelta(days=days), time(), patient.clinic.zone)
        lab = f"L{ordinal}"
        make_draw(patient, at, laboratory=lab, hour_known=False, ALT=(alt, 40), INR=(inr, 1.2), creatinine=60)
    Result.objects.filter(value=44).update(unconfirmed="Two of a day")
    assess([patient.pk])
    return patient


@pytest.fixture
def page(client, clinician):
    client.force_login(clinician)

    def page(name: str, *items, query: str = "") -> str:
        answer = client.get(reverse(name, args=[getattr(one, "uuid", one) for one in items]) + query)
        assert answer.status_code == 200, name
        return unescape(answer.content.decode())

    return page


def shown(html: str) -> str:
    """What is read, with what stands in titles and links; not where a figure puts its points."""
    return re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)


def says_no_hour(html: str, expects: bool = True) -> None:
    made_up = [
        shown(html)[max(0, found.start() - 60) : found.end()] for found in MADE_UP.finditer(shown(html))
    ]
    assert made_up == []
    if expects:
        assert NO_HOUR in shown(html)


@pytest.mark.parametrize("view", VIEWS)
def test_the_patients_page(page, falling, view):
    says_no_hour(page("patients:detail", falling, query=f"?view={view}&draws=all"))
    says_no_hour(page("patients:ribbon", falling, query=f"?view={view}"))


def test_the_page_of_a_past_day_and_as_known_then(page, falling):
    day = f"{timezone.now() - timedelta(days=20):%Y-%m-%d}"
    says_no_hour(page("patients:detail", falling, query=f"?tab=all&as_of={day}"))
    page("patients:detail", falling, query=f"?as_of={day}&known=then")


def test_pages_of_one_matter(page, falling):
    says_no_hour(page("patients:summary", falling))
    says_no_hour(page("patients:score", falling, "meld"))
    says_no_hour(page("patients:changes", falling), expects=False)
    says_no_hour(page("patients:requests", falling), expects=False)
    says_no_hour(page("patients:worklist"), expects=False)


def test_forms_of_the_draw(page, falling, clinician):
    draw = falling.draws.first()
    says_no_hour(page("patients:draw-edit", falling, draw))
    says_no_hour(page("patients:draw-withdraw", falling, draw))
    withdraw_draw(draw=draw, by=clinician, reason="Wrong tube")
    says_no_hour(page("patients:draw-edit", falling, draw))
    says_no_hour(page("patients:detail", falling))


@pytest.mark.parametrize("view", VIEWS[:2])
def test_what_the_cursor_shows_on_the_chart(page, falling, view):
    answer = json.loads(page("patients:chart-figures", falling))
    figure = whole(answer["figures"][f"{view} all units"], answer["parts"])
    assert figure["layout"]["xaxis"]["hoverformat"] == "%-d %b %Y"
    texts = [text for trace in figure["data"] for text in trace.get("text", []) if "U/L" in text]
    assert texts and all(NO_HOUR in text for text in texts)


def whole(value, parts):
    """As the browser puts it together."""
    if isinstance(value, list):
        return [whole(item, parts) for item in value]
    if not isinstance(value, dict):
        return value
    if "part" in value:
        return whole(parts[value["part"]], parts)
    return {key: whole(item, parts) for key, item in value.items()}


def test_a_signed_report_and_the_letter_from_it(page, falling, clinician):
    seen = present_for(falling, timezone.now()).fingerprint
    signed = sign_off(patient=falling, by=clinician, note="Refer.", seen=seen)
    says_no_hour(page("patients:signoff", falling, signed).split("The whole report as data")[0])
    says_no_hour(page("meetings:letter-write", falling))
    basis = str(basis_of_letter(falling).held.uuid)
    letter = keep_letter(
        patient=falling,
        by=clinician,
        recipient="Dr Lind",
        text="See below.",
        basis=basis,
        seen=seen,
        accept=False,
    )
    says_no_hour(page("meetings:letter", letter))


def test_the_meeting_and_its_minutes(page, falling, item, meeting, clinician):
    save_outcome(item=item, by=clinician, version=1, decision="change", note="Not a recovery.")
    close_meeting(meeting=meeting, by=clinician)
    for name in ("meetings:paper-minutes", "meetings:detail"):
        says_no_hour(page(name, meeting), expects=False)
    says_no_hour(page("meetings:discussion", meeting, item).split("The whole report as data")[0])


def test_the_exports_give_a_date_alone(client, data_manager, falling):
    client.force_login(data_manager)
    bundle = client.get(reverse("patients:fhir", args=[falling.uuid])).json()
    times = {row["resource"].get("effectiveDateTime", "") for row in bundle["entry"]} - {""}
    assert times and all(len(text) == len("2026-01-01") for text in times)
    answer = client.get(reverse("uploads:export-patient", args=[falling.uuid]))
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    with zipfile.ZipFile(io.BytesIO(content)) as folder:
        rows = folder.read("results.csv").decode()
    assert "00:00" not in rows and f'"{sorted(times)[0]}"' in rows
