"""Scenario, corroboration and prognosis as the clinician sees them on the patient page."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from patients.models import Diagnosis, Event


@pytest.fixture
def card(client, clinician, patient):
    """The tab that says why, as markup."""
    client.force_login(clinician)

    def fetch():
        address = reverse("patients:detail", kwargs={"uuid": patient.uuid})
        page = client.get(f"{address}?tab=why").content.decode()
        start = page.index('<h2 id="meaning">')
        return page[start : page.index("</main>", start)]

    return fetch


@pytest.fixture
def cirrhosis(patient, make_draw):
    """A progressive course with its other tests; platelets not at the end."""
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    make_draw(
        patient, "2025-01-01T08:00", ALT=(112, 40), AST=(98, 40), INR=1.2, albumin=40, platelets=200,
        bilirubin_total=20,
    )  # fmt: skip
    make_draw(
        patient, "2026-01-01T08:00", ALT=(34, 40), AST=(41, 40), INR=1.7, albumin=32, bilirubin_total=22
    )
    return patient


def text(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", markup))


def test_the_scenario_is_named_with_its_sides_in_words(card, cirrhosis):
    shown = text(card())
    assert "Scenario: Progressive chronic liver disease" in shown
    assert "Most consistent with progressive chronic liver disease: known cirrhosis" in shown
    assert re.search(r"\d for, \d against", shown)
    assert "for Known: cirrhosis" in shown and "against INR rises by about 0.5 a year" in shown


def test_a_feature_leads_to_its_draws(card, cirrhosis):
    feature = next(line for line in card().split("<li") if "Albumin 40 → 32 g/L" in line)
    assert 'class="rests"' in feature and "1 Jan 2025 to 1 Jan 2026" in feature


def test_what_is_missing_is_named(card, cirrhosis):
    assert "Not known: platelets and creatinine within 48 hours of 1 Jan 2026" in text(card())


def test_the_strip_has_word_and_arrow(card, cirrhosis):
    shown = text(card())
    assert "1 of 3 agrees, bilirubin within expected variation, platelets not measured for" in shown
    assert "↓ down, agrees Albumin" in shown
    assert "→ no real change" in shown
    assert 'class="marker agrees"' in card() and 'class="marker not_measured"' in card()


def test_the_prognosis_names_its_population(card, cirrhosis):
    shown = text(card())
    assert "INR 1.7 is at or above 1.6" in shown and "2,567" in shown


def test_the_prognosis_says_why_there_is_none(card, cirrhosis):
    Event.objects.create(patient=cirrhosis, kind="transplant", started_at="2024-01-01T08:00Z")
    shown = text(card())
    assert "were not derived in patients like this one, because" in shown
    assert "the liver is a transplant" in shown and "2,567" not in shown


def test_how_it_works_is_folded(card, cirrhosis):
    markup = card()
    folded = markup[markup.index("<summary>Why this happens</summary>") :]
    assert "made mainly by the liver" in folded.split("</details>\n")[0]


def test_an_acute_injury_shows_the_speed_of_the_fall(card, patient, make_draw):
    for day, alt, ast, inr in (("01", 9200, 11800, 3.1), ("02", 6100, 4200, 4.2), ("03", 3900, 1500, 5.2)):
        make_draw(patient, f"2026-01-{day}T08:00", ALT=(alt, 40), AST=(ast, 40), INR=inr)
    shown = text(card())
    assert "Speed of the fall" in shown and "Release has practically stopped" in shown
    assert "half-life" in shown


def test_congestion_has_its_own_list(card, patient, make_draw):
    Diagnosis.objects.create(patient=patient, kind="fontan")
    make_draw(patient, "2025-01-01T08:00", ALT=(96, 40), AST=(84, 40), INR=1.2)
    make_draw(patient, "2026-01-01T08:00", ALT=(44, 40), AST=(46, 40), INR=1.5)
    shown = text(card())
    assert "For and against congestion" in shown and "ask cardiology too" in shown
    assert "Why no scenario fits" in shown


def test_a_patient_without_draws_has_the_reason(card, patient):
    assert "The scenario cannot be told: " in text(card())
    assert "Nothing to compare yet." in text(card())


def test_recompensation_is_told_quietly_with_what_is_asked(card, patient, make_draw):
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    make_draw(patient, "2023-01-01T08:00", ALT=(30, 40), INR=2.0, albumin=25, bilirubin_total=120)
    for day in ("2025-01-01", "2026-01-01", "2026-09-01"):
        make_draw(patient, f"{day}T08:00", ALT=(30, 40), INR=1.1, albumin=41, bilirubin_total=15)
    assert "Recompensation" not in card()
    Event.objects.create(
        patient=patient,
        kind="ascites",
        started_at=datetime(2023, 1, 1, tzinfo=UTC),
        ended_at=datetime(2023, 9, 1, tzinfo=UTC),
    )
    part = card().split('id="recompensation"')[1].split('id="prognosis"')[0]
    shown = text(part)
    assert "Recompensation: the laboratory part holds" in shown
    assert "INR 2.0 → 1.1 (1 Jan 2023 to 1 Sep 2026)" in shown
    assert "To ask: Ascites over since" in shown and "Met: Encephalopathy was never recorded." in shown
    assert 'class="rests"' in part
