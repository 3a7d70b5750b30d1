"""The pages: blinded while answers come in, and the result afterwards."""

import re

import pytest
from django.urls import reverse

from accounts.models import PatientAccess
from interpretation.knowledge import load
from patients.chart_review.judging import ReviewStanding, result
from patients.chart_review.presenting import result_page
from patients.models import ChartLabel, Diagnosis, Event
from patients.words import GRADE_WORDS
from tests.looks import pages_seen

ANSWER = {"dissociation": "yes", "urgency": "today", "cause": "liver", "confidence": "2", "note": "clear"}


def page(client, user, name, *args, **query):
    client.force_login(user)
    return client.get(reverse(f"patients:{name}", args=args), query)


@pytest.fixture
def flagged(review):
    return review.items.filter(stratum="pattern").first()


def test_a_review_is_made_in_the_browser(client, clinician, reviewers, ward):
    client.force_login(clinician)
    typed = {"name": "Spring", "since": "2026-04-01", "size": 20, "seed": 5}
    people = {name: user.pk for name, user in reviewers.items()}
    response = client.post(reverse("patients:chart-review-add"), typed | people, follow=True)
    text = response.content.decode()
    assert "8 draws are in the sample." in text and "Go on with number 1" in text
    twice = people | {"second": clinician.pk}
    refused = client.post(reverse("patients:chart-review-add"), typed | twice)
    assert refused.status_code == 422 and "three people" in refused.content.decode()


def test_the_sheet_has_the_record_of_then_and_nothing_of_the_product(client, clinician, flagged, review):
    Diagnosis.objects.create(patient=flagged.patient, kind="cirrhosis", noted_on="2026-02-01")
    Diagnosis.objects.create(patient=flagged.patient, kind="hcc", noted_on="2026-06-01")
    Event.objects.create(patient=flagged.patient, kind="antibiotic", started_at="2026-04-20T08:00Z")
    Event.objects.create(patient=flagged.patient, kind="tips", started_at="2026-06-20T08:00Z")
    text = page(client, clinician, "chart-review-item", review.uuid, flagged.number).content.decode()
    main = text[text.index("<main") : text.index("</main")]
    assert "160 (≤ 40)" in main and "45 (≤ 40)" in main and "Cirrhosis" in main and "Antibiotic" in main
    assert "carcinoma" not in main and "TIPS" not in main
    assert flagged.patient.family_name not in text and flagged.patient.mrn not in text
    record = main[main.index("chart-sheet") : main.index("Your answer")]
    opinions = [
        *GRADE_WORDS.values(),
        "Dissociation",
        "Falling",
        "Rising",
        "ribbon",
        "chip",
        "corridor",
        "window",
    ]
    opinions += [row["name"] for row in load("urgency")["level"].values()]
    assert not [
        word for word in opinions if word.casefold() in record.casefold().replace("none on record", "")
    ]
    assert str(flagged.patient.uuid) not in text


def test_each_look_is_logged(client, clinician, flagged, review):
    page(client, clinician, "chart-review-item", review.uuid, flagged.number)
    page(client, clinician, "chart-review-paper", review.uuid)
    assert pages_seen(flagged.patient) == ["chart-review", "chart-review"]


def test_an_answer_leads_to_the_next_that_is_open(client, clinician, review):
    client.force_login(clinician)
    address = reverse("patients:chart-review-item", args=[review.uuid, 1])
    response = client.post(address, ANSWER)
    assert response.url == reverse("patients:chart-review-item", args=[review.uuid, 2])
    assert ChartLabel.objects.get().note == "clear"
    refused = client.post(address, {"dissociation": "yes"})
    assert refused.status_code == 422 and "Say how soon." in refused.content.decode()


def test_nobody_sees_the_answers_of_another_before_the_end(client, review, reviewers, answer, administrator):
    answer(reviewers["first"], dict.fromkeys(range(1, 9), True))
    for user in (*reviewers.values(), administrator):
        text = page(client, user, "chart-review", review.uuid).content.decode()
        assert "8 of 8" in text and "waits for both" in text
        response = page(client, user, "chart-review-result", review.uuid)
        assert response.status_code == 302
    rows = page(client, reviewers["second"], "chart-review-labels", review.uuid).content.decode()
    assert ",yes," not in rows and reviewers["first"].username not in rows
    assert page(client, administrator, "chart-review-labels", review.uuid).status_code == 403
    assert page(client, administrator, "chart-review-item", review.uuid, 1).status_code == 403


