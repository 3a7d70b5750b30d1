"""A bound keeps its comparator on every page, sheet, letter and file of a patient, not in the core alone."""

import io
import json
import re
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import permutations

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.models import User
from meetings import urls as meeting_urls
from meetings.actions.agenda import take
from meetings.actions.closing import close_meeting
from meetings.actions.letters import keep_letter
from meetings.actions.meetings import plan_meeting, start
from meetings.actions.outcomes import save_outcome
from meetings.letters import basis_of_letter, first_text
from meetings.models import Letter
from patients import urls as patient_urls
from patients.actions.assess import assess
from patients.actions.signoffs import sign_off
from patients.models import Diagnosis, Event, Patient
from patients.review.signing import present_for
from tests.interpretation.report.test_comparators import bare
from tests.meetings.attending import everybody_came

pytestmark = pytest.mark.django_db
# An unusual bound at the first, the middle or the last draw, with warfarin or without.
BOUNDS = [
    ("INR", ">8.37", 2, False),
    ("INR", ">8.37", 2, True),
    ("INR", ">8.37", 1, False),
    ("INR", "<1.17", 0, False),
    ("ALT", "<7.31", 2, False),
    ("ALT", ">8371", 0, False),
    ("bilirubin_total", ">613.7", 2, False),
]
# A frozen report stands there as JSON too, where the comparator is a field beside the number.
TAGS = re.compile(r"<script.*?</script>|<style.*?</style>|<pre.*?</pre>|<[^>]+>", re.DOTALL)
FIGURE = re.compile(r'<script[^>]+type="application/json"[^>]*>(.*?)</script>', re.DOTALL)


@pytest.fixture
def bounded(patient, make_draw):
    """bounded("INR", ">8.37", 2, drug=True): ALT falls while INR rises, with this bound at one draw."""

    def bounded(key: str, bound: str, place: int, drug: bool) -> Patient:
        Diagnosis.objects.create(patient=patient, kind="cirrhosis")
        begin = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=160)
        if drug:
            Event.objects.create(patient=patient, kind="vka", label="Warfarin", started_at=begin)
        rows = [(0, 120, 1.2, 40), (75, 80, 1.4, 90), (150, 40, 1.7, 190)]
        for number, (days, alt, inr, bilirubin) in enumerate(rows):
            results = {"ALT": alt, "INR": inr, "bilirubin_total": bilirubin, "creatinine": 77}
            results |= {"albumin": 35, "platelets": 110, "sodium": 136}
            if number == place:
                results[key] = bound
            limits = {"ALT": 40, "INR": 1.2}
            given = {name: (value, limits.get(name)) for name, value in results.items()}
            draw = make_draw(patient, begin + timedelta(days=days), **given)
            if number == place:
                # As its laboratory sent it.
                draw.results.filter(analyte=key).update(reported_value=bound)
        assess([patient.pk])
        return patient

    return bounded


@pytest.fixture
def page(client, clinician) -> Client:
    client.force_login(clinician)
    return client


def spellings(bound: str) -> set[str]:
    number = bound.lstrip("<>")
    rounded = {"8.37": {"8.4"}, "7.31": {"7.3"}, "613.7": {"614"}}
    return {number, *rounded.get(number, ())}


def addresses(patterns, namespace: str, *ids) -> list[str]:
    """Every page of an application that none, one or two of these ids lead to."""
    found = []
    for name in dict.fromkeys(pattern.name for pattern in patterns):
        for arguments in ((), *((id,) for id in ids), *permutations(ids, 2)):
            try:
                found.append(reverse(f"{namespace}:{name}", args=arguments))
            except NoReverseMatch:
                continue
    return found


def pages_of(page: Client, patient: Patient, *ids) -> dict[str, str]:
    """Address -> text of each page of the patient that answers, `ids` being those of what belongs to it."""
    detail = reverse("patients:detail", args=[patient.uuid])
    # The knowledge has numbers of its own and none of a patient.
    own = [one for one in patient_urls.urlpatterns if one.name != "knowledge"]
    wanted = addresses(own, "patients", patient.uuid, *ids)
    wanted += addresses(meeting_urls.urlpatterns, "meetings", patient.uuid, *ids)
    wanted += [
        f"{detail}?view={view}&scale={scale}&panels=more&draws=all"
        for view, scale in (("stacked", "limit"), ("overlay", "units"), ("trajectory", "limit"))
    ]
    wanted += [reverse("patients:score", args=[patient.uuid, key]) for key in ("meld", "albi")]
    return answered(page, wanted)


