"""Random diagnoses and events, placed near draws at and around the limits of the rule."""

import random
from datetime import datetime, timedelta
from typing import Any

Json = dict[str, Any]
HOUR, MINUTE = 1 / 24, 1 / 1440
CHRONIC = (
    *("cirrhosis", "cirrhosis", "cirrhosis", "chronic_liver_disease", "chronic_liver_disease"),
    *("advanced_fibrosis", "hepatitis_b", "hepatitis_c", "alcohol_related", "masld", "autoimmune_hepatitis"),
    *("pbc", "psc", "wilson", "portal_hypertension"),
)
SOFT = ("cholestasis", "malnutrition", "sepsis", "fontan", "right_heart_failure", "factor_deficiency")
OTHER = ("lupus_anticoagulant", "drug_induced", "ischaemic", "acute_liver_injury", "heart_failure", "hcc")
# What bears on nothing in the rule, or only beside it.
BESIDE = (
    *("cryoprecipitate", "platelets", "albumin_infusion", "hepatotoxic_drug", "interacting_drug"),
    *("variceal_bleed", "infection", "tips", "procedure", "note", "pregnancy", "red_cells"),
)


def random_diagnoses(r: random.Random, start: datetime, last: float) -> list[Json]:
    kinds = [r.choice(CHRONIC)] if r.random() < 0.55 else []
    kinds += [r.choice(SOFT)] if r.random() < 0.12 else []
    kinds += [r.choice(OTHER)] if r.random() < 0.1 else []
    return [{"kind": kind, **_dates(r, start, last)} for kind in kinds]


def _dates(r: random.Random, start: datetime, last: float) -> Json:
    if r.random() < 0.9:
        return {"noted_on": "2019-05-01", "resolved_on": None}
    day = (start + timedelta(days=last - r.choice((1, 10, 13, 15, 30)))).date().isoformat()
    return r.choice(
        (
            {"noted_on": None, "resolved_on": None},
            {"noted_on": "2019-05-01", "resolved_on": day},
            {"noted_on": day},
        )
    )


def random_events(
    r: random.Random, times: list[float], as_of: float, themes: tuple[str, ...], share: float
) -> list[Json]:
    """Each a dict of kind, start and end in days, and what the kind needs."""
    makers = [THEMES[t] for t in themes] + [m for chance, m in MAKERS if r.random() < chance * share]
    events = [event for maker in makers for event in maker(r, times, as_of)]
    return [e for e in events if e["start"] <= as_of]


def _event(kind: str, start: float, end: float | None = None, **more: object) -> Json:
    return {"kind": kind, "start": start, "end": end, **more}


def _near(r: random.Random, times: list[float]) -> float:
    """A draw's time, mostly one of the last."""
    return r.choice(times[-2:]) if r.random() < 0.8 else r.choice(times)


def _vka(r: random.Random, times: list[float], as_of: float) -> list[Json]:
    at, label = _near(r, times), r.choice(("Warfarin", "Acenocoumarol", "Phenprocoumon", ""))
    if r.random() < 0.4:
        started = at - r.choice((-HOUR, 0, HOUR, 1 - MINUTE, 1, 1 + MINUTE, 1.2, 2))
        return [_event("vka", started, None, label=label)]
    confirmed = r.random() < 0.6
    reach = {"Warfarin": 7, "Acenocoumarol": 3}.get(label, 14) if confirmed else 60
    end = r.choice((None, at - reach + r.choice((-0.1, 0, 0.1)), at - 1))
    start = (at if end is None else end) - r.choice((10, 40, 100))
    return [_event("vka", start, end, label=label, stop_confirmed=bool(confirmed and end))]


def _doac(r: random.Random, times: list[float], as_of: float) -> list[Json]:
    """No draw between 48 and 72 h after a confirmed stop: those hang on kidney function."""
    at, kind = _near(r, times), r.choice(("doac", "doac", "direct_thrombin_inhibitor"))
    if r.random() < 0.4:
        return [_event(kind, at + r.choice((-1, -2 * HOUR, -HOUR, 0, HOUR)), None, label="Apixaban")]
    confirmed = kind == "doac" and r.random() < 0.5
    after = r.choice((1.9, 2, 3.1) if confirmed else ((29.9, 30, 30.1) if kind == "doac" else (0.9, 1, 1.1)))
    end = at - after
    if confirmed and any(2 < t - end <= 3.2 for t in times if t != at):
        confirmed = False
    return [_event(kind, end - r.choice((0, 5, 50)), end, label="Apixaban", stop_confirmed=confirmed)]


