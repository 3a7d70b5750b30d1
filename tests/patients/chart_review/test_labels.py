"""Who labels what and when, what the database holds, and the way out to CSV and in again."""

import csv
from datetime import date
from io import StringIO

import pytest
from django.db import DatabaseError, transaction

from accounts.models import User
from patients.actions.chart_review import add_labels, make_review
from patients.actions.errors import Refused
from patients.chart_review.files import HEAD, Unreadable, as_csv, own_rows, read_labels
from patients.chart_review.judging import ReviewStanding
from patients.models import ChartLabel
from tests.patients.chart_review.answers import said


def test_the_sample_holds_flagged_and_unflagged_draws_with_their_weights(review):
    items = list(review.items.all())
    assert review.population == 8 and sum(item.weight for item in items) == pytest.approx(8)
    assert {item.stratum for item in items} >= {"quiet", "pattern"}
    assert [item.number for item in items] == list(range(1, 9))


def test_nothing_to_draw_from_is_said(clinic, clinician, reviewers):
    with pytest.raises(Refused, match="No draw with an INR"):
        make_review(
            clinic=clinic, by=clinician, name="x", people=reviewers, since=date(2026, 4, 1), size=8, seed=3
        )


def test_the_third_is_asked_once_both_have_finished_and_only_where_they_differ(review, reviewers, answer):
    everything = range(1, 9)
    answer(reviewers["first"], dict.fromkeys(everything, True))
    answer(reviewers["second"], dict.fromkeys(range(1, 8), True))
    assert ReviewStanding(review).items_of(reviewers["decider"]) == []
    with pytest.raises(Refused, match="not asked about number 8"):
        answer(reviewers["decider"], {8: True})
    answer(reviewers["second"], {8: False})
    assert [item.number for item in ReviewStanding(review).items_of(reviewers["decider"])] == [8]
    assert not ReviewStanding(review).is_complete
    answer(reviewers["decider"], {8: False})
    assert ReviewStanding(review).is_complete


def test_a_reviewer_changes_an_answer_until_both_have_finished(review, reviewers, answer):
    answer(reviewers["first"], {1: True})
    answer(reviewers["first"], {1: False})
    assert ChartLabel.objects.count() == 2
    assert (
        ReviewStanding(review).label(review.items.get(number=1), reviewers["first"].pk).dissociation is False
    )
    assert answer(reviewers["first"], {1: False}) == 0


def test_after_both_have_finished_they_change_nothing(complete, reviewers, answer):
    for who in reviewers.values():
        with pytest.raises(Refused, match="no longer changed"):
            answer(who, {1: True})


def test_the_database_refuses_a_stranger_and_every_change(review, reviewers, answer, viewer):
    item = review.items.first()
    with pytest.raises(DatabaseError, match="Only its reviewers"), transaction.atomic():
        ChartLabel.objects.create(item=item, by=viewer, **said(True))
    answer(reviewers["first"], {item.number: True})
    for change in (lambda found: found.update(note="x"), lambda found: found.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(ChartLabel.objects.all())
    with pytest.raises(DatabaseError), transaction.atomic():
        type(review).objects.update(seed=1)


def test_out_and_in_again(review, reviewers, answer):
    first, second = reviewers["first"], reviewers["second"]
    note = {"note": "=1+1; “hm”\nanother line", "cause": "vitamin_k_deficiency", "confidence": 1}
    add_labels(review=review, by=first, labels={1: said(True, **note), 2: said(False)})
    text = as_csv(own_rows(ReviewStanding(review), first))
    again = read_labels(text.encode(), first.username)
    assert again == {1: said(True, **note), 2: said(False)}
    assert add_labels(review=review, by=first, labels=again) == 0
    assert second.username not in text


def test_a_blank_file_has_a_row_for_each_number_and_no_answer(review, reviewers):
    rows = list(csv.DictReader(StringIO(as_csv(own_rows(ReviewStanding(review), reviewers["first"])))))
    assert [row["number"] for row in rows] == [str(number) for number in range(1, 9)]
    assert {row["dissociation"] for row in rows} == {""}
    assert (
        read_labels(as_csv(own_rows(ReviewStanding(review), reviewers["first"])).encode(), "clinician") == {}
    )


GOOD = "1,me,yes,today,liver,2,"


@pytest.mark.parametrize(
    "lines, says",
    [
        (["1,me,perhaps,today,liver,2,"], "Row 2, dissociation: Answer yes or no."),
        (["1,me,yes,soon,liver,2,"], "Row 2, urgency: One of today"),
        (["1,me,yes,today,liver,4,"], "Row 2, confidence: 1, 2 or 3."),
        (["1,me,yes,today,,2,"], "Row 2, cause: Choose a cause."),
        (["1,you,yes,today,liver,2,"], "Row 2: these are answers of “you”"),
        ([GOOD, GOOD], "Row 3, number: “1” is no number, or stands there twice."),
        (["x,me,yes,today,liver,2,"], "Row 2, number: “x”"),
        ([], "must name the columns"),
    ],
)
def test_a_wrong_row_is_named(lines, says):
    with pytest.raises(Unreadable, match=says):
        read_labels("\n".join([",".join(HEAD), *lines]).encode(), "me")


def test_a_file_of_a_german_spreadsheet_is_read():
    text = "\ufeff" + "\r\n".join([",".join(HEAD), GOOD]).replace(",", ";")
    assert read_labels(text.encode(), "me") == {1: said(True)}


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(Unreadable, match="UTF-8"):
        read_labels(b"\xff\xfe\x00", "me")


def test_three_people_are_asked(clinic, clinician, reviewers, ward):
    twice = reviewers | {"decider": reviewers["first"]}
    with pytest.raises(Refused, match="three people"):
        make_review(
            clinic=clinic, by=clinician, name="x", people=twice, since=date(2026, 4, 1), size=4, seed=1
        )


def test_reviewers_are_clinicians(clinic, clinician, reviewers, viewer: User, ward):
    with pytest.raises(Refused, match="clinicians of the clinic"):
        make_review(
            clinic=clinic,
            by=clinician,
            name="x",
            people=reviewers | {"decider": viewer},
            since=date(2026, 4, 1),
            size=4,
            seed=1,
        )
