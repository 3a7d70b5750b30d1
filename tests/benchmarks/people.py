"""Made people for the benchmarks: summaries by SQL, draws in bulk. Nobody here is real."""

from datetime import datetime, timedelta

from django.db import connection

from accounts.models import Clinic, User
from meetings.models import Meeting
from patients.models import Draw, Patient, Result
from tests.benchmarks.courses import NOW, case

SHARES = "ARRAY[0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5]"
# How soon, by the grade in the same place.
LEVELS = "ARRAY['today', '1_to_2_weeks', '4_weeks', '24_to_48_h', 'routine', 'routine']"
RANKS = "ARRAY[0, 2, 3, 1, 4, 4]"
GRADES = "ARRAY['critical', 'established', 'possible', 'not_interpretable', 'none', 'not_assessable']"


def add_summaries(clinic: Clinic, first: int, last: int) -> None:
    """Patients `first` to `last` with a worklist summary each; triggers rest, or a million takes an hour."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(PATIENTS, {"clinic": clinic.pk, "first": first, "last": last})
        cursor.execute(SUMMARIES, {"clinic": clinic.pk})
        cursor.execute("SET session_replication_role = DEFAULT")
        # As autovacuum leaves it.
        cursor.execute("VACUUM (ANALYZE) patients_patient")
        cursor.execute("VACUUM (ANALYZE) patients_assessment")


PATIENTS = """
INSERT INTO patients_patient (uuid, clinic_id, mrn, family_name, given_name, birth_date, sex, version,
                              withdrawn_reason, anticoagulant)
SELECT gen_random_uuid(), %(clinic)s, 'B-' || n, 'Family' || (n::bigint * 7919) %% 20011, 'Given' || n %% 503,
       date '1940-01-01' + n %% 25000, CASE n %% 2 WHEN 0 THEN 'F' ELSE 'M' END, 1, '', ''
FROM generate_series(%(first)s, %(last)s) AS n
"""
SUMMARIES = f"""
INSERT INTO patients_assessment (patient_id, clinic_id, sort_name, search, grade, grade_rank, base_grade,
    urgency, urgency_rank, ask_anticoagulant,
    regime, attribution, reason, enzyme, enzyme_from, enzyme_to, enzyme_change_pct, inr_from, inr_to,
    inr_change_pct, baseline_at, latest_at, last_draw_at, enzyme_points, inr_points, open_causes,
    named_causes, open_since, causes_open_since, diagnoses, overdue_on, first_overdue_on, first_late_on,
    knowledge_version, reviewed_by, reviewed_grade,
    new_since, worse_since, to_review, new_or_worse, next_steps, points_enzyme, bilirubin,
    overruled_to, overruled_by, left_out, last_contact, contact_on,
    contact_owner_id)
SELECT p.id, p.clinic_id, lower(p.family_name || ', ' || p.given_name || ', ' || p.mrn),
    array_to_tsvector(ARRAY[lower(p.family_name), lower(p.given_name), substr(p.mrn, 3)]),
    ({GRADES})[1 + place], (ARRAY[0, 1, 2, 4, 5, 6])[1 + place], ({GRADES})[1 + place],
    ({LEVELS})[1 + place], ({RANKS})[1 + place], false, 'chronic', 'undetermined', '', 'ALT',
    112, 34, -69.6, 1.2, 1.7, (p.id %% 997) / 10.0, now() - interval '500 days', at, at,
    '[["2025-05-01T08:00:00+00:00", 112], ["2025-11-01T08:00:00+00:00", 74],
      ["2026-05-01T08:00:00+00:00", 48], ["2026-11-01T08:00:00+00:00", 34]]',
    '[["2025-05-01T08:00:00+00:00", 1.2], ["2025-11-01T08:00:00+00:00", 1.3],
      ["2026-05-01T08:00:00+00:00", 1.5], ["2026-11-01T08:00:00+00:00", 1.7]]',
    CASE WHEN p.id %% 11 = 0 THEN 1 ELSE 0 END, ARRAY['vka'],
    CASE WHEN p.id %% 11 = 0 THEN '{{"vka": "2026-10-01"}}'::jsonb ELSE '{{}}'::jsonb END,
    CASE WHEN p.id %% 11 = 0 THEN current_date - (p.id %% 120)::int END,
    ARRAY['cirrhosis', 'hepatitis_c'], ARRAY[overdue], overdue, overdue, 'benchmark', '', '', '', false,
    p.id %% 3 > 0, p.id %% 3 > 0 AND place < 4,
    jsonb_build_array(jsonb_build_object('tests', ARRAY['ALT', 'AST', 'INR'],
        'from', overdue - 1, 'due', overdue - 1, 'over', overdue)), 'ALT', '30', '', '',
    CASE WHEN p.id %% 97 = 0 THEN 'moved' ELSE '' END, '', overdue,
    CASE WHEN p.id %% 53 = 0 THEN (SELECT min(id) FROM accounts_user) END
FROM (SELECT *, ({SHARES})[1 + id %% 20] AS place, now() - (id * 37 %% 900) * interval '11 hours' AS at,
             current_date + ((id * 13) %% 300 - 40)::int AS overdue
      FROM patients_patient) AS p
WHERE p.clinic_id = %(clinic)s
    AND NOT EXISTS (SELECT 1 FROM patients_assessment a WHERE a.patient_id = p.id)
