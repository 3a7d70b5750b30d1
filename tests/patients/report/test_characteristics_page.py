"""The page of the measured rule: shares, intervals, what is out of place, and which knowledge it was."""

import json

import pytest
from django.urls import reverse

from interpretation import knowledge
from interpretation.characteristics import CELLS, rule_digest
from patients.report import characteristics
from patients.report.characteristics import Share, measured

ADDRESS = reverse("patients:knowledge-characteristics")


@pytest.fixture
def run(tmp_path, monkeypatch, client, viewer):
    """Shows the page of a run of two seeds of 1,000."""
    client.force_login(viewer)

    def show(name: str, *counted: dict, fingerprint: str = "", **about) -> str:
        said = {"knowledge": knowledge.VERSION, "digest": rule_digest(), "measured_on": "2026-11-30"}
        seeds = {str(seed): counts for seed, counts in enumerate(counted, start=1)}
        cells = {name: {"cell": fingerprint or CELLS[name].fingerprint, "patients": 1000, "seeds": seeds}}
        path = tmp_path / "characteristics.json"
        path.write_text(json.dumps({**said, "cells": cells, **about}))
        monkeypatch.setattr("patients.views.knowledge.characteristics.measured", lambda: measured(path))
        return " ".join(client.get(ADDRESS).content.decode().split())

    return show


def test_shares_stand_with_their_interval_and_the_published_figure(run):
    page = run("quiet_1_3_3", {"possible": 70, "established": 5}, {"possible": 62, "established": 6})
    assert "<td>2000</td>" in page
    assert '<strong>6.60</strong> <span class="soft">5.59 to 7.77</span>' in page
    assert "published 6.4, z 0.7" in page
    assert "Not as published" not in page
    assert "run <code>" not in page


def test_each_seed_must_come_out(run):
    """Together 6.4% as published, but one seed far above and one far below."""
    page = run("quiet_1_3_3", {"possible": 100, "established": 5}, {"possible": 28, "established": 5})
    assert "Not as published" in page


def test_a_bound_counts_only_where_it_is_surely_passed():
    assert not Share("today", 2, 1000, at_most=0.1).off
    assert Share("today", 9, 1000, at_most=0.1).off
    assert not Share("today", 0, 1000, at_most=0).off


def test_stable_patients_told_today_are_named(run):
    assert "2.5, 2 draws 180 days apart: <strong>3.05%" in run("quiet_2_5_2", {"today": 31}, {"today": 30})


def test_up_to_the_limit_nobody_is_named(run):
    assert "<li>None.</li>" in run("quiet_2_5_2", {"today": 30}, {"today": 30})


def test_a_true_rise_told_today_is_no_false_alarm(run):
    assert "<li>None.</li>" in run("rising_1_3_2_0_6", {"today": 600}, {"today": 600})


def test_another_version_is_said(run):
    page = run("quiet_1_3_3", {}, {}, knowledge="2020.1")
    assert f"Measured with another version, 2020.1; in use is {knowledge.VERSION}: run" in page


def test_changed_files_are_said(run):
    page = run("quiet_1_3_3", {}, {}, digest="0123456789")
    assert "The files of the knowledge have changed since this was measured: run" in page


def test_counts_of_patients_drawn_otherwise_are_not_shown(run):
    assert "<td>2000</td>" not in run("quiet_1_3_3", {}, {}, fingerprint="0123456789")


def test_nothing_measured_is_said(client, viewer, monkeypatch):
    client.force_login(viewer)
    monkeypatch.setattr("patients.views.knowledge.characteristics.measured", lambda: None)
    assert "Not measured yet" in client.get(ADDRESS).content.decode()


def test_what_is_shipped_is_shown(client, viewer):
    client.force_login(viewer)
    assert measured() is not None
    page = client.get(ADDRESS).content.decode()
    assert all(row.cell.words in page for row in measured().rows)
    assert len(measured().rows) == len(characteristics.CELLS)


def test_the_knowledge_page_leads_there(client, viewer):
    client.force_login(viewer)
    assert ADDRESS in client.get(reverse("patients:knowledge")).content.decode()
