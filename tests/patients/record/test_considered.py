"""Causes of which nothing is recorded, marked as considered all at once: never drugs, vitamin K or the sample."""

import pytest
from django.urls import reverse

from patients.actions.errors import Refused
from patients.actions.reviews import consider_causes, review_cause
from patients.models import CauseReview


def test_each_gets_a_review_and_the_second_time_adds_nothing(established, clinician):
    assert consider_causes(patient=established, by=clinician, causes=["congestion", "systemic"]) == 2
    assert consider_causes(patient=established, by=clinician, causes=["systemic", "congestion"]) == 0
    assert set(CauseReview.objects.values_list("verdict", flat=True)) == {"considered"}


def test_what_a_person_has_judged_stays(established, clinician):
    review_cause(patient=established, by=clinician, cause="congestion", verdict="excluded")
    assert consider_causes(patient=established, by=clinician, causes=["congestion"]) == 0
    assert CauseReview.objects.get().verdict == "excluded"


@pytest.mark.parametrize("cause", ["vka", "vitamin_k_deficiency", "heparin", "no such cause"])
def test_one_that_is_asked_every_time_refuses_all(established, clinician, cause):
    with pytest.raises(Refused):
        consider_causes(patient=established, by=clinician, causes=["congestion", cause])
    with pytest.raises(Refused):
        review_cause(patient=established, by=clinician, cause=cause, verdict="considered")
    assert not CauseReview.objects.exists()


def test_one_press_on_the_page_and_the_row_says_so(client, established, clinician):
    client.force_login(clinician)
    address = reverse("patients:detail", args=[established.uuid])
    page = client.get(address).content.decode()
    assert "as considered" in page
    keys = ["congestion", "systemic", "haemodilution"]
    shown = client.post(f"{address}causes/consider/", {"cause": keys}, follow=True).content.decode()
    assert "3 considered" in shown
