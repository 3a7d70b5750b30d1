"""Seeded random cases as JSON, near the limits of the rule on purpose; run as a command it prints how often
each grade, urgency and reason turns up in the second reading.

    python -m tests.interpretation.random_cases [--count 4000] [--seed 1]
"""

import argparse
import random
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tests.interpretation import random_courses as courses
from tests.interpretation.alternative import second_reading
from tests.interpretation.random_events import random_diagnoses, random_events

Json = dict[str, Any]
START = datetime(2024, 3, 4, 8, tzinfo=UTC)
HOUR, MINUTE = 1 / 24, 1 / 1440
# Days between draws, at and around the limits of windows, gaps and hours.
HOURS = (2 * HOUR, 4 * HOUR, 4 * HOUR + MINUTE, 6 * HOUR, 12 * HOUR, 0.5 - MINUTE, 1, 1 - MINUTE, 1.5, 2)
DAYS = (1, 2, 2 + MINUTE, 3, 3 - MINUTE, 4, 6, 7, 10, 14, 14 + MINUTE)
WEEKS = (7, 14, 20, 28, 28 - MINUTE, 30, 45, 60)
MONTHS = (28, 60, 90, 91, 120, 150, 180, 182, 274, 365)
PACES = (HOURS, DAYS, DAYS, WEEKS, MONTHS, MONTHS, HOURS + DAYS, DAYS + WEEKS + MONTHS)
LONG = (540, 548, 549, 600)
CALM = (7 * 4, 60, 90, 120, 150)


class Theme(NamedTuple):
    """A kind of patient; a calm one has few events."""

    chance: float
    paces: tuple[tuple[float, ...], ...] = PACES
    enzymes: tuple[courses.Maker, ...] = courses.ENZYMES
    inrs: tuple[courses.Maker, ...] = courses.INRS
    bilirubin: courses.Maker | None = None
    draws: tuple[int, ...] = (1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8, 10)
    events: tuple[str, ...] = ()
    calm: bool = False


THEMES = (
    Theme(0.44),
    Theme(
        0.20,
        (WEEKS, CALM, MONTHS),
        (courses.quiet, courses.falling, courses.steady),
        (courses.inr_normal,),
        calm=True,
    ),
    Theme(
        0.10,
        (CALM,),
        (courses.falling_steadily, courses.quiet),
        (courses.inr_rising_steadily,),
        draws=(3, 4, 4, 5),
        calm=True,
    ),
    Theme(
        0.10,
        (HOURS, (0.5, 1, 1.1, 2)),
        (courses.falling, courses.falling_steadily, courses.quiet, courses.peak),
        (courses.inr_answering, courses.inr_answering, courses.inr_rising),
        draws=(3, 4, 5, 6),
        events=("trial",),
        calm=True,
    ),
    Theme(0.06, inrs=(courses.inr_on_drug,), events=("on_drug",), calm=True),
    Theme(0.04, ((0.5, 1, 1 - MINUTE), DAYS), inrs=(courses.inr_halving,), calm=True),
    Theme(
        0.06,
        (DAYS, WEEKS),
        (courses.quiet, courses.steady),
        (courses.inr_flat,),
        courses.bilirubin_up_50,
        (2, 3, 4),
        calm=True,
    ),
)


def random_case(r: random.Random, number: int = 0) -> Json:
    """One patient: results in one course each, spread over draws, with what was given and known."""
    theme = r.choices(THEMES, [t.chance for t in THEMES])[0]
    times = _times(r, theme)
    draws = _draws(r, times, theme)
    as_of = times[-1] + r.choice((*(0.1, 0.5, 0.5, 1, 1, 3, 6, 10), *_waits(r)))
    events = random_events(r, times, as_of, theme.events, 0.3 if theme.calm else 1)
    return {
        "id": str(number),
        "as_of": _stamp(as_of),
        "sex": r.choice("FM"),
        "birth_date": r.choice((*["1965-05-05"] * 6, "2012-01-01", "2006-06-01", None)),
        "draws": draws,
        "diagnoses": random_diagnoses(r, START, times[-1]),
        "events": [*(_written(e) for e in events), *_bad_samples(r, draws)],
        "reviews": [],
    }


