"""ADT^A08, A31 and A40: what is harmless is taken, what might be about somebody else is asked."""

import re
from datetime import date

import pytest
from django.core.management import call_command
from django.urls import reverse
from hl7apy.parser import parse_message

from accounts.models import ListAccess
from patients.actions.merging import undo_merge
from patients.actions.merging.numbers import patient_numbered
from patients.models import Draw, Merge, OtherNumber, Patient, Result
from tests.uploads.adt import adt, pid
from tests.uploads.files import labs
from tests.uploads.oru import obx, oru
from uploads.identity.news import decide_news
from uploads.interfaces import messages, senders
from uploads.models import Message, PersonNews, Sender, Upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender(clinic, people) -> Sender:
    return senders.add_sender(clinic=clinic, name="PAS")[0]


@pytest.fixture
def tell(sender):
    """tell(raw) -> the code, MSA-3 and the ERR segments, read by another library."""

    def tell(raw: bytes) -> tuple[str, str, list[str]]:
        answer = messages.receive(sender=sender, raw=raw)[1].decode()
        read = parse_message(answer, force_validation=True)
        errors = re.findall(r"\rERR\|[^\r]*", answer)
        text = read.msa.msa_3.value.replace("\\S\\", "^")
        return read.msa.msa_1.value, text, [error.strip() for error in errors]

    return tell


def named(mrn: str) -> Patient:
    return Patient.objects.get(mrn=mrn)


def shown(mrn: str) -> tuple:
    patient = named(mrn)
    return patient.family_name, patient.given_name, patient.birth_date.isoformat(), patient.sex


# --- A08, A31 ---


@pytest.mark.parametrize("event", ["A08", "A31"])
def test_another_name_is_taken_and_the_one_before_is_in_the_history(tell, event):
    assert tell(adt(event, name="Sato^Mai")) == ("AA", "Taken: family name.", [
        "ERR||PID^1^3|0^Message accepted^HL70357|I||||Taken: family name."
    ])  # fmt: skip
    assert shown("N-1") == ("Sato", "Mai", "1970-05-01", "F")
    assert [row.family_name for row in named("N-1").history.order_by("pgh_id")] == ["Ito", "Sato"]


def test_another_date_of_birth_or_sex_is_taken(tell):
    tell(adt(born="19700601", sex="M"))
    assert shown("N-1") == ("Ito", "Mai", "1970-06-01", "M")


def test_what_a_message_leaves_out_stays(tell):
    assert tell(adt(name="", born="", sex=""))[:2] == ("AA", "The same as in the record.")
    assert shown("N-1") == ("Ito", "Mai", "1970-05-01", "F")


@pytest.mark.parametrize(
    "who, why",
    [
        ({"name": "Sato^Mai", "born": "19800101"}, "family name and date of birth differ"),
        ({"name": "Ito^Ken", "born": "19800101"}, "given name and date of birth differ"),
        ({"name": "Sato^Ken"}, "family name and given name differ"),
        ({"name": "Sato^Ken", "born": "19800101"}, "family name, given name and date of birth differ"),
        # Twins: family name and date of birth are the same.
        ({"name": "Ito^Ken", "sex": "M"}, "given name and sex differ"),
    ],
)
def test_what_looks_like_another_person_is_asked_and_not_taken(tell, who, why):
    code, said, (error,) = tell(adt(**who))
    assert (code, said) == ("AA", f"PID 1: waits for a person: {why}.")
    assert error == f"ERR||PID^1^3|204^Unknown key identifier^HL70357|W||||PID 1: waits for a person: {why}."
    assert shown("N-1") == ("Ito", "Mai", "1970-05-01", "F")
    assert Message.objects.get().state == "waiting"


def test_a_death_waits_for_a_yes(tell, data_manager):
    assert "a death" in tell(adt(died="20260105"))[1]
    assert named("N-1").died_on is None
    decide_news(news=PersonNews.objects.get(), by=data_manager, take=True)
    assert named("N-1").died_on == date(2026, 1, 5)
    assert Message.objects.get().state == "stored"


def test_another_number_is_taken_where_the_old_one_is_said_to_be_over(tell, clinic):
    assert tell(adt(mrn="N-9", before="N-1"))[1] == "Taken: number."
    assert patient_numbered(clinic, "N-1") == named("N-9")


