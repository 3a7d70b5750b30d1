"""The page of the public cohorts: what the frozen counts hold, drawn and in tables."""

import json

import pytest
from django.urls import reverse

from patients.report import calibration
from patients.report.calibration import share_at

ADDRESS = reverse("patients:knowledge-calibration")
STEPS = [[0, 1, 1, 1], [90, 0.9, 0.7, 0.97], [400, 0.5, 0.3, 0.7]]


@pytest.fixture
def page(client, viewer):
    client.force_login(viewer)
    return lambda: " ".join(client.get(ADDRESS).content.decode().split())


@pytest.mark.parametrize("day, share", [(89, 1), (90, 0.9), (399, 0.9), (400, 0.5), (5000, 0.5)])
def test_the_share_is_that_of_the_last_step(day, share):
    assert share_at(STEPS, day)[1] == share


def test_what_is_shipped_is_shown_with_its_intervals(page):
    said = json.loads(calibration.MEASURED.read_text())["pbcseq"]
    today = said["by_isi"]["2.0"]["urgency"]["today"]
    shown = page()
    assert f"<td>{today['visits']}</td> <td>{today['people']}</td>" in shown
    within = today["2 years"]
    assert f"<strong>{within['hits']} of {within['of']}</strong>" in shown
    assert shown.count('<svg class="curves"') == len(said["curves"]) == 3


def test_what_it_is_not_is_said(page):
    shown = page()
    assert "Plausibility, no validation" in shown
    assert "AST and no ALT; prothrombin time in seconds and no INR" in shown


def test_a_level_without_visits_has_no_share(page):
    assert '<th scope="row">Established</th> <td>0</td> <td>0</td> <td> <strong>–</strong>' in page()


def test_changed_knowledge_is_said(page, monkeypatch):
    assert calibration.calibration().stale == "" or "has changed" in page()
    monkeypatch.setattr("patients.report.calibration.rule_digest", lambda: "0123456789")
    assert "The knowledge has changed since this was measured: run" in page()


def test_nothing_measured_is_said(page, monkeypatch, tmp_path):
    assert calibration.calibration(tmp_path / "none.json") is None
    monkeypatch.setattr("patients.views.knowledge.calibration.measured.calibration", lambda: None)
    assert "Not measured yet" in page()


def test_the_knowledge_page_leads_there(client, viewer):
    client.force_login(viewer)
    assert ADDRESS in client.get(reverse("patients:knowledge")).content.decode()