def _product(r: random.Random, times: list[float], as_of: float) -> list[Json]:
    kind = r.choice(("plasma", "plasma", "rfviia", "pcc", "plasma_exchange"))
    reach = 24 if kind in ("plasma", "rfviia") else 72
    before = r.choice((0, 1, 2, 6, 12, reach - 0.1, reach, reach + 0.1)) * HOUR
    start = _near(r, times) - before
    return [_event(kind, start, r.choice((None, None, start + HOUR)))]


def _vitamin_k(r: random.Random, times: list[float], as_of: float) -> list[Json]:
    first = _near(r, times) - r.choice((0, 2, 11.9, 12, 12.1, 20, 24, 47, 48, 49, 71, 72, 73, 150)) * HOUR
    route = r.choice(("iv", "iv", "iv", "iv", "oral"))
    more = [first + gap * HOUR for gap in (24, 72, 73) if r.random() < 0.15]
    return [_event("vitamin_k", t, None, route=route) for t in (first, *more)]


def _trial(r: random.Random, times: list[float], as_of: float) -> list[Json]:
    """A dose soon after the second draw, so that later ones are its answers."""
    before = times[1] if r.random() < 0.8 else times[-2]
    return [_event("vitamin_k", before + r.choice((0, 1, 2, 6)) * HOUR, None, route="iv")]


def _on_drug(r: random.Random, times: list[float], as_of: float) -> list[Json]:
    return [_event(r.choice(("vka", "vka", "doac")), times[0] - r.choice((0.5, 30, 300)), None)]


def _soft(r: random.Random, times: list[float], as_of: float) -> list[Json]:
    at, kind = times[-1], r.choice(("antibiotic", "antibiotic", "nil_by_mouth", "nac", "tigecycline"))
    end = r.choice((None, at, at - 1.9, at - 2.1, at - 8.9, at - 9.1, at - 13.9, at - 14.1))
    start = (at if end is None else end) - r.choice((2, 4.9, 5, 5.1, 10))
    return [_event(kind, start, end, label=kind)]


def _decompensation(r: random.Random, times: list[float], as_of: float) -> list[Json]:
    kind = r.choice(("encephalopathy", "encephalopathy", "ascites"))
    at = r.choice((times[-1], times[-1], as_of, _near(r, times)))
    start = at - r.choice((-HOUR, 0, 1, 2, 6.9, 7.1, 10, 27, 27.9, 28.1, 60, 400))
    end = r.choice((None, None, start + 1, start + 5, start + 30))
    grade = r.choice((None, 0, 1, 1, 2, 2, 3, 4))
    found = [_event(kind, start, end, grade=grade)]
    if r.random() < 0.3:
        earlier = start - r.choice((3, 20, 40, 100))
        found.append(_event(kind, earlier, earlier + r.choice((1, 15)), grade=r.choice((1, 2, 3))))
    return found


def _transplant(r: random.Random, times: list[float], as_of: float) -> list[Json]:
    return [_event("transplant", times[-1] - r.choice((1.01, 5.01, 13.99, 14, 14.01, 50.01, 300.01)))]


def _dialysis(r: random.Random, times: list[float], as_of: float) -> list[Json]:
    start = times[-1] - r.choice((0, 5, 29, 200))
    return [_event("dialysis", start, r.choice((None, start + 1)))]


def _beside(r: random.Random, times: list[float], as_of: float) -> list[Json]:
    return [_event(r.choice(BESIDE), _near(r, times) - r.choice((0, 0.5, 3, 20)))]


MAKERS = (
    (0.10, _vka),
    (0.07, _doac),
    (0.10, _product),
    (0.12, _vitamin_k),
    (0.10, _soft),
    (0.16, _decompensation),
    (0.03, _transplant),
    (0.02, _dialysis),
    (0.10, _beside),
)

THEMES = {"trial": _trial, "on_drug": _on_drug}
