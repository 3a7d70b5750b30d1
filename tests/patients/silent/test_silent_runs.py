"""What a silent run counts, recounted; what it may know; that it writes nothing; its command and page."""

import csv
import json
import shutil
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Clinic
from interpretation import knowledge
from interpretation.characteristics.intervals import poisson
from patients.actions.silent import GONE, start_silent_run, work_silent_run
from patients.models import Diagnosis, Draw, Event, Patient, SilentRun
from patients.silent.arrivals import arrivals, kept
from patients.silent.flags import flags
from patients.silent.readings import Reading
from patients.silent.running import silent_run
from patients.silent.tables import ClinicNumbers, tables
from tests.patients.report.test_as_known import stored
from tests.patients.silent.recount import recounted, same
from uploads import actions

pytestmark = pytest.mark.django_db
START = datetime(2025, 1, 6, 8, tzinfo=UTC)


def at(days: float) -> datetime:
    return START + timedelta(days=days)


@pytest.fixture
def ward(clinic: Clinic, patient: Patient, make_draw) -> Clinic:
    """Who decompensates after a flag, who dies without one, who is flagged and well, who cannot be read."""
    courses = {
        "flagged": [
            (0, 220, 1.2),
            (60, 120, 1.6),
            (120, 40, 2.0),
            (150, 38, 2.6),
            (300, 30, 1.1),
            (400, 30, 1.1),
        ],
        "missed": [(0, 30, 1.0), (100, 31, 1.0), (200, 30, 1.1)],
        "again": [
            (0, 220, 1.1),
            (60, 90, 1.7),
            (70, 60, 1.8),
            (180, 30, 1.1),
            (260, 200, 1.1),
            (330, 50, 1.9),
        ],
        "masked": [(0, 220, 1.2), (60, 90, 2.5), (90, 60, 2.6)],
    }
    for number, (name, draws) in enumerate(courses.items()):
        fields = {"given_name": name, "family_name": name, "birth_date": "1960-01-01", "sex": "F"}
        one = Patient.objects.create(clinic=clinic, mrn=f"S-{number}", **fields)
        Diagnosis.objects.create(patient=one, kind="cirrhosis")
        for days, alt, inr in draws:
            make_draw(one, at(days), ALT=(alt, 40), INR=(inr, 1.2))
    named = {one.family_name: one for one in Patient.objects.all()}
    Event.objects.create(patient=named["flagged"], kind="ascites", started_at=at(170))
    Event.objects.create(patient=named["masked"], kind="vka", started_at=at(10))
    Patient.objects.filter(pk=named["missed"].pk).update(died_on=at(230).date())
    return clinic


def run(clinic: Clinic, **more) -> dict:
    return silent_run(clinic, now=timezone.now(), **more)


# --- flags ---


def readings(*said: tuple[float, str]) -> list[Reading]:
    return [Reading(at(days), grade, "routine") for days, grade in said]


@pytest.mark.parametrize(
    "course, days",
    [
        ([(0, "none"), (10, "possible"), (20, "possible"), (200, "possible")], [10]),
        # Below, and 30 days after it was last reached.
        ([(0, "possible"), (10, "none"), (30, "possible")], [0]),
        ([(0, "possible"), (10, "none"), (30.01, "possible")], [0, 30.01]),
        # What cannot be said ends nothing.
        ([(0, "possible"), (10, "not_interpretable"), (90, "possible")], [0]),
        # Worse reaches it too.
        ([(0, "critical"), (40, "established")], [0]),
    ],
)
def test_a_flag_begins_an_episode(course, days):
    assert [flag.at for flag in flags(readings(*course), "possible")] == [at(one) for one in days]


def test_byars_interval_is_near_the_exact_one():
    """Exact limits of 0, 10 and 100: 0 to 3.69, 4.80 to 18.39, 81.36 to 121.63."""
    assert poisson(0) == pytest.approx((0, 3.69), abs=0.03)
    assert poisson(10) == pytest.approx((4.80, 18.39), abs=0.02)
    assert poisson(100) == pytest.approx((81.36, 121.63), abs=0.02)


# --- counted ---


