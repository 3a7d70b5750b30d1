"""Rows of stored files that wait for names: kept, asked on one page, stored once the name has a meaning."""

import pytest
from django.urls import reverse

from patients.actions.errors import Refused
from patients.models import Result
from tests.looks import seen
from tests.uploads.files import LABS_HEADER, labs, outcomes
from tests.uploads.oru import obx, oru
from tests.uploads.sheets import xlsx
from tests.uploads.staging.test_mapping import field
from tests.words import words_of
from uploads import actions
from uploads.interfaces import messages, senders
from uploads.models import Job, Mapping, Piece, Upload
from uploads.staging import jobs, waiting

pytestmark = pytest.mark.django_db
GOOD = "N-1,2025-01-01,ALT,40,U/L,,"
LEBER = "N-1,2025-01-01,Leberwert,41,U/L,,"
ZELL = "N-1,2025-01-01,Zellwert,7,g/L,,"


@pytest.fixture(autouse=True)
def _people(people):
    pass


@pytest.fixture
def say(clinic, data_manager):
    """say(Leberwert="test||AST") answers on the page of what waits; gives what was read again."""

    def say(**said: str) -> waiting.ReadAgain:
        groups, _ = waiting.groups_of([clinic])
        answers = [(g, said[g.question.name.shown]) for g in groups if g.question.name.shown in said]
        assert {g.question.name.shown for g, _ in answers} == set(said), groups
        made = waiting.answer(by=data_manager, answers=answers)
        return waiting.take_up(clinic=clinic, by=data_manager, named=made)

    return say


def counted(upload: Upload) -> dict:
    upload.refresh_from_db()
    found = {name: getattr(upload, name) for name in ("new", "same", "changed", "refused", "waiting")}
    assert upload.read == sum(found.values()) == upload.rows.count()
    return {name: count for name, count in found.items() if count}


def test_rows_that_wait_are_kept_with_their_file_and_stored_once_named(put, say):
    (first,) = put(labs(GOOD, LEBER, ZELL))
    assert counted(first) == {"new": 1, "waiting": 2} and first.kept
    taken = say(Leberwert="test||AST")
    (second,) = taken.uploads
    assert taken.words == "The rows that waited were read again: 1 stored, 1 still need a person."
    assert counted(second) == {"new": 1, "waiting": 1} and second.replays == first
    assert set(Result.objects.values_list("analyte", "upload")) == {("ALT", first.pk), ("AST", second.pk)}
    assert counted(first) == {"new": 1, "waiting": 2} and first.kept and second.unknown
    (third,) = say(Zellwert="test||albumin").uploads
    assert counted(third) == {"new": 1} and (third.replays, third.batch) == (first, first.batch)
    assert not Piece.objects.exists() and not Upload.objects.exclude(unknown=[]).exists()


def test_a_file_of_which_nothing_waits_is_not_kept(put):
    (upload,) = put(labs(f"{GOOD},7B", header=LABS_HEADER + ",Befund"))
    assert (upload.new, upload.unknown, upload.kept) == (1, [], False)


def test_rows_stored_or_refused_before_are_left_alone(put, say):
    """Withdrawn by hand since, a row that was stored does not come back with those that waited."""
    (first,) = put(labs(GOOD, "N-1,2995-01-01,INR,1.1,,,", LEBER))
    Result.objects.filter(upload=first).update(status="withdrawn")
    (second,) = say(Leberwert="test||AST").uploads
    assert counted(second) == {"new": 1}
    assert Result.objects.filter(analyte="ALT").get().status == "withdrawn"


def test_never_read_settles_the_rows(put, say):
    (first,) = put(labs(GOOD, LEBER))
    (second,) = say(Leberwert="never").uploads
    assert counted(second) == {"refused": 1} and second.rows.get().settled
    assert Result.objects.count() == 1 and not Piece.objects.exists()


def test_the_same_name_in_several_files_and_messages_is_one_question(put, say, clinic):
    put(labs(LEBER, LEBER.replace("41", "42").replace("01-01", "01-02")))
    put(labs(LEBER.replace("01-01", "01-03")))
    sender = senders.add_sender(clinic=clinic, name="cobas")[0]
    messages.receive(sender=sender, raw=oru(obx("LW^Leberwert^L")))
    groups, more = waiting.groups_of([clinic])
    shown = [(g.sender, g.question.name.shown, g.count, len(g.uploads)) for g in groups]
    assert (shown, more) == ([("", "Leberwert", 3, 2), ("cobas", "Leberwert", 1, 1)], 0)
    assert groups[0].question.name.examples == (("41 U/L", "N-1"), ("42 U/L", "N-1"))
    taken = say(Leberwert="test||AST")
    assert len(taken.uploads) == 2 and taken.messages == 1 and waiting.groups_of([clinic]) == ([], 0)
    assert len(set(Result.objects.values_list("draw__taken_at__date", "analyte"))) >= 3


