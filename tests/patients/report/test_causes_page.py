"""The patient page's causes, trials of vitamin K, attribution and request list; and the sheet to print."""

import re
from datetime import datetime

import pytest
from django.urls import reverse

from patients.models import Diagnosis, Event


@pytest.fixture
def answered(patient, make_draw):
    """INR that answered vitamin K while bilirubin went on rising."""
    make_draw(patient, "2026-01-01T08:00", ALT=(900, 40), INR=1.2)
    make_draw(patient, "2026-01-08T08:00", ALT=(300, 40), INR=3.0, bilirubin_total=210)
    make_draw(patient, "2026-01-10T08:00", ALT=(90, 40), INR=1.4, bilirubin_total=260)
    zone = patient.clinic.zone
    Event.objects.create(
        patient=patient, kind="vitamin_k", route="iv", started_at=datetime(2026, 1, 8, 10, tzinfo=zone)
    )
    return patient


@pytest.fixture
def raised(patient, make_draw):
    """A pattern with something for one cause and against another."""
    make_draw(patient, "2026-01-01T08:00", ALT=(900, 40), INR=1.3)
    make_draw(patient, "2026-01-12T08:00", ALT=(200, 40), INR=1.9, factor_v=85, factor_vii=20, aptt=(30, 37))
    Diagnosis.objects.create(patient=patient, kind="cholestasis")
    return patient


@pytest.fixture
def seen(client, clinician, patient):
    client.force_login(clinician)
    return lambda query="": client.get(address(patient) + query).content.decode()


def address(patient, name="detail") -> str:
    return reverse(f"patients:{name}", args=[patient.uuid])


def text(content: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", content))


def part(content: str, id: str) -> str:
    """From the element with this id on."""
    return content[content.index(f'id="{id}"') :]


def test_a_cause_shows_its_evidence_with_side_draws_and_sources(seen, raised):
    cause = part(seen("?list=causes"), "all-cause-vitamin_k_deficiency").split('class="cause"')[0]
    assert "for Factor V 85 % and factor VII 20 % (12 Jan 2026)" in text(cause)
    assert 'class="rests"' in cause and "factor pattern tables" in cause
    assert cause.index("findings") < cause.index("In general") < cause.index("Settles it:")


def test_a_cause_with_something_against_it_only_stands_in_the_list_of_all(seen, raised):
    shown = seen("?list=causes")
    assert 'id="cause-heparin"' not in shown
    heparin = part(shown, "all-cause-heparin").split('class="cause"')[0]
    assert "against aPTT 30 s (12 Jan 2026) is within its limit" in text(heparin)


def test_the_attribution_stands_beside_the_verdict_with_its_evidence(seen, raised):
    assert "Possible · cause undetermined" in text(seen())
    shown = part(seen(), "attribution")
    assert "against Factor V 85 % and factor VII 20 %" in text(shown)[:600]


def test_no_trial_is_shown_without_a_dose(seen, raised):
    assert 'id="vitamin_k"' not in seen()


def test_both_facts_are_said_and_the_patient_is_not_called_well(seen, answered):
    shown = text(seen())
    assert "Vitamin K-responsive INR" in shown and "INR fell 3.0 → 1.4 (−53 %)" in shown
    assert "bilirubin 210 → 260 µmol/L (8 Jan to 10 Jan 2026) went on rising" in shown
    assert "Responder Vitamin K on 8 Jan 2026, 10:00 (by vein): INR 3.0 before" in shown


def test_the_trial_stands_before_the_tests_that_are_asked_for(seen, answered):
    shown = seen("?tab=why")
    assert shown.index('id="vitamin_k"') < shown.index('id="requests"') < shown.index('id="all-causes"')


def test_an_earlier_day_shows_the_trial_as_it_was_then(seen, answered):
    shown = text(part(seen("?as_of=2026-01-08"), "vitamin_k"))
    assert "INR awaited" in shown[:200] and "wanted by 11 Jan 2026, 10:00" in shown


def test_the_requests_lead_to_a_sheet_of_the_same_moment(seen, raised):
    assert f'href="{address(raised, "requests")}?as_of=2026-01-31"' in seen("?as_of=2026-01-31")
    assert f'href="{address(raised, "requests")}"' in seen()


def test_the_sheet_has_who_when_what_and_a_line_to_sign(client, clinician, raised):
    client.force_login(clinician)
    content = client.get(address(raised, "requests") + "?as_of=2026-01-12T12:00").content.decode()
    shown = text(content)
    for words in (
        "Okafor",
        "N-100",
        "2 Apr 1961",
        "12 Jan 2026, 12:00",
        "Requested by",
        "Signature",
    ):
        assert words in shown
    # Factors V and VII are held; the dose of vitamin K is what is left to ask for.
    assert "Vitamin K 10 mg slow IV, then INR at 12-24 h and 24-48 h" in shown
    assert "Not asked for: Factor V 85 % (12 Jan 2026)" in shown
    assert '<label for="request-vitamin_k">' in content and 'id="request-vitamin_k"' in content
    # A drug is never ticked for anybody, nor a test that nothing recorded speaks for.
    ticked = re.findall(r'id="request-([a-z_0-9]+)" autocomplete="off" checked', content)
    supported = content.partition("For open causes with nothing recorded")[0]
    assert "vitamin_k" not in ticked and all(f'id="request-{key}"' in supported for key in ticked)
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style", content)


def test_a_sheet_without_a_raised_inr_says_so(client, viewer, patient):
    client.force_login(viewer)
    response = client.get(address(patient, "requests"))
    assert response.status_code == 200 and "Nothing to ask for" in text(response.content.decode())


@pytest.mark.parametrize("as_of", ["tomorrow", "2099-01-01"])
def test_a_bad_date_of_the_sheet_is_refused(client, viewer, patient, as_of):
    client.force_login(viewer)
    assert client.get(address(patient, "requests") + f"?as_of={as_of}").status_code == 400


def test_the_sheet_takes_few_queries(client, clinician, raised, django_assert_max_num_queries):
    client.force_login(clinician)
    client.get(address(raised, "requests"))
    with django_assert_max_num_queries(12):
        client.get(address(raised, "requests"))


@pytest.mark.parametrize(("name", "inside"), [("causes", "all-cause-heparin"), ("requests", "Drug history")])
def test_a_long_list_comes_once_it_is_opened(client, clinician, raised, name, inside):
    client.force_login(clinician)
    later = f"{address(raised)}?tab=why&as_of=2026-01-31&list={name}"
    whole = client.get(address(raised) + "?as_of=2026-01-31").content.decode()
    assert f'hx-get="{later.replace("&", "&amp;")}"' in whole and inside not in part(whole, "requests")
    htmx = {"HX-Request": "true", "HX-Target": f"{name}-list"}
    brought = client.get(later, headers=htmx).content.decode()
    assert inside in brought and "<details id=" not in brought and 'id="tabs"' not in brought


@pytest.mark.parametrize("query", ["?list=causes", "?tab=all"])
def test_the_list_of_all_causes_needs_no_scripts(seen, raised, query):
    assert part(seen(query), "all-causes").count('class="cause"') > 20