def test_a_ward_is_counted_as_by_hand(ward):
    counted = run(ward)["limits"][0]
    same(counted, recounted(list(Patient.objects.filter(clinic=ward))))
    # Of these courses, told by hand.
    assert counted["patients"] == 4 and counted["readings"] == 18
    assert counted["outcomes"] == {"any": 2, "decompensation": 1, "transplant": 0, "death": 1}
    assert len(counted["leads"]["death"]["possible"]) == 0
    assert len(counted["leads"]["decompensation"]["possible"]) == 1
    assert counted["grades"]["not_interpretable"] >= 1 and "vka" in counted["why"]["not_interpretable"]


# Of real stays those with at most so many draws: the longest take minutes to be read twice.
SHORT, STAYS = 25, 12


def short_stays(folder: Path) -> list[tuple[str, bytes]]:
    """The files of some people, chosen by the number of their draws alone."""
    drawn: dict[str, set[str]] = {}
    for row in csv.DictReader((folder / "labs.csv").read_text(encoding="utf-8").splitlines()):
        drawn.setdefault(row["mrn"], set()).add(row["collected_at"])
    chosen = sorted((mrn for mrn, at in drawn.items() if len(at) <= SHORT), key=lambda mrn: -len(drawn[mrn]))
    chosen = tuple(f"{mrn}," for mrn in chosen[:STAYS])
    found = []
    for path in sorted(folder.glob("*.csv")):
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        found.append((path.name, "\n".join([head, *(x for x in lines if x.startswith(chosen))]).encode()))
    return found


def test_real_stays_are_counted_as_by_hand(shared_data, clinic, data_manager):
    Clinic.objects.filter(pk=clinic.pk).update(time_zone="UTC")
    clinic.refresh_from_db()
    files = short_stays(shared_data / "mimic-iv-demo")
    actions.store(contents=files, clinic=clinic, by=data_manager)
    counted = run(clinic)["limits"][0]
    same(counted, recounted(list(Patient.objects.filter(clinic=clinic).select_related("clinic"))))
    assert counted["patients"] == STAYS and counted["readings"] > STAYS


def test_the_period_counts_only_what_lies_in_it(ward):
    whole, part = run(ward)["limits"][0], run(ward, first=at(61).date(), last=at(130).date())["limits"][0]
    moments = Draw.objects.filter(taken_at__date__gte=at(61).date(), taken_at__date__lte=at(130).date())
    assert part["readings"] == moments.count() < whole["readings"]
    # The episode of "flagged" began before it.
    assert part["flags"]["possible"] < whole["flags"]["possible"]