def test_the_third_is_shown_the_differing_draws_alone(client, review, reviewers, answer):
    answer(reviewers["first"], dict.fromkeys(range(1, 9), True))
    answer(reviewers["second"], dict.fromkeys(range(1, 9), True) | {3: False})
    assert page(client, reviewers["decider"], "chart-review-item", review.uuid, 1).status_code == 404
    text = page(client, reviewers["decider"], "chart-review-item", review.uuid, 3).content.decode()
    main = text[text.index("<main") : text.index("</main")]
    assert 'type="radio"' in main and not re.search(r"<input[^>]*checked", main)


def test_the_result_in_counts_and_shares(client, complete, clinician):
    """The reviewers differ on two of 8 draws; the third sides with the rule each time."""
    found = result(ReviewStanding(complete).judged)
    flagged = complete.items.filter(stratum="pattern").count()
    assert (found.in_sample.ppv.hits, found.in_sample.ppv.of) == (flagged, flagged)
    assert found.in_sample.sensitivity.share == found.in_period.specificity.share == 1.0
    assert (found.dissociation.agreed, found.dissociation.of) == (6, 8)
    text = page(client, clinician, "chart-review-result", complete.uuid).content.decode()
    assert f"{flagged} of {flagged}: 100%" in text and "6 of 8" in text
    assert PatientAccess.objects.count() == 0 and pages_seen(complete.items.first().patient) == [
        "chart-result"
    ]


def test_who_opened_the_patients_page_before_answering_is_named(review, reviewers, answer, client):
    item = review.items.get(number=1)
    page(client, reviewers["first"], "detail", item.patient.uuid)
    for who in ("first", "second"):
        answer(reviewers[who], dict.fromkeys(range(1, 9), True))
    page(client, reviewers["second"], "detail", item.patient.uuid)
    seen = dict(result_page(ReviewStanding(review))["opened"])
    of_patient = review.items.filter(patient=item.patient).count()
    assert seen == {reviewers["first"]: of_patient}


def test_a_file_brings_answers_in_or_says_where_it_is_wrong(client, clinician, review, tmp_path):
    client.force_login(clinician)
    address = reverse("patients:chart-review-labels", args=[review.uuid])
    text = client.get(address).content.decode()
    path = tmp_path / "labels.csv"
    path.write_text(text.replace("1,clinician,,,,,", "1,clinician,no,routine,none,3,", 1), encoding="utf-8")
    with path.open("rb") as file:
        response = client.post(address, {"file": file}, follow=True)
    assert "1 answer stored, 0 were there already." in response.content.decode()
    path.write_text(
        text.replace("1,clinician,,,,,", "1,clinician,maybe,routine,none,3,", 1), encoding="utf-8"
    )
    with path.open("rb") as file:
        response = client.post(address, {"file": file})
    assert response.status_code == 422
    assert "Nothing was stored. Row 2, dissociation: Answer yes or no." in response.content.decode()
    assert ChartLabel.objects.count() == 1


def test_everybodys_answers_come_as_csv_once_complete(client, complete, administrator):
    text = page(client, administrator, "chart-review-labels", complete.uuid).content.decode()
    assert text.count("\n") == 1 + 8 + 8 + 2
    assert "clinician" in text and "second" in text and "decider" in text


def test_a_sheet_a_draw_on_paper(client, clinician, review):
    text = page(client, clinician, "chart-review-paper", review.uuid).content.decode()
    assert text.count('class="one-chart"') == 8 and text.count('class="box"') == 8 * (2 + 5 + 3)


def test_a_sheet_costs_as_many_queries_with_many_draws(
    client, clinician, review, flagged, make_draw, django_assert_max_num_queries
):
    for day in range(1, 21):
        make_draw(flagged.patient, f"2026-02-{day:02}T08:00", ALT=(150, 40), INR=(1.2, 1.2))
    client.force_login(clinician)
    with django_assert_max_num_queries(30):
        client.get(reverse("patients:chart-review-item", args=[review.uuid, flagged.number]))