def answered(page: Client, wanted: Iterable[str]) -> dict[str, str]:
    found = {}
    for address in dict.fromkeys(wanted):
        answer = page.get(address)
        if answer.status_code == 200 and not answer.streaming and "html" in answer["Content-Type"]:
            found[address] = answer.content.decode()
    return found


def told(html: str) -> list[str]:
    """The text of a page; what its figures show; what a cursor or a screen reader is told."""
    shown = unescape(TAGS.sub("", html))
    attributes = re.findall(r'(?:title|aria-label|alt|content)="([^"]*)"', html)
    figures = [unescape(text) for one in FIGURE.findall(html) for text in strings(json.loads(one))]
    return [shown, *map(unescape, attributes), *figures]


def strings(data) -> list[str]:
    if isinstance(data, str):
        return [data]
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [text for one in inner for text in strings(one)]


def leaks(pages: dict[str, str], bound: str) -> list[str]:
    written = spellings(bound)
    found = [(address, bare(text, written)) for address, html in pages.items() for text in told(html)]
    return [f"{address}: {leak}" for address, leak in dict.fromkeys(found) if leak]


def reviewed(page: Client, patient: Patient, by: User) -> dict[str, str]:
    """All pages of a patient who is signed off, discussed in a meeting (also while it is held) and written of."""
    signed = sign_off(
        patient=patient, by=by, note="Seen.", seen=present_for(patient, timezone.now()).fingerprint
    )
    meeting = plan_meeting(
        clinic=patient.clinic, by=by, starts_at=timezone.now() + timedelta(days=7), title="Board", chair=by
    )
    item = take(meeting=meeting, by=by, patients={patient: []})[0]
    start(meeting=meeting, by=by, early=True)
    everybody_came(meeting, by)
    live = answered(page, addresses(meeting_urls.urlpatterns, "meetings", meeting.uuid, item.uuid))
    item.refresh_from_db()
    save_outcome(item=item, by=by, version=item.version, decision="no_change", note="")
    close_meeting(meeting=meeting, by=by)
    letter = written(patient, by)
    return {f"live {address}": html for address, html in live.items()} | pages_of(
        page, patient, signed.uuid, meeting.uuid, item.uuid, letter.uuid
    )


def written(patient: Patient, by: User) -> Letter:
    basis = basis_of_letter(patient)
    return keep_letter(
        patient=patient,
        by=by,
        recipient="Dr Lind",
        text=first_text(basis, patient, "Dr Berg"),
        basis=str(basis.held.uuid),
        seen=present_for(patient, timezone.now()).fingerprint,
        accept=False,
    )


@pytest.mark.parametrize(("key", "bound", "place", "drug"), BOUNDS)
def test_no_page_tells_a_bound_as_a_number(page, clinician, bounded, key, bound, place, drug):
    patient = bounded(key, bound, place, drug)
    pages = reviewed(page, patient, clinician)
    assert len(pages) > 30, list(pages)
    assert any(bound in text for html in pages.values() for text in told(html))
    found = leaks(pages, bound)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("key", "bound", "place", "drug"), BOUNDS)
def test_files_and_commands_keep_the_bound(bounded, key, bound, place, drug, tmp_path, capsys):
    patient = bounded(key, bound, place, drug)
    call_command("export", str(tmp_path / "out.zip"), clinic="north")
    files = zipfile.ZipFile(io.BytesIO((tmp_path / "out.zip").read_bytes()))
    capsys.readouterr()
    call_command("report", patient.mrn, clinic="north")
    texts = [files.read(name).decode() for name in files.namelist()]
    assert any(bound in text for text in texts)
    texts.append(capsys.readouterr().out)
    found = [leak for text in texts if (leak := bare(text, spellings(bound)))]
    assert not found, "\n".join(found)