def test_what_came_late_changes_nothing(tell):
    tell(adt(name="Sato^Mai", sent="20260301120000"))
    assert tell(adt(id="2", name="Ito^Mai", sent="20260228120000"))[1].startswith("Older than")
    assert shown("N-1")[0] == "Sato"


def test_of_nobody_here_nothing_is_kept(tell):
    assert tell(adt(mrn="X-1"))[:2] == ("AA", "Nobody here has this number: nothing to change.")
    assert not Patient.objects.filter(mrn="X-1").exists() and not PersonNews.objects.exists()


def test_numbers_of_two_patients_here_are_no_change(tell):
    code, said, (error,) = tell(adt(people=["PID|1||N-1^^^A^MR~N-2^^^B^MR||Ito^Mai||19700501|F"]))
    assert (code, said) == (
        "AE",
        "these numbers are of several patients here. Send a merge (ADT^A40) of each.",
    )
    assert error.startswith("ERR||PID^1^3|204^")
    assert tell(adt(people=["PID|1||N-1^^^A^MR~N-2^^^B^MR||Ito^Mai||19700501|F"]))[0] == "AE"


@pytest.mark.parametrize("born, field", [("1970", "PID^1^7"), ("19701345", "PID^1^7")])
def test_what_cannot_be_read_is_an_error_of_its_field(tell, born, field):
    code, _, (error,) = tell(adt(born=born, name="Sato^Mai"))
    assert (code, error[:17]) == ("AE", f"ERR||{field}|102^")
    assert shown("N-1")[0] == "Ito"


def test_a_birth_after_a_draw_is_refused_with_its_sentence(tell, sender):
    messages.receive(sender=sender, raw=oru(id="L1"))
    code, said, _ = tell(adt(id="2", born="20260101"))
    assert (code, "was taken before this date of birth" in said) == ("AE", True)


@pytest.mark.parametrize("event", ["A01", "A04", "A34", ""])
def test_other_events_are_rejected_with_the_reason(tell, event):
    code, said, (error,) = tell(adt(event))
    assert (
        code == "AR" and "only results (ORU^R01) and changes of people (ADT^A08, A31, A40) are read" in said
    )
    assert error.startswith("ERR||MSH^1^9|201^Unsupported event code")


def test_the_acknowledgement_names_the_event(sender):
    answer = messages.receive(sender=sender, raw=adt("A40", former="N-2"))[1].decode()
    assert answer.split("|")[8] == "ACK^A40^ACK"


def test_the_same_message_twice_is_answered_the_same_and_taken_once(tell):
    raw = adt(name="Sato^Mai")
    assert tell(raw) == tell(raw)
    assert (PersonNews.objects.count(), Message.objects.count()) == (1, 1)


def test_files_hold_no_messages_about_people(put):
    upload = put(adt() + oru(mrn="N-1"))[0]
    assert upload.refused == 1
    assert "not from files" in upload.rows.get(outcome="refused").reason


# --- A40 ---


@pytest.fixture
def twins(sender) -> None:
    """N-1 and N-2 are one person by all that is known; each has a draw."""
    Patient.objects.filter(mrn="N-2").update(
        family_name="Ito", given_name="Mai", birth_date=date(1970, 5, 1), sex="F"
    )
    for mrn, taken in (("N-1", "20250301080000"), ("N-2", "20250401080000")):
        messages.receive(sender=sender, raw=oru(id=f"L-{mrn}", mrn=mrn, taken=taken, filler=mrn))


def test_two_numbers_of_one_person_are_merged(tell, twins, clinic):
    assert tell(adt("A40", former="N-2"))[:2] == ("AA", "Merged.")
    assert named("N-1").draws.current().count() == 2
    assert patient_numbered(clinic, "N-2") == named("N-1")
    assert Merge.objects.get().why == "message 1 of PAS"


def test_a_merge_twice_is_one(tell, twins):
    tell(adt("A40", former="N-2"))
    assert tell(adt("A40", former="N-2"))[:2] == ("AA", "Merged.")
    assert (
        tell(adt("A40", id="2", former="N-2"))[1]
        == "Both numbers are one patient’s already: nothing to merge."
    )
    assert Merge.objects.count() == 1


def test_where_names_differ_a_person_is_asked(tell, sender):
    code, said, _ = tell(adt("A40", former="N-2"))
    assert code == "AA" and said.startswith("PID 1: waits for a person: ")
    assert not Merge.objects.exists() and Message.objects.get().state == "waiting"


