"""The two numbers of the first screen."""

from datetime import timedelta

import pytest
from django.utils import timezone

from patients.models import Event
from patients.presenters.screen.figures import figures
from patients.report.panel import panel


def shown(patient) -> list[tuple[str, str, str]]:
    return [(one.name, one.text, one.change) for one in figures(panel(patient, timezone.now()))]


@pytest.fixture
def two(patient, make_draw):
    """two(1.6, 2.6): INR of four days and of one hour ago, with bilirubin 257 and 308."""

    def two(before, latest):
        now = timezone.now()
        make_draw(
            patient, now - timedelta(days=4, hours=1), ALT=80, INR=before, bilirubin_total=257, albumin=30
        )
        make_draw(patient, now - timedelta(hours=1), ALT=90, INR=latest, bilirubin_total=308, albumin=28)
        return patient

    return two


@pytest.mark.parametrize(
    ("before", "latest", "text", "change"),
    [
        (2.2, 2.6, "2.6", "▲ +0.4 in 4 d"),
        (2.6, 2.2, "2.2", "▼ −0.4 in 4 d"),
        (2.2, 2.2, "2.2", "unchanged in 4 d"),
        (2.2, ">8", ">8.0", "before 2.2"),
        ("<1.1", 1.2, "1.2", "before <1.1"),
    ],
)
def test_the_latest_and_where_it_came_from(two, before, latest, text, change):
    assert shown(two(before, latest))[0] == ("INR", text, change)


def test_bilirubin_stands_beside_it_in_the_units_of_the_clinic(two):
    patient = two(2.2, 2.6)
    assert shown(patient)[1] == ("Bilirubin", "308", "▲ +51 in 4 d")
    patient.clinic.display_units = "conventional"
    assert shown(patient)[1] == ("Bilirubin", "18.0", "▲ +3.0 in 4 d")


def test_under_warfarin_bilirubin_and_albumin_stand_there(two):
    patient = two(1.1, 2.6)
    Event.objects.create(patient=patient, kind="vka", started_at=timezone.now() - timedelta(days=9))
    assert [name for name, *_ in shown(patient)] == ["Bilirubin", "Albumin"]


def test_without_draws_there_is_no_number(patient):
    assert shown(patient) == []
