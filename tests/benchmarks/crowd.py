"""A crowd for the lists: worklist rows by SQL whose columns hang together as in a clinic. Nobody here is real.

Names are invented and spread as names are (few common, many rare); who was drawn long ago is overdue; who was never
measured twice has no change. Of each crowd three people have Wilson disease and one in 10,000 a Fontan circulation.
"""

import random

from django.db import connection

from accounts.models import Clinic, User

SURNAMES, GIVEN = 20_000, 2_000
BEGIN = "ma sa be ka ro lo ha mi pe wa sto bra ge fi no da to gri va pa le jo ke ta hu ni zi ou y x"
MIDDLE = "ra li no ve ter mar den lo sa bi ko run tha mel vi dor"
END = "n son ski ra ez man berg ova ley ton ini ck dt s wood ell"
TABLES = ("patients_patient", "patients_assessment", "patients_diagnosis")


def add_crowd(clinic: Clinic, size: int, me: User) -> None:
    """So many patients with a worklist row each; triggers rest, or a million takes an hour."""
    given = {"clinic": clinic.pk, "size": size, "me": me.pk, "surnames": SURNAMES, "given": GIVEN}
    with connection.cursor() as cursor:
        _make_names(cursor)
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(PEOPLE, given)
        cursor.execute(ROWS, given)
        cursor.execute("SET session_replication_role = DEFAULT")
        # As autovacuum leaves it.
        for table in TABLES:
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def _make_names(cursor) -> None:
    chance = random.Random(14)
    cursor.execute("CREATE TEMP TABLE IF NOT EXISTS made_name (kind text, rank int, name text)")
    cursor.execute("TRUNCATE made_name")
    for kind, number, longest in (("family", SURNAMES, 3), ("given", GIVEN, 2)):
        names: dict[str, None] = {}
        while len(names) < number:
            names[_name(chance, longest)] = None
        with cursor.copy("COPY made_name FROM STDIN") as copy:
            for rank, name in enumerate(names):
                copy.write_row((kind, rank, name))
    cursor.execute("ANALYZE made_name")


def _name(chance: random.Random, longest: int) -> str:
    """The first beginnings are the most common, as of real names."""
    begin = BEGIN.split()
    first = begin[min(int(chance.expovariate(0.11)), len(begin) - 1)]
    middle = "".join(chance.choices(MIDDLE.split(), k=chance.randint(1, longest)))
    return (first + middle + chance.choice(END.split())).capitalize()


def _rank(number: str, flat: int) -> str:
    """A Zipf-like place among `number`: the commonest of 20,000 surnames is one in 140."""
    return f"floor({flat} * (exp(random() * ln(1 + {number} / {flat}.0)) - 1))::int"


