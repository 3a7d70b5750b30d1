"""People on the plane, with the summary given and nothing computed."""

from datetime import date
from itertools import count

import pytest

from patients.models import Assessment, Patient
from patients.worklist import PLACES
from tests.patients.population.times import BASELINE, LATEST

numbers = count(1)


@pytest.fixture
def put(clinic):
    """put((100, 25), (1.2, 1.6), "possible"): a patient whose ALT and INR went so."""

    def put(alt=(100, 50), inr=(1.2, 1.2), place="none", where=None, **fields) -> Assessment:
        number = next(numbers)
        patient = Patient.objects.create(
            clinic=where or clinic,
            mrn=f"P-{number:04}",
            family_name=f"Family{number}",
            given_name="Ada",
            birth_date=date(1961, 4, 2),
            sex="F",
        )
        grade = "none" if place in ("rising", "died") else place
        given = {
            "enzyme": "ALT",
            "enzyme_from": alt[0],
            "enzyme_to": alt[1],
            "inr_from": inr[0],
            "inr_to": inr[1],
            "baseline_at": BASELINE,
            "latest_at": LATEST,
        }
        return Assessment.objects.create(
            patient=patient,
            clinic=patient.clinic,
            sort_name=patient.mrn,
            grade=grade,
            grade_rank=PLACES.index(place),
            base_grade=grade,
            knowledge_version="test",
            **given | fields,
        )

    return put
