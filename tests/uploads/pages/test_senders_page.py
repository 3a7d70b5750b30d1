"""The Senders page: a profile is set once, shown with each file, changed in versions and taken back."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from patients.actions.errors import Refused
from patients.models import Result
from tests.uploads.files import labs
from tests.uploads.pages.test_views import address, drop
from uploads import mappings, profiles
from uploads.importers.dates import DAY_FIRST, MONTH_FIRST
from uploads.importers.profile import PAD
from uploads.interfaces.senders import add_sender
from uploads.models import Mapping, SenderProfile, Upload
from uploads.profile_words import own_words

pytestmark = pytest.mark.django_db
AMBIGUOUS = labs("N-1,01/02/2026,ALT,300,U/L,,", "N-1,03/02/2026,ALT,200,U/L,,")
SENDERS, ADD = "uploads:senders", "uploads:sender-add"


@pytest.fixture
def lab(clinic, data_manager) -> SenderProfile:
    how = {"date_order": DAY_FIRST, "decimal": ","}
    return profiles.set_profile(clinic=clinic, sender="Lab", by=data_manager, version=0, **how)


def edit(client, profile: SenderProfile, **said):
    given = {"version": profile.version, "date_order": DAY_FIRST} | said
    return client.post(reverse("uploads:sender-edit", args=[profile.uuid]), given, follow=True)


def text(response) -> str:
    return " ".join(response.content.decode().split())


# The list


def test_without_profiles_the_page_says_how_they_come_about(manager, clinic):
    page = text(manager.get(reverse(SENDERS)))
    assert "None yet. A file that can be read two ways asks once" in page
    assert "Nothing is said of all senders." in page


def test_profiles_are_listed_with_what_they_say_and_other_senders_without(manager, lab, clinic, people):
    add_sender(clinic=clinic, name="Analyser")
    Upload.objects.update(sender="Ward")
    page = text(manager.get(reverse(SENDERS)))
    assert "dates day first, decimal comma" in page
    assert "Set the profile of Analyser" in page and "Set the profile of Ward" in page
    assert "Set the profile of Lab" not in page


def test_senders_are_offered_where_files_are_dropped(manager, lab):
    page = manager.get(reverse("uploads:list")).content.decode()
    assert '<option value="Lab"></option>' in page and reverse(SENDERS) in page


# Set and changed


def test_a_profile_is_set_on_the_page(manager, clinic, data_manager):
    page = text(manager.get(reverse(ADD), {"clinic": clinic.code, "sender": "Lab"}))
    assert 'value="Lab"' in page and "Names of laboratories" in page
    given = {
        "clinic": clinic.code,
        "sender": "Lab",
        "version": 0,
        "date_order": MONTH_FIRST,
        "decimal": ".",
        "thousands": ",",
        "time_zone": "America/New_York",
        "mrn_zeros": PAD,
        "mrn_width": 7,
        "laboratory_names": "SDL = Sunnydale Lab\n\nS. Lab =  Sunnydale  Lab",
        "unit-albumin": "g/L",
    }
    page = text(manager.post(reverse(ADD), given, follow=True))
    assert "Remembered as version 1" in page
    made = SenderProfile.objects.get()
    assert (made.sender, made.version, made.by, made.mrn_width) == ("Lab", 1, data_manager, 7)
    assert made.laboratory_names == {"SDL": "Sunnydale Lab", "S. Lab": "Sunnydale Lab"}
    assert own_words(made) == [
        "dates month first",
        "decimal point",
        "thousands with a comma",
        "times of America/New_York",
        "MRNs of 7 digits",
        "laboratory S. Lab is Sunnydale Lab",
        "laboratory SDL is Sunnydale Lab",
        "Albumin without a unit in g/L",
    ]
    page = text(manager.get(reverse("uploads:sender-edit", args=[made.uuid])))
    assert "SDL = Sunnydale Lab" in page and "<details open>" in page


def test_the_address_of_a_sender_with_a_profile_leads_to_it(manager, clinic, lab):
    found = manager.get(reverse(ADD), {"clinic": clinic.code, "sender": "LAB"})
    assert found.url == reverse("uploads:sender-edit", args=[lab.uuid])
    assert manager.get(reverse(ADD)).status_code == 200


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"decimal": ",", "thousands": ","}, "One mark cannot stand for decimals and for thousands."),
        ({"mrn_zeros": PAD}, "Say how many digits an MRN has."),
        ({"mrn_zeros": PAD, "mrn_width": 1}, "greater than or equal to 2"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"laboratory_names": "SDL"}, "“SDL” does not say what is meant."),
        ({"laboratory_names": "SDL = One\nSDL = Two"}, "“SDL” is given two names."),
        ({"laboratory_names": "SDL = One\nsdl = Two"}, "“sdl” is given two names."),
        ({"laboratory_names": "A = B\nB = C"}, "“B” is a name here and another name of C."),
        ({"laboratory_names": f"{'x' * 81} = B"}, "The name of a laboratory has 1 to 80 letters."),
        ({"unit-albumin": "U/L"}, "Select a valid choice"),
        ({"version": 0}, "has made a profile of Lab already. Change that one."),
        ({"version": 7}, "has changed this profile since you opened this page."),
        ({"version": ""}, "Open this page again"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_changed(manager, lab, given, sentence):
    response = edit(manager, lab, **given)
    assert response.status_code == 422
    page = text(response)
    assert "Nothing was changed." in page and sentence in page
    lab.refresh_from_db()
    assert (lab.version, lab.decimal, lab.mrn_zeros, lab.laboratory_names) == (1, ",", "", {})


def test_a_width_goes_with_the_zeros_that_are_filled_in(manager, lab):
    edit(manager, lab, mrn_zeros="strip", mrn_width=7)
    lab.refresh_from_db()
    assert (lab.mrn_zeros, lab.mrn_width, lab.version) == ("strip", None, 2)


def test_the_same_again_is_no_new_version(manager, lab):
    edit(manager, lab, decimal=",")
    lab.refresh_from_db()
    assert (lab.version, lab.history.count()) == (1, 1)


def test_a_unit_that_was_answered_otherwise_is_undone_first(manager, clinic, data_manager, lab):
    said = {"what": "unit", "about": "albumin", "folded": "", "meant": "g/dL", "by": data_manager}
    Mapping.objects.create(clinic=clinic, sender="lab", **said)
    page = text(edit(manager, lab, **{"unit-albumin": "g/L"}))
    assert "Albumin without a unit is in g/dL, datamanager has said. Undo that under Mappings first." in page


@pytest.mark.parametrize(
    "fields",
    [
        {"date_order": "any"},
        {"decimal": ";"},
        {"thousands": "x"},
        {"decimal": ",", "thousands": ","},
        {"mrn_zeros": "some"},
        {"mrn_zeros": PAD},
        {"mrn_zeros": PAD, "mrn_width": 31},
        {"mrn_width": 7},
        {"version": 0},
        {"sender": "LAB"},
    ],
)
def test_the_database_itself_refuses_what_cannot_be(clinic, data_manager, lab, fields):
    given = {"sender": "Other", "by": data_manager, "at": timezone.now(), "clinic": clinic} | fields
    with pytest.raises(IntegrityError), transaction.atomic():
        SenderProfile.objects.create(**given)


# Versions


def test_an_earlier_version_holds_again(manager, lab, data_manager, clinic):
    edit(manager, lab, date_order=MONTH_FIRST)
    page = text(manager.get(reverse("uploads:sender-edit", args=[lab.uuid])))
    assert "Go back to version 1" in page and "Go back to version 2" not in page
    back = reverse("uploads:sender-back", args=[lab.uuid])
    page = text(manager.post(back, {"version": 1}, follow=True))
    assert "Remembered as version 3" in page
    lab.refresh_from_db()
    assert (lab.version, lab.date_order, lab.decimal) == (3, DAY_FIRST, ",")
    assert [row.date_order for row in profiles.versions_of(lab)] == [DAY_FIRST, MONTH_FIRST, DAY_FIRST]
    assert {row.pgh_context.metadata["user"] for row in lab.history.all()} == {data_manager.pk}


@pytest.mark.parametrize("version", ["9", "2", "-1", "x", "", "9" * 30])
def test_no_such_version_changes_nothing(manager, lab, version):
    edit(manager, lab, date_order=MONTH_FIRST)
    back = reverse("uploads:sender-back", args=[lab.uuid])
    assert "Nothing was changed." in text(manager.post(back, {"version": version}, follow=True))
    lab.refresh_from_db()
    assert lab.version == 2


def test_version_0_is_nothing_set(lab, data_manager):
    assert own_words(profiles.go_back(profile=lab, to=0, by=data_manager)) == []


# Files


def test_the_first_question_is_answered_for_the_profile_and_the_file_read_again(manager, people):
    page = text(drop(manager, AMBIGUOUS, sender="Lab"))
    assert "Lab was read without a profile: what it leaves open is asked." in page
    (asked,) = mappings.questions_of(Upload.objects.filter(sender="Lab"))
    answer = {asked.field: f"writes|dates|{MONTH_FIRST}"}
    page = text(manager.post(address("names"), answer, follow=True))
    assert "Read with the profile of Lab (version 1): dates month first." in page
    made = SenderProfile.objects.get()
    assert (made.sender, made.date_order, made.version) == ("Lab", MONTH_FIRST, 1)
    manager.post(address("store"))
    assert Result.objects.order_by("pk").first().draw.taken_at.month == 1
    assert "Read with the profile of Lab" in text(drop(manager, AMBIGUOUS + b"\n", sender="lab"))


def test_an_answer_about_a_file_of_nobody_is_the_clinics_default(manager, people, clinic):
    drop(manager, AMBIGUOUS)
    (asked,) = mappings.questions_of(Upload.objects.filter(state="unmapped"))
    page = text(manager.post(address("names"), {asked.field: f"writes|dates|{DAY_FIRST}"}, follow=True))
    assert "Read with the defaults of North Hospital (version 1): dates day first." in page
    assert SenderProfile.objects.get().sender == ""


def test_a_profile_set_on_the_page_reads_what_waited_for_it(manager, people, clinic):
    drop(manager, AMBIGUOUS, sender="Lab")
    given = {"clinic": clinic.code, "sender": "Lab", "version": 0, "date_order": DAY_FIRST}
    page = text(manager.post(reverse(ADD), given, follow=True))
    assert "One upload can be read now and wait for confirmation." in page
    assert Upload.objects.get(sender="Lab").state == "previewed"


def test_a_preview_says_that_its_profile_has_changed_and_is_read_again(manager, people, lab):
    drop(manager, AMBIGUOUS, sender="Lab")
    batch = address("preview")
    edit(manager, lab, date_order=MONTH_FIRST)
    page = text(manager.get(batch))
    assert "Read with the profile of Lab (version 1): dates day first, decimal comma." in page
    assert "The profile has changed since." in page
    page = text(manager.post(address("names"), follow=True))
    assert "(version 2): dates month first." in page and "has changed since" not in page


def test_a_preview_of_an_older_version_is_not_stored_without_a_look(manager, people, lab):
    drop(manager, AMBIGUOUS, sender="Lab")
    edit(manager, lab, date_order=MONTH_FIRST)
    page = text(manager.post(address("store"), follow=True))
    assert not Result.objects.exists()
    assert "Read with the profile of Lab (version 2): dates month first." in page
    manager.post(address("store"))
    assert Result.objects.order_by("pk").first().draw.taken_at.month == 1


def test_a_stored_file_keeps_the_version_with_which_it_was_read(manager, people, lab):
    drop(manager, AMBIGUOUS, sender="Lab")
    manager.post(address("store"))
    edit(manager, lab, date_order=MONTH_FIRST)
    page = text(manager.get(address("preview")))
    assert "Read with the profile of Lab (version 1): dates day first, decimal comma." in page
    assert "has changed since" not in page
    assert Upload.objects.get(sender="Lab").history.filter(profile_version=1).exists()


def test_two_who_answer_differently_are_told(clinic, data_manager, lab):
    with pytest.raises(Refused, match="datamanager has said otherwise of Lab by now"):
        profiles.learn(clinic=clinic, sender="LAB", by=data_manager, field="date_order", value=MONTH_FIRST)
    same = profiles.learn(clinic=clinic, sender="LAB", by=data_manager, field="decimal", value=",")
    assert same is None