PEOPLE = f"""
INSERT INTO patients_patient (uuid, clinic_id, mrn, family_name, given_name, birth_date, sex, version,
                              withdrawn_reason, anticoagulant)
SELECT gen_random_uuid(), %(clinic)s, lpad((n::bigint * 7919 %% 10000019)::text, 8, '0'),
    f.name, g.name, date '1940-01-01' + n %% 25000, CASE n %% 2 WHEN 0 THEN 'F' ELSE 'M' END, 1, '', ''
FROM (SELECT n, {_rank("%(surnames)s", 20)} AS family, {_rank("%(given)s", 10)} AS given
      FROM generate_series(1, %(size)s) AS n OFFSET 0) AS drawn
    JOIN made_name f ON f.kind = 'family' AND f.rank = family
    JOIN made_name g ON g.kind = 'given' AND g.rank = given
"""
# Shares of the places of the worklist (`PLACES`), and how soon to act at each.
ROWS = """
INSERT INTO patients_assessment (patient_id, clinic_id, sort_name, search, grade, grade_rank, base_grade,
    urgency, urgency_rank, in_short, ask_anticoagulant, regime, attribution, reason, enzyme, enzyme_from,
    enzyme_to, enzyme_change_pct, inr_from, inr_to, inr_change_pct, baseline_at, latest_at, last_draw_at,
    enzyme_points, inr_points, open_causes, named_causes, open_since, causes_open_since, diagnoses, overdue_on,
    first_overdue_on, first_late_on, knowledge_version, reviewed_by, reviewed_grade, new_since, worse_since,
    to_review, new_or_worse, next_steps, points_enzyme, bilirubin, overruled_to, overruled_by, left_out,
    left_out_until, last_contact, next_contact_on, contact_on, contact_owner_id)
SELECT id, clinic_id, lower(family_name || ', ' || given_name || ', ' || mrn),
    array_to_tsvector(ARRAY[lower(family_name), lower(given_name), mrn]),
    (ARRAY['critical', 'established', 'possible', 'none', 'not_interpretable', 'none', 'not_assessable',
           'none'])[1 + place], place, 'none',
    (ARRAY['today', '24_to_48_h', '1_to_2_weeks', '4_weeks', 'routine', 'routine'])[1 + soon], soon,
    CASE WHEN soon < 4 THEN 'INR 2.6 rising, bilirubin 376' ELSE '' END,
    place < 5 AND chance[1] < 0.2, 'chronic', 'undetermined', '', CASE WHEN measured THEN 'ALT' ELSE '' END,
    CASE WHEN measured THEN 112 END, CASE WHEN measured THEN 34 END, CASE WHEN measured THEN -69.6 END,
    CASE WHEN measured THEN 1.2 END, CASE WHEN measured THEN 1.7 END,
    CASE WHEN measured THEN round((40 - place * 10 + chance[2] * 20)::numeric, 1) END,
    CASE WHEN measured THEN at - interval '500 days' END, CASE WHEN measured THEN at END, at,
    '[["2025-05-01T08:00:00+00:00", 112], ["2025-11-01T08:00:00+00:00", 74],
      ["2026-05-01T08:00:00+00:00", 48], ["2026-11-01T08:00:00+00:00", 34]]',
    '[["2025-05-01T08:00:00+00:00", 1.2], ["2025-11-01T08:00:00+00:00", 1.3],
      ["2026-05-01T08:00:00+00:00", 1.5], ["2026-11-01T08:00:00+00:00", 1.7]]',
    CASE WHEN waits THEN 1 ELSE 0 END, CASE WHEN waits THEN ARRAY['vka'] ELSE ARRAY[]::text[] END,
    CASE WHEN waits THEN '{"vka": "2026-10-01"}'::jsonb ELSE '{}'::jsonb END,
    CASE WHEN waits THEN at::date + 1 END, kinds,
    CASE WHEN overdue IS NULL THEN ARRAY[]::date[] ELSE ARRAY[overdue] END, overdue, overdue, 'benchmark', '', '',
    '', false, fresh, fresh AND place < 5,
    CASE WHEN overdue IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(jsonb_build_object(
        'tests', ARRAY['ALT', 'AST', 'INR'], 'from', overdue - 1, 'due', overdue - 1, 'over', overdue)) END,
    'ALT', '30', '', '', CASE place WHEN 7 THEN 'died' ELSE CASE WHEN away THEN 'moved' ELSE '' END END,
    CASE WHEN away AND chance[3] < 0.2 THEN current_date + 30 END, '',
    CASE WHEN planned THEN current_date + (chance[5] * 20)::int - 10 END,
    CASE WHEN planned THEN current_date + (chance[5] * 20)::int - 10 ELSE overdue END,
    CASE WHEN planned THEN %(me)s END
FROM (
    SELECT *, place NOT IN (6, 7) AS measured, place < 5 AND chance[4] < 0.25 AS waits,
        CASE WHEN place = 7 THEN 5 WHEN place = 0 THEN CASE WHEN chance[5] < 0.7 THEN 0 ELSE 1 END
             WHEN place < 5 THEN 1 + (chance[5] * 3.99)::int ELSE CASE WHEN chance[5] < 0.02 THEN 3 ELSE 4 END
        END AS soon,
        CASE WHEN place = 7 OR away THEN NULL ELSE at::date + (90 + 90 * (chance[6] * 2.99)::int) END AS overdue
    FROM (
        SELECT p.*, width_bucket(chance[7], ARRAY[0.003, 0.025, 0.075, 0.115, 0.175, 0.78, 0.98]) AS place,
            now() - (CASE WHEN chance[7] > 0.98 THEN 800 ELSE 0 END + chance[8] ^ 2 * 700) * interval '1 day' AS at,
            chance[9] < 0.015 AND chance[7] < 0.98 AS away, chance[10] < 0.7 AS fresh,
            nth %% 500 = 7 AND chance[9] >= 0.015 AND chance[7] < 0.98 AS planned,
            CASE WHEN nth IN (11, 22, 33) THEN ARRAY['wilson'] WHEN nth %% 10000 = 5 THEN ARRAY['fontan']
                 WHEN chance[11] < 0.3 THEN ARRAY['cirrhosis', 'hepatitis_c']
                 WHEN chance[11] < 0.31 THEN ARRAY['pbc'] ELSE ARRAY['masld'] END AS kinds
        FROM (SELECT *, row_number() OVER (ORDER BY id) AS nth,
                  ARRAY[random(), random(), random(), random(), random(), random(), random(), random(), random(),
                        random(), random()] AS chance
              FROM patients_patient WHERE clinic_id = %(clinic)s OFFSET 0) AS p
    ) AS placed
) AS made
"""