def test_a_name_of_one_sender_says_nothing_of_anothers(clinic, data_manager, say):
    for name in ("East", "West"):
        actions.store(contents=[("a.csv", labs(LEBER))], clinic=clinic, by=data_manager, sender=name)
    groups, _ = waiting.groups_of([clinic])
    assert [group.sender for group in groups] == ["East", "West"]
    assert groups[0].field != groups[1].field
    made = waiting.answer(by=data_manager, answers=[(groups[0], "test||AST")])
    assert len(waiting.take_up(clinic=clinic, by=data_manager, named=made).uploads) == 1
    assert [group.sender for group in waiting.groups_of([clinic])[0]] == ["West"]


def test_a_column_in_wide_form_and_sheets_of_a_workbook(put, say):
    rows = [["mrn", "date", "ALT (U/L)", "Leberwert [U/L]"], ["N-1", "2025-01-01", "40", "41"]]
    other = [["mrn", "date", "ALT (U/L)", "Leberwert [U/L]"], ["N-2", "2025-01-01", "50", "51"]]
    uploads = put(xlsx({"One": rows, "Two": other}))
    assert [upload.waiting for upload in uploads] == [1, 1]
    made = say(**{"Leberwert [U/L]": "test||AST"}).uploads
    # The other cell of the row is judged again beside it, and is there already.
    assert [counted(upload) for upload in made] == [{"new": 1, "same": 1}] * 2
    assert sorted(upload.sheet for upload in made) == ["One", "Two"] and not Piece.objects.exists()


def test_the_replay_is_undone_by_itself_and_undoing_lets_go_of_the_file(put, say, data_manager):
    (first,) = put(labs(GOOD, LEBER, ZELL))
    (second,) = say(Leberwert="test||AST").uploads
    actions.undo(uploads=[second], by=data_manager)
    second.refresh_from_db()
    assert (second.unknown, second.new) == ([], 1)
    assert Result.objects.filter(status="final").get().upload == first


def test_a_meaning_that_makes_the_file_unreadable_is_told_and_the_rows_wait_on(put, say, clinic):
    put(b"mrn,date,ALT (U/L),Leberwert\nN-1,2025-01-01,40,41\n")
    (told,) = say(Leberwert="test||ALT").refused
    assert "cannot be read with these meanings" in told and "Undo under Mappings" in told
    (upload,) = Upload.objects.exclude(unknown=[])
    assert upload.kept and waiting.names_waiting([clinic]) == 1


def test_what_could_not_be_read_at_all_gets_a_preview(put, say):
    (upload,) = put(b"Fallnummer,date,ALT (U/L)\nN-1,2025-01-01,40\n")
    assert upload.state == "unmapped"
    assert say(Fallnummer="header|labs|mrn").words == "One upload can be read now and wait for confirmation."
    upload.refresh_from_db()
    assert (upload.state, upload.new) == ("previewed", 1)


def test_a_name_that_asks_for_another_one_waits_on(put, say):
    (first,) = put(b"mrn,date,ALT (U/L),Leberwert\nN-1,2025-01-01,40,41\n")
    (told,) = say(Leberwert="test||AST").refused
    assert "waits for more: Column Leberwert has no unit" in told
    (second,) = say(**{"": "unit|AST|U/L"}).uploads
    assert counted(second) == {"new": 1, "same": 1} and not Piece.objects.exists()
    assert second.replays == first


@pytest.mark.django_db(transaction=True)
def test_large_ones_go_to_a_worker(put, say, settings, monkeypatch):
    (first,) = put(labs(GOOD, LEBER))
    monkeypatch.setattr("uploads.staging.waiting.actions.is_large", lambda size: True)
    assert say(Leberwert="test||AST").words == "1 large upload is being read by a worker."
    job = Job.objects.get()
    assert (job.task, job.state, Result.objects.count()) == ("replay", "queued", 1)
    jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("done", "The rows that waited were read again: 1 stored.")
    assert Result.objects.count() == 2
    # A worker that died after it had stored all finds nothing to do.
    assert actions.read_waiting(batch=first.batch, by=first.by) == []