def test_a_person_confirms_on_the_waiting_page(tell, manager, data_manager):
    tell(adt("A40", former="N-2"))
    page = manager.get(reverse("uploads:waiting")).content.decode()
    assert "Are these one person?" in page
    (look,) = ListAccess.objects.filter(user=data_manager, page="upload-waiting")
    assert look.patients == sorted([named("N-1").pk, named("N-2").pk])
    news = PersonNews.objects.get()
    response = manager.post(reverse("uploads:news-decide", args=[news.uuid]), {"choice": "take"}, follow=True)
    assert "Decided: Merged." in response.content.decode()
    made = Merge.objects.get()
    assert (made.by, made.why) == (data_manager, "message 1 of PAS, confirmed by a person")
    assert Message.objects.get().state == "stored"


def test_a_person_refuses_and_is_not_asked_again(tell, manager):
    tell(adt("A40", former="N-2"))
    address = reverse("uploads:news-decide", args=[PersonNews.objects.get().uuid])
    without = manager.post(address, {"choice": "refuse"})
    assert (without.status_code, "Say why this is not taken" in without.content.decode()) == (422, True)
    manager.post(address, {"choice": "refuse", "reason": "Two sisters"})
    assert not Merge.objects.exists()
    assert tell(adt("A40", id="2", former="N-2"))[1] == "PID 1: not taken, a person has said so before."
    again = manager.post(address, {"choice": "take"})
    assert (again.status_code, "has decided this on" in again.content.decode()) == (422, True)
    assert not Merge.objects.exists()


def test_a_chain_leads_to_the_last_one(tell, twins, clinic, put):
    put(b"mrn,family_name,given_name,sex,birth_date\nN-3,Ito,Mai,F,1970-05-01\n")
    tell(adt("A40", mrn="N-1", former="N-2"))
    assert tell(adt("A40", id="2", mrn="N-3", former="N-1"))[1] == "Merged."
    assert {patient_numbered(clinic, mrn).mrn for mrn in ("N-1", "N-2", "N-3")} == {"N-3"}
    assert named("N-3").draws.current().count() == 2


def test_several_merges_of_one_message_are_all_done_or_none(tell, twins, put):
    people = [pid("N-1"), "MRG|N-2^^^NORTH^MR", pid("N-1"), "MRG|N-7^^^NORTH^MR"]
    assert (
        tell(adt("A40", people=people))[1] == "Merged. Nobody here has the former number: it is remembered."
    )
    people = [pid("N-1"), "MRG|N-8^^^NORTH^MR", pid("N-1"), "MRG|"]
    assert tell(adt("A40", id="2", people=people))[0] == "AE"
    assert not OtherNumber.objects.filter(mrn="N-8").exists()


def test_an_undone_merge_that_comes_again_is_asked(tell, twins, data_manager, clinic):
    tell(adt("A40", former="N-2"))
    undo_merge(merge=Merge.objects.get(), by=data_manager, reason="Two sisters")
    assert patient_numbered(clinic, "N-2").mrn == "N-2"
    assert named("N-2").draws.current().count() == 1
    assert "has undone this merge before" in tell(adt("A40", id="2", former="N-2"))[1]
    assert Merge.objects.filter(undone_at=None).count() == 0


def test_a_number_that_nobody_has_is_remembered(tell, clinic):
    assert tell(adt("A40", former="X-7"))[:2] == (
        "AA",
        "Nobody here has the former number: it is remembered.",
    )
    assert patient_numbered(clinic, "X-7") == named("N-1")


def test_a_new_number_of_somebody_here_is_taken(tell, clinic):
    assert tell(adt("A40", mrn="X-8", former="N-1"))[1].startswith("Nobody here has the new number")
    assert patient_numbered(clinic, "N-1") == named("X-8")


def test_of_two_numbers_that_nobody_has_nothing_is_kept(tell):
    assert tell(adt("A40", mrn="X-1", former="X-2"))[1] == "Nobody here has either number: nothing to merge."
    assert not OtherNumber.objects.exists()


def test_another_clinics_patient_is_not_touched(tell, other_clinic, clinic):
    fields = {"family_name": "Ito", "given_name": "Mai", "birth_date": date(1970, 5, 1), "sex": "F"}
    Patient.objects.create(clinic=other_clinic, mrn="S-1", **fields)
    assert tell(adt("A40", former="S-1"))[1] == "Nobody here has the former number: it is remembered."
    assert not Merge.objects.exists() and named("S-1").withdrawn_at is None