def _waits(r: random.Random) -> tuple[float, ...]:
    """Now and then nothing was heard for two weeks or two years."""
    return (13.9, 14, 14.1, 20, 29, 60, 200, 547, 549, 600) if r.random() < 0.25 else ()


def _times(r: random.Random, theme: Theme) -> list[float]:
    count, pace = r.choice(theme.draws), r.choice(theme.paces)
    times = [0.0]
    while len(times) < count:
        gap = r.choice(LONG) if r.random() < 0.02 else r.choice(pace)
        times.append(times[-1] + gap * r.choice((1, 1, 1, 1.01)))
    return times


# --- Draws ------------------------------------------------------------------------------------------------

UNITS = {
    "ALT": (
        ("U/L", 1),
        ("U/L", 1),
        ("IU/L", 1),
        ("ukat/L", 1 / 60),
        ("µkat/L", 1 / 60),
        ("nkat/L", 1000 / 60),
    ),
    "bilirubin_total": (("umol/L", 1), ("µmol/L", 1), ("mg/dL", 1 / 17.104)),
    "creatinine": (("umol/L", 1), ("µmol/L", 1), ("mg/dL", 1 / 88.40)),
    "albumin": (("g/L", 1), ("g/dL", 0.1)),
    "haematocrit": (("L/L", 1), ("%", 100)),
    "INR": (("", 1), ("{INR}", 1)),
}
UNITS["AST"] = UNITS["ALP"] = UNITS["ALT"]
DIGITS = {"ukat/L": 3, "µkat/L": 3, "mg/dL": 2, "g/dL": 1, "L/L": 3}


def _draws(r: random.Random, times: list[float], theme: Theme) -> list[Json]:
    found = _courses(r, theme)
    limits = {a: r.choice((40, 40, 40, 35, 55)) for a in ("ALT", "AST")} | {"ALP": 120}
    units = {a: r.choice(UNITS[a]) for a in UNITS}
    laboratories = r.choice(("A", "A", "A", "AB"))
    habits = {"split": r.random() < 0.2, "dated": r.random() < 0.12, "poc": r.random() < 0.12}
    draws: list[Json] = []
    for t in times:
        values = {a: next(course) for a, course in found.items() if a == "INR" or r.random() < 0.93}
        results = {a: _result(r, a, v, units[a], limits.get(a)) for a, v in values.items()}
        draws += _one_time(r, t, results, r.choice(laboratories), habits)
    return draws


def _courses(r: random.Random, theme: Theme) -> dict[str, courses.Course]:
    profile = r.choice(theme.enzymes)
    other = profile if r.random() < 0.7 else r.choice(theme.enzymes)
    found = {"ALT": profile(r), "AST": other(r), "INR": r.choice(theme.inrs)(r)}
    if r.random() < 0.25:
        del found[r.choice(("ALT", "AST"))]
    found |= {a: course(r) for a, (chance, course) in courses.BESIDE.items() if r.random() < chance}
    return found | ({"bilirubin_total": theme.bilirubin(r)} if theme.bilirubin else {})


def _result(
    r: random.Random, analyte: str, value: float, unit: tuple[str, float], limit: float | None
) -> Json:
    name, factor = unit
    digits = DIGITS.get(name, 1 if analyte in ("INR", "bilirubin_total") else 0)
    result: Json = {"analyte": analyte, "value": round(value * factor, digits), "unit": name}
    if limit is not None:
        result["upper_limit"] = round(limit * factor, digits)
    if r.random() < 0.01:
        result["comparator"] = r.choice("<>")
    return result


def _one_time(
    r: random.Random, t: float, results: Json, laboratory: str, habits: dict[str, bool]
) -> list[Json]:
    """The tubes of one visit: whole, split over hours, repeated, or partly missing."""
    method = "point_of_care" if habits["poc"] and r.random() < 0.4 else r.choice(("", "", "plasma"))
    place = {"laboratory": laboratory, "method": "" if method == "plasma" and laboratory == "A" else method}
    if r.random() < 0.06:
        del results[r.choice(sorted(results))]
    found = [_draw(t, results.values(), place)]
    if habits["split"] and r.random() < 0.6 and "INR" in results:
        apart = r.choice((1, 4, 4.01, 6, 6.01, 12, 24, 47.9, 48, 48.1)) * HOUR
        others = [result for a, result in results.items() if a != "INR"]
        found = [_draw(t, [results["INR"]], place), _draw(t + apart * r.choice((1, -1)), others, place)]
    found += _extra(r, t, results, place)
    if habits["dated"] and r.random() < 0.5:
        found[0]["taken_at"] = found[0]["taken_at"][:10]
    return found