"""


def add_discussions(clinic: Clinic, by: User) -> None:
    """Years of meetings: each twentieth patient discussed twice, each hundredth with an action."""
    began = {"state": "in_progress", "started_at": NOW, "starts_at": NOW, "chair": by}
    meetings = [Meeting.objects.create(clinic=clinic, title=f"Past {n}", **began) for n in range(2)]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for meeting in meetings:
            for sql in (ITEMS, DISCUSSIONS):
                cursor.execute(sql, {"clinic": clinic.pk, "meeting": meeting.pk, "by": by.pk})
        cursor.execute(ACTIONS, {"clinic": clinic.pk, "by": by.pk})
        cursor.execute(DISCUSSED, {"clinic": clinic.pk})
        cursor.execute("SET session_replication_role = DEFAULT")
        for table in ("meetings_agendaitem", "meetings_discussion", "meetings_action", "patients_assessment"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")


ITEMS = """
INSERT INTO meetings_agendaitem (uuid, meeting_id, patient_id, state, place, reasons, question, by_id,
                                 decision, note, version, seconds, imaging)
SELECT gen_random_uuid(), %(meeting)s, id, 'taken', 1, '[]', '', %(by)s, 'no_change', '', 1, 0, ''
FROM patients_patient WHERE clinic_id = %(clinic)s AND id %% 20 = 0
"""
DISCUSSIONS = """
INSERT INTO meetings_discussion (uuid, item_id, clinic_id, patient_id, as_of, decision, note, question,
    reasons, actions, report, format, basis, fingerprint, knowledge_version, grade, grade_rank,
    partial, by_id, at, beside)
SELECT gen_random_uuid(), id, %(clinic)s, patient_id, now() - interval '1 year', decision, '', '', '[]',
    '[]', '{}', 1, '{}', '', '', 'none', patient_id %% 6, '', %(by)s, now(), '{}'
FROM meetings_agendaitem WHERE meeting_id = %(meeting)s
"""
# As the trigger on discussions does it.
DISCUSSED = """
UPDATE patients_assessment a SET discussed_rank = d.grade_rank
FROM (SELECT DISTINCT ON (patient_id) patient_id, grade_rank FROM meetings_discussion
      WHERE clinic_id = %(clinic)s ORDER BY patient_id, as_of DESC, id DESC) AS d
WHERE a.patient_id = d.patient_id
"""
ACTIONS = """
INSERT INTO meetings_action (uuid, clinic_id, patient_id, kind, text, tests, owner_id, due_on, by_id, version,
                             ended_as, ended_reason)
SELECT gen_random_uuid(), %(clinic)s, id, 'task', 'Ring', '{}', %(by)s, current_date + (id %% 90)::int - 30,
    %(by)s, 1, '', ''
FROM patients_patient WHERE clinic_id = %(clinic)s AND id %% 100 = 0
"""


VERDICTS = """
INSERT INTO patients_causereview (patient_id, cause, verdict, note, by_id)
SELECT id, (ARRAY['vitamin_k_deficiency', 'antibiotics', 'doac'])[1 + step],
    (ARRAY['contributing', 'excluded', 'pending'])[1 + (id + step) %% 3], '', %(by)s
FROM patients_patient, generate_series(0, 2) step WHERE clinic_id = %(clinic)s AND id %% 5 = 0
"""


def add_verdicts(clinic: Clinic, by) -> None:
    """Three verdicts for each fifth patient."""
    with connection.cursor() as cursor:
        cursor.execute(VERDICTS, {"clinic": clinic.pk, "by": by.pk})


def add_patients_with_draws(clinic: Clinic, patients: int, count: int) -> None:
    """So many patients with so many draws each, a quarter of a year apart."""
    born = datetime(1960, 1, 1).date()
    people = Patient.objects.bulk_create(
        Patient(clinic=clinic, mrn=f"F-{n}", family_name="Figures", given_name=str(n), birth_date=born)
        for n in range(patients)
    )
    made = case(count).draws
    draws = Draw.objects.bulk_create(
        Draw(
            patient=person,
            taken_at=NOW - timedelta(days=91 * (count - place)),
            laboratory="L1",
            source=Draw.Source.HAND,
        )
        for person in people
        for place in range(count)
    )
    Result.objects.bulk_create(
        Result(
            draw=draw,
            analyte=result.analyte,
            value=result.value,
            upper_limit=result.upper_limit,
            reported_value=str(result.value),
        )
        for number, draw in enumerate(draws)
        for result in made[number % count].results
    )


def add_patient_with_draws(clinic: Clinic, count: int) -> Patient:
    patient = Patient.objects.create(
        clinic=clinic,
        mrn=f"D-{count}",
        family_name="Draws",
        given_name=str(count),
        birth_date=datetime(1960, 1, 1).date(),
        sex="F",
    )
    draws = Draw.objects.bulk_create(
        Draw(patient=patient, taken_at=draw.taken_at, laboratory="L1", source=Draw.Source.HAND)
        for draw in case(count).draws
    )
    Result.objects.bulk_create(
        Result(
            draw=draw,
            analyte=result.analyte,
            value=result.value,
            upper_limit=result.upper_limit,
            reported_value=str(result.value),
        )
        for draw, made in zip(draws, case(count).draws, strict=True)
        for result in made.results
    )
    return patient