def test_more_rows_than_a_chunk_wait(put, say, monkeypatch):
    monkeypatch.setattr("uploads.matching.files.CHUNK", 3)
    rows = [f"N-{1 + n % 2},2025-01-{n:02},Leberwert,{n},U/L,," for n in range(1, 11)]
    put(labs(GOOD, *rows))
    (second,) = say(Leberwert="test||AST").uploads
    assert counted(second) == {"new": 10} and outcomes(second) == ["new"] * 10


def test_of_two_who_give_the_same_meaning_the_rows_are_stored_once(put, say, data_manager, clinic):
    (first,) = put(labs(LEBER))
    say(Leberwert="test||AST")
    with pytest.raises(Refused, match="somebody else was faster"):
        actions.replay(batch=first.batch, by=data_manager)
    assert waiting.take_up(clinic=clinic, by=data_manager, named=[]).uploads == []


def test_rows_are_given_up(put, clinic, data_manager):
    (upload,) = put(labs(GOOD, LEBER))
    actions.let_go(batch=upload.batch, by=data_manager)
    upload.refresh_from_db()
    assert (upload.unknown, upload.kept, waiting.names_waiting([clinic])) == ([], False, 0)
    assert "were given up on" in upload.notes
    with pytest.raises(Refused, match="Nothing is kept of these files"):
        actions.let_go(batch=upload.batch, by=data_manager)


# --- on the pages ---


def test_the_page_lists_most_frequent_first_and_what_is_said_is_stored(manager, put):
    put(labs(ZELL, LEBER, LEBER.replace("01-01", "01-02")))
    page = words_of(manager.get(reverse("uploads:waiting")))
    assert page.index(">Leberwert<") < page.index(">Zellwert<")
    assert {page for _, _, page in seen()} == {"upload-waiting"}
    said = {field(page, "Leberwert"): "test||AST"}
    page = words_of(manager.post(reverse("uploads:waiting"), said, follow=True))
    assert "Remembered: 1 name. The rows that waited were read again: 2 stored" in page
    assert ">Leberwert<" not in page and ">Zellwert<" in page
    assert Mapping.objects.get().folded == "leberwert"


def test_nothing_chosen_is_said(manager, put):
    put(labs(LEBER))
    page = words_of(manager.post(reverse("uploads:waiting"), follow=True))
    assert "Nothing was chosen" in page
    assert manager.post(reverse("uploads:waiting"), {"g-x": "test||AST"}, follow=True).status_code == 200


def test_another_clinics_names_are_not_shown(client, stranger, put):
    put(labs(LEBER))
    client.force_login(stranger)
    page = words_of(client.get(reverse("uploads:waiting")))
    assert "Leberwert" not in page and "Nothing:" in page


def test_the_page_of_the_stored_file_asks_and_says_what_happened(manager, put):
    (first,) = put(labs(GOOD, LEBER))
    where = reverse("uploads:preview", args=[first.batch])
    page = words_of(manager.get(where))
    assert "Rows of this upload wait for these names" in page and "Give these rows up" in page
    said = {field(page, "Leberwert"): "test||AST"}
    page = words_of(manager.post(reverse("uploads:names", args=[first.batch]), said, follow=True))
    assert "The rows that waited were read again on" in page and "1 stored, 0 still waiting" in page
    assert "Not known here" not in page
    page = words_of(manager.get(reverse("uploads:list")))
    assert "(rows that waited)" in page and "(read again)" in page


def test_rows_are_given_up_on_the_page(manager, put):
    (first,) = put(labs(GOOD, LEBER))
    where = reverse("uploads:let-go", args=[first.batch])
    assert "Given up: these rows stay out" in manager.post(where, follow=True).content.decode()
    assert "Nothing is kept of these files" in manager.post(where, follow=True).content.decode()


def test_previews_are_counted_beside(manager, clinic, data_manager):
    actions.preview(contents=[("a.csv", labs(LEBER))], clinic=clinic, by=data_manager)
    page = words_of(manager.get(reverse("uploads:waiting")))
    assert "1 file that waits for confirmation holds unknown names too" in page


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_asks_the_database_equally_often(manager, put, count, django_assert_num_queries):
    for number in range(count):
        put(labs(*(LEBER.replace("Leberwert", f"Wert {n}x") for n in range(number + 1))))
    with django_assert_num_queries(QUERIES):
        manager.get(reverse("uploads:waiting"))


QUERIES = 14


def test_a_question_shows_no_more_than_three_examples(put, clinic):
    for day in range(1, 6):
        put(labs(*(f"N-1,2025-0{day}-0{n},Leberwert,{day}{n},U/L,," for n in range(1, 5))))
    ((group,), _) = waiting.groups_of([clinic])
    assert (group.count, group.more, len(group.question.name.examples)) == (20, 2, 3)