def test_other_limits_stand_beside(ward, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(knowledge.DATA, folder)
    own, same_again = run(ward, limits=folder)["limits"]
    names = ("patients", "readings", "grades", "flags", "leads", "after", "why", "causes")
    assert {name: own[name] for name in names} == {name: same_again[name] for name in names}
    text = (folder / "dissociation.toml").read_text(encoding="utf-8")
    changed = text.replace("[limit.critical_inr]\nvalue = 2.1", "[limit.critical_inr]\nvalue = 1.6")
    assert changed != text
    (folder / "dissociation.toml").write_text(changed, encoding="utf-8")
    own, other = run(ward, limits=folder)["limits"]
    assert other["flags"]["critical"] > own["flags"]["critical"]
    assert other["digest"] != own["digest"]


def test_the_budget_is_the_rate_at_the_clinics_numbers(ward):
    found = run(ward)
    flags_, months = found["limits"][0]["flags"]["possible"], found["limits"][0]["months"]
    budget = next(t for t in tables(found, ClinicNumbers(500, 900)) if t.name == "budget")
    row = next(row for row in budget.rows if row[0] == "Possible or worse")
    assert float(row[1].split(" ")[0]) == pytest.approx(flags_ / months * 500 * 7 / 30.44, abs=0.006)
    assert float(row[2].split(" ")[0]) == pytest.approx(flags_ / 18 * 900 * 7 / 30.44, abs=0.006)


# --- as known ---


def test_a_draw_counts_from_its_receipt_and_a_later_correction_is_not_known(clinic, make_draw):
    fields = {"family_name": "Late", "birth_date": "1960-01-01", "sex": "F"}
    with stored(at(0)):
        late = Patient.objects.create(clinic=clinic, mrn="L-1", **fields)
        Diagnosis.objects.create(patient=late, kind="cirrhosis")
        make_draw(late, at(-30), ALT=(220, 40), INR=(1.2, 1.2))
    with stored(at(62)):
        draw = make_draw(late, at(60), ALT=(40, 40), INR=(2.0, 1.2))
    with stored(at(90)):
        draw.results.filter(analyte="INR").update(value=1.2)
    moments = {case.as_of: case for case in arrivals(kept(late))}
    assert list(moments) == [at(-30), at(62)]
    assert [result.value for result in moments[at(62)].draws[-1].results if result.analyte == "INR"] == [2.0]


def test_what_was_not_loaded_with_the_patient_counts_from_when_it_came(clinic, make_draw):
    fields = {"family_name": "Later", "birth_date": "1960-01-01", "sex": "F"}
    with stored(at(0)):
        one = Patient.objects.create(clinic=clinic, mrn="L-2", **fields)
        Diagnosis.objects.create(patient=one, kind="cirrhosis", noted_on=at(-300).date())
        make_draw(one, at(-100), ALT=(220, 40), INR=(1.2, 1.2))
    with stored(at(50)):
        Diagnosis.objects.create(patient=one, kind="sepsis", noted_on=at(-200).date())
        make_draw(one, at(49), ALT=(40, 40), INR=(2.0, 1.2))
    known = [[diagnosis.kind for diagnosis in case.diagnoses] for case in arrivals(kept(one))]
    assert known == [["cirrhosis"], ["cirrhosis", "sepsis"]]


def test_a_death_is_not_known_before(ward):
    dead = Patient.objects.get(family_name="missed")
    assert {case.died_on for case in arrivals(kept(dead))} == {None}


# --- command, worker, page ---


def test_nothing_is_written(ward):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        run(ward)
    assert queries and all(one["sql"].lstrip().upper().startswith("SELECT") for one in queries)


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("silent", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_keeps_and_refuses(ward):
    assert "Flag budget" in printed("--clinic", "north") and "Flags" in printed("--clinic", "north", "--csv")
    assert not SilentRun.objects.exists()
    said = json.loads(printed("--clinic", "north", "--json", "--keep"))
    kept_run = SilentRun.objects.get()
    assert kept_run.found == said and kept_run.state == "done" and kept_run.by is None
    with pytest.raises(CommandError, match="No clinic has the code"):
        printed("--clinic", "nowhere")
    with pytest.raises(CommandError, match="no such folder"):
        printed("--clinic", "north", "--limits", "/nowhere")


def test_a_run_is_started_by_a_button_done_by_a_worker_and_shown(ward, clinician, client):
    client.force_login(clinician)
    assert "No run has counted anything yet" in client.get("/silent/").content.decode()
    page = client.post("/silent/", {"clinic": "north"}, follow=True).content.decode()
    assert "Waiting for its turn" in page
    assert "under way already" in client.post("/silent/", {"clinic": "north"}, follow=True).content.decode()
    work_silent_run(pk=SilentRun.objects.get().pk)
    page = client.get("/silent/").content.decode()
    assert "Flag budget" in page and "by clinician" in page and knowledge.VERSION in page
    assert not any(name in page for name in ("S-0", "missed", "masked"))
    assert "Possible or worse" in client.get(f"/silent/{SilentRun.objects.get().uuid}.csv").content.decode()


def test_other_numbers_give_another_budget(ward, clinician, client):
    client.force_login(clinician)
    printed("--clinic", "north", "--keep")
    assert "with 1234 patients followed" in client.get("/silent/?patients=1234&draws=10").content.decode()
    assert client.get("/silent/?patients=many").status_code == 200
    assert client.get("/silent/?run=nonsense").status_code == 404


def test_a_run_whose_worker_died_makes_room(ward, clinician):
    first = start_silent_run(clinic=ward, by=clinician, first=None, last=None)
    SilentRun.objects.update(state="running", beat_at=timezone.now() - timedelta(minutes=11))
    second = start_silent_run(clinic=ward, by=clinician, first=None, last=None)
    first.refresh_from_db()
    assert (first.state, first.outcome) == ("failed", GONE)
    assert SilentRun.objects.get(state="queued") == second


def test_days_in_the_wrong_order_are_refused(ward, clinician, client):
    client.force_login(clinician)
    given = {"clinic": "north", "first": "2025-03-01", "last": "2025-02-01"}
    page = client.post("/silent/", given, follow=True).content.decode()
    assert "The last day lies before the first" in page and not SilentRun.objects.exists()
