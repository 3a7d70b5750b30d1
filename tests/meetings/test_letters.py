"""Letters to the referrer: from what was judged, kept as they were sent."""

from html import unescape

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from meetings.actions.closing import close_meeting
from meetings.actions.letters import ACCEPT, NEWER, NOTHING_JUDGED, OTHER_BASIS, keep_letter
from meetings.actions.outcomes import save_outcome
from meetings.letters import basis_of_letter, explanation, first_text
from meetings.models import Letter
from patients.actions.errors import Refused
from patients.actions.reviews import review_cause
from patients.actions.signoffs import sign_off
from patients.review.signing import present_for
from patients.words import publications
from tests.roles import KEPT

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(falling, clinician):
    seen = present_for(falling, timezone.now()).fingerprint
    return sign_off(patient=falling, by=clinician, note="Refer.", seen=seen)


@pytest.fixture
def send(falling, clinician):
    """send(text=…): as from a page opened this moment."""

    def send(**given) -> Letter:
        basis = basis_of_letter(falling)
        values = {
            "recipient": "Dr Jo Lind\nHigh Street",
            "text": "Dear colleague,\n\nsee below.",
            "basis": str(basis.held.uuid) if basis else "",
            "seen": present_for(falling, timezone.now()).fingerprint,
            "accept": False,
        }
        return keep_letter(patient=falling, by=clinician, **(values | given))

    return send


@pytest.fixture
def page(client, clinician):
    client.force_login(clinician)
    return client


def at(patient) -> str:
    return reverse("meetings:letter-write", args=[patient.uuid])


def text(answer) -> str:
    return unescape(answer.content.decode())


def sheet_in(page: str) -> str:
    return page.split("<article")[1].split("</article")[0]


def test_the_first_text_holds_the_numbers_what_was_decided_and_the_causes(falling, item, meeting, clinician):
    review_cause(
        patient=falling, by=clinician, cause="vitamin_k_deficiency", verdict="excluded", note="", seen=None
    )
    save_outcome(item=item, by=clinician, version=1, decision="change", note="Not a recovery.")
    close_meeting(meeting=meeting, by=clinician)
    said = first_text(basis_of_letter(falling), falling, "Dr Berg")
    assert "Ada Okafor was discussed in our meeting on" in said
    assert "ALT fell 120 → 40 U/L (−67 %) while INR rose 1.2 → 1.7 (+42 %)" in said
    assert "Excluded: Vitamin K deficiency." in said
    assert "Decision: plan changed.\nNot a recovery." in said
    assert said.endswith("With kind regards,\nDr Berg")


def test_the_word_dissociation_is_explained_in_one_sentence_with_its_source(falling, signed, send):
    frozen = basis_of_letter(falling).frozen
    told = explanation(frozen)
    assert told["text"].count(".") == 1 and "bleed" not in told["text"]
    assert told["text"] in first_text(basis_of_letter(falling), falling, "Dr Berg")
    (publication,) = publications(told["sources"])
    assert publication in send().content["sources"]
    assert explanation({"sentence": "No change."})["text"] == ""


def test_the_later_of_discussion_and_review_counts(falling, signed, item, meeting, clinician):
    assert basis_of_letter(falling).held == signed
    save_outcome(item=item, by=clinician, version=1, decision="no_change", note="")
    close_meeting(meeting=meeting, by=clinician)
    assert basis_of_letter(falling).discussed


def test_nothing_judged_no_letter(page, falling, send):
    assert NOTHING_JUDGED in text(page.get(at(falling)))
    with pytest.raises(Refused, match="sign off the report first"):
        send()


def test_it_is_kept_as_it_was_sent(page, falling, signed, send, clinician, make_draw):
    letter = send()
    address = reverse("meetings:letter", args=[letter.uuid])
    before = text(page.get(address))
    assert "120 (3.00 ×)" in before and "40 (1.00 ×)" in before and "Dr Jo Lind<br>High Street" in before
    assert "Newer results have arrived" not in before
    falling.family_name = "Newname"
    falling.save()
    clinician.last_name = "Othername"
    clinician.save()
    make_draw(falling, timezone.now(), ALT=(30, 40), INR=(2.9, 1.2))
    after = text(page.get(address))
    assert "Newer results have arrived since this letter." in after and "1 new draw" in after
    assert (
        after.split("<article")[1].split("</article")[0] == before.split("<article")[1].split("</article")[0]
    )


@pytest.mark.parametrize("change", [{"text": "Other words"}, None])
def test_the_database_lets_nobody_change_or_delete_it(signed, send, change):
    letter = Letter.objects.filter(pk=send().pk)
    with pytest.raises(DatabaseError, match=KEPT), transaction.atomic():
        letter.update(**change) if change else letter.delete()


def test_newer_results_are_told_and_sent_only_on_purpose(falling, signed, send, make_draw):
    make_draw(falling, timezone.now(), ALT=(30, 40), INR=(2.9, 1.2))
    with pytest.raises(Refused) as refused:
        send()
    assert (refused.value.sentence, refused.value.field) == (ACCEPT, "accept")
    letter = send(accept=True)
    assert any("1 new draw" in sentence for sentence in letter.newer)
    assert all(cell != "2.9" for line in letter.content["numbers"]["lines"] for cell in line["cells"])


def test_what_arrives_while_one_writes_is_shown_before_anything_is_sent(falling, signed, send, make_draw):
    seen = present_for(falling, timezone.now()).fingerprint
    make_draw(falling, timezone.now(), ALT=(30, 40), INR=(2.9, 1.2))
    with pytest.raises(Refused) as refused:
        send(seen=seen, accept=True)
    assert refused.value.sentence == NEWER
    assert not Letter.objects.exists()


def test_another_review_meanwhile_is_told(falling, signed, send, clinician):
    seen = present_for(falling, timezone.now()).fingerprint
    sign_off(patient=falling, by=clinician, note="Changed my mind.", seen=seen)
    with pytest.raises(Refused) as refused:
        send(basis=str(signed.uuid))
    assert refused.value.sentence == OTHER_BASIS


def test_sent_twice_it_is_one_letter(signed, send):
    assert send() == send()
    assert Letter.objects.count() == 1
    send(text="Another one.")
    assert Letter.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"recipient": "  "}, "recipient"),
        ({"recipient": "x" * 501}, "recipient"),
        ({"text": "\n"}, "text"),
        ({"text": "x" * 8001}, "text"),
    ],
)
def test_what_is_missing_or_too_long_is_said(signed, send, given, field):
    with pytest.raises(Refused) as refused:
        send(**given)
    assert refused.value.field == field


def test_what_was_typed_survives_a_refusal(page, falling, signed, make_draw):
    make_draw(falling, timezone.now(), ALT=(30, 40), INR=(2.9, 1.2))
    answer = page.post(at(falling), {"recipient": "Dr Lind", "text": "My words", "basis": signed.uuid})
    assert answer.status_code == 422
    said = text(answer)
    assert "My words" in said and "Dr Lind" in said and NEWER in said and "1 new draw" in said


def test_a_letter_from_the_page_to_the_list(page, falling, signed):
    seen = present_for(falling, timezone.now()).fingerprint
    given = {"recipient": "Dr Lind", "text": "Hello", "basis": signed.uuid, "seen": seen}
    answer = page.post(at(falling), given)
    letter = Letter.objects.get()
    assert answer.url == reverse("meetings:letter", args=[letter.uuid])
    assert answer.url in text(page.get(reverse("meetings:patient", args=[falling.uuid])))