def _extra(r: random.Random, t: float, results: Json, place: Json) -> list[Json]:
    """Repeats within and just beyond 4 h or in the same minute, thick blood, a tube that says nothing."""
    found, chance = [], r.random()
    if chance < 0.08 and "INR" in results:
        again = dict(results["INR"])
        again["value"] = round(max(0.8, again["value"] + r.choice((-1, -0.5, -0.1, 0.1, 0.5, 3.5))), 1)
        apart = r.choice((0, 1, 2, 3, 4, 4 + 1 / 60, 5)) * HOUR
        found.append(_draw(t + apart, [again], place))
    elif chance < 0.11:
        apart = r.choice((-4.1, -4, -1, 0, 2, 4, 4.1)) * HOUR
        thick = {"analyte": "haematocrit", "value": r.choice((0.42, 0.55, 0.551, 0.62)), "unit": "L/L"}
        found.append(_draw(t + apart, [thick], place))
    elif chance < 0.16:
        crp = {"analyte": "crp", "value": 12, "unit": "mg/L"}
        found.append(_draw(t + r.choice((1, 2, 3, 5)) * HOUR, [crp], place))
    return found


def _draw(t: float, results: Any, place: Json) -> Json:
    return {"taken_at": _stamp(t), **place, "results": list(results)}


def _bad_samples(r: random.Random, draws: list[Json]) -> list[Json]:
    flagged = [r.choice(draws[-3:])] if r.random() < 0.05 else []
    whole = (d["taken_at"] if len(d["taken_at"]) > 10 else d["taken_at"] + "T08:00:00Z" for d in flagged)
    return [{"kind": "bad_sample", "started_at": at, "ended_at": None, "label": "clotted"} for at in whole]


def _written(event: Json) -> Json:
    """Days of an event as moments."""
    if "start" not in event:
        return event
    start, end = event.pop("start"), event.pop("end")
    return {"started_at": _stamp(start), "ended_at": None if end is None else _stamp(end), **event}


def _stamp(days: float) -> str:
    moment = START + timedelta(minutes=round(days * 1440))
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


# --- How often everything turns up ------------------------------------------------------------------------


def frequencies(cases: list[Json]) -> dict[str, Counter[str]]:
    tables: dict[str, Counter[str]] = {
        name: Counter() for name in ("grade", "base_grade", "urgency", "reasons", "all reasons", "more")
    }
    for case in cases:
        found = second_reading(case)
        for name in ("grade", "base_grade", "urgency"):
            tables[name][found[name]] += 1
        tables["reasons"].update(found["reasons"])
        tables["all reasons"].update(set(found["detail"]["all"]))
        tables["more"].update(_more(found["detail"]))
    return tables


def _more(detail: Json) -> set[str]:
    readings = detail["readings"]
    found = {f"state {r['transaminase_state']}" for r in readings} | {
        f"inr {r['inr_state']}" for r in readings
    }
    found |= {f"cap {cap}" for r in readings for cap in r["caps"]} | {f"regime {detail['regime']}"}
    found |= {f"critical for {reason}" for r in readings for reason in r["critical_for"]}
    return found | {f"trial {kind}" for kind, *_ in detail["trials"]}


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description="How often each grade, urgency and reason turns up.")
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    cases = [random_case(random.Random(f"{chosen.seed}/{k}"), k) for k in range(chosen.count)]
    for name, table in frequencies(cases).items():
        sys.stdout.write(f"\n{name}\n")
        for key, count in table.most_common():
            sys.stdout.write(f"  {key:40}{count:7}{100 * count / chosen.count:7.1f}%\n")


if __name__ == "__main__":
    main(sys.argv[1:])