@pytest.mark.parametrize("people", [[pid()], ["MRG|N-2", pid()], [pid(), pid("N-2"), "MRG|N-3"]])
def test_a_merge_without_its_pairs_is_rejected(tell, people):
    code, said, (error,) = tell(adt("A40", people=people))
    assert (code, error[:15]) == ("AR", "ERR||MRG^1|100^") and "former number" in said


# --- afterwards ---


def test_a_later_result_under_the_old_number_is_the_survivors(tell, twins, sender):
    tell(adt("A40", former="N-2"))
    later = oru(obx(value="60"), id="L-9", mrn="N-2", taken="20250501080000", filler="X9")
    assert messages.receive(sender=sender, raw=later)[0] == "AA"
    assert Result.objects.get(value=60).draw.patient == named("N-1")


def test_a_file_under_the_old_number_is_the_survivors(tell, twins, put):
    tell(adt("A40", former="N-2"))
    upload = put(labs("N-2,2025-06-01 08:00,ALT,77,U/L,7,40"))[0]
    assert (upload.new, upload.waiting) == (1, 0)
    assert Result.objects.get(value=77).draw.patient == named("N-1")


def test_who_had_another_name_under_the_old_number_is_known_by_it(tell, sender, data_manager):
    tell(adt("A40", former="N-2"))
    old = named("N-2")
    decide_news(news=PersonNews.objects.get(), by=data_manager, take=True)
    name, born = f"{old.family_name}^{old.given_name}", old.birth_date.strftime("%Y%m%d")
    assert messages.receive(sender=sender, raw=oru(id="L-9", mrn="N-2", name=name, born=born))[0] == "AA"
    assert Result.objects.get().draw.patient == named("N-1")
    messages.receive(sender=sender, raw=oru(id="L-10", mrn="N-2", name="Else^Some", born="19010101"))
    assert Message.objects.get(control_id="L-10").state == "waiting"


def test_a_file_of_patients_makes_nobody_new_of_the_old_number(tell, twins, put):
    tell(adt("A40", former="N-2"))
    upload = put(b"mrn,family_name,given_name,sex,birth_date\nN-2,Ito,Mai,F,1970-05-01\n")[0]
    assert (upload.new, upload.same, Patient.objects.current().count()) == (0, 1, 1)


def test_what_came_under_the_old_number_goes_back_with_it(tell, twins, sender, data_manager, put):
    tell(adt("A40", former="N-2"))
    later = oru(obx(value="60"), id="L-9", mrn="N-2", taken="20250501080000", filler="X9")
    messages.receive(sender=sender, raw=later)
    put(labs("N-1,2025-06-01 08:00,ALT,77,U/L,7,40"))
    undo_merge(merge=Merge.objects.get(), by=data_manager, reason="Two sisters")
    assert Result.objects.get(value=60).draw.patient == named("N-2")
    assert Result.objects.get(value=77).draw.patient == named("N-1")


def test_a_message_with_both_numbers_is_the_survivors(tell, twins, sender):
    tell(adt("A40", former="N-2"))
    raw = oru(id="L-9", mrn="N-1^^^NORTH^MR~N-2", taken="20250501080000", filler="X9")
    assert messages.receive(sender=sender, raw=raw)[0] == "AA"
    assert Message.objects.get(control_id="L-9").state == "stored"


def test_replaying_all_messages_changes_nothing_more(tell, twins, clinic, capsys):
    tell(adt("A40", former="N-2"))
    tell(adt(id="2", name="Sato^Mai"))
    before = shown("N-1"), Merge.objects.count(), Draw.objects.current().count()
    call_command("replay_messages", clinic="north", all=True)
    assert (shown("N-1"), Merge.objects.count(), Draw.objects.current().count()) == before
    assert Upload.objects.filter(state="refused").count() == 0


def test_a_message_that_was_set_aside_asks_no_more(tell, manager, data_manager):
    tell(adt("A40", former="N-2"))
    messages.set_aside(message=Message.objects.get(), by=data_manager)
    assert PersonNews.objects.get().state == "lapsed"
    assert "Is this one person?" not in manager.get(reverse("uploads:waiting")).content.decode()
