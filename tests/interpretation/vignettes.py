"""The vignettes of clinical.md 4.3 as cases. A case changes only when that document does."""

from datetime import UTC, date, datetime, timedelta

from interpretation import Case, Diagnosis, Draw, Event, Result

START = datetime(2025, 1, 1, 8, tzinfo=UTC)


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def draw(days, alt=None, ast=None, inr=None, laboratory="L", method="", uln=40, **others) -> Draw:
    """A draw with limits of 40 U/L; `others` are analytes in canonical units."""
    results = [
        Result(key, value, upper_limit=uln)
        for key, value in (("ALT", alt), ("AST", ast))
        if value is not None
    ]
    if inr is not None:
        results.append(Result("INR", inr))
    results += [Result(key, value) for key, value in others.items()]
    return Draw(at(days), tuple(results), laboratory=laboratory, method=method)


def case(*draws: Draw, diagnoses=(), events=(), reviews=(), as_of=None, birth_date=date(1965, 5, 5)) -> Case:
    """A case as of 12 hours after its last draw; diagnoses were noted in 2019, no other drug is taken."""
    last = max((d.taken_at for d in draws), default=START)
    return Case(
        as_of=as_of or last + timedelta(hours=12),
        birth_date=birth_date,
        draws=draws,
        diagnoses=tuple(Diagnosis(kind, date(2019, 5, 1)) for kind in diagnoses),
        events=tuple(events),
        reviews=tuple(reviews),
        anticoagulant="none",
    )


def mg_dl(bilirubin: float) -> float:
    return bilirubin * 17.104


# name -> (case, grade, base grade, regime or None where the document names none)
VIGNETTES = {
    "1 progressive CLD": (
        case(
            draw(0, 112, 98, 1.2),
            draw(182, 74, 70, 1.3),
            draw(365, 48, 52, 1.5),
            draw(547, 34, 41, 1.7),
            diagnoses=["chronic_liver_disease"],
        ),
        "established",
        "established",
        "chronic",
    ),
    "2 ACLF": (
        case(
            draw(0, 420, 610, 1.6, bilirubin_total=mg_dl(9)),
            draw(3, 260, 340, 1.9, bilirubin_total=mg_dl(12)),
            draw(6, 140, 170, 2.2, bilirubin_total=mg_dl(15)),
            draw(10, 82, 110, 2.6, bilirubin_total=mg_dl(18)),
            diagnoses=["cirrhosis"],
            events=[Event("ascites", at(6)), Event("encephalopathy", at(10), grade=1)],
        ),
        "critical",
        "established",
        "acute",
    ),
    "3 post-acute injury, failing": (
        case(
            draw(0, 9200, 11800, 3.1),
            draw(0.75, 6900, 6400, 3.9),
            draw(1.5, 5000, 3500, 4.6),
            draw(2.25, 3700, 2000, 5.2),
            events=[
                Event("hepatotoxic_drug", at(-1), at(-1), label="Paracetamol"),
                Event("encephalopathy", at(2.25), grade=2),
            ],
        ),
        "critical",
        "established",
        "acute",
    ),
    "4 post-acute injury, recovering": (
        case(
            draw(0, 2600, 2100, 1.6),
            draw(3, 1900, 1200, 1.4),
            draw(7, 900, 420, 1.2),
            draw(14, 310, 120, 1.1),
        ),
        "none",
        "none",
        None,
    ),
    "5 DILI, two draws": (
        case(draw(0, 880, 640, 1.2), draw(12, 300, 190, 1.4), diagnoses=["drug_induced"]),
        "possible",
        "possible",
        None,
    ),
    "6 noise": (
        case(
            draw(0, 64, 52, 1.2),
            draw(180, 52, 47, 1.3),
            draw(360, 49, 45, 1.2),
            diagnoses=["chronic_liver_disease"],
        ),
        "none",
        "none",
        None,
    ),
    "7 warfarin started": (
        case(
            draw(0, 120, 90, 1.1),
            draw(90, 70, 60, 1.2),
            draw(180, 44, 38, 2.6),
            events=[Event("vka", at(159), label="Warfarin")],
        ),
        "not_interpretable",
        "not_interpretable",
        None,
    ),
    "8 plasma given": (
        case(
            draw(0, 1500, 1900, 1.9),
            draw(1, 900, 800, 2.3),
            draw(2, 480, 300, 1.6),
            events=[Event("plasma", at(1.5))],
        ),
        "critical",
        "possible",
        None,
    ),
    "9a cholestasis and antibiotics": (
        case(
            draw(0, 210, 180, 1.2),
            draw(7, 130, 110, 1.5),
            draw(14, 80, 76, 1.9),
            diagnoses=["cholestasis"],
            events=[Event("antibiotic", at(4), at(14), label="Ceftriaxone")],
        ),
        "possible",
        "possible",
        None,
    ),
    "9b then vitamin K": (
        case(
            draw(0, 210, 180, 1.2),
            draw(7, 130, 110, 1.5),
            draw(14, 80, 76, 1.9),
            draw(16, 72, 70, 1.2),
            diagnoses=["cholestasis"],
            events=[
                Event("antibiotic", at(4), at(14), label="Ceftriaxone"),
                Event("vitamin_k", at(14), route="iv"),
            ],
        ),
        "none",
        "none",
        None,
    ),
    "10 Fontan": (
        case(
            draw(0, 96, 84, 1.2),
            draw(180, 60, 58, 1.3),
            draw(360, 44, 46, 1.5),
            diagnoses=["fontan"],
        ),
        "possible",
        "possible",
        None,
    ),
    "11 two laboratories": (
        case(draw(0, 130, 120, 1.4, laboratory="A"), draw(120, 58, 60, 1.8, laboratory="B")),
        "possible",
        "possible",
        None,
    ),
    "12 burnt-out cirrhosis": (
        case(
            draw(0, 28, 30, 1.2),
            draw(190, 24, 29, 1.4),
            draw(380, 22, 27, 1.6),
            diagnoses=["cirrhosis", "hepatitis_c"],
        ),
        "established",
        "established",
        None,
    ),
}
