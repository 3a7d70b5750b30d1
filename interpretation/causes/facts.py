"""Which entries of the record belong to which alternate cause. Look-backs are in `causes.toml`."""

from collections.abc import Callable
from datetime import timedelta

from interpretation.causes.recorded import (
    Course,
    Recorded,
    call,
    course_words,
    courses,
    day,
    diagnoses,
    events,
    label_parts,
    named,
    within,
)
from interpretation.knowledge import limits, load
from interpretation.records import Draw, Event

OWN = limits("causes")
# What decides whether an INR can be read decides here whether an entry is listed: one number for both.
SHARED = limits("dissociation")
# ICD codes of paracetamol poisoning (10th and 9th revision), without their dots.
PARACETAMOL_CODES = ("T391", "9654")


def _vka(record: Recorded) -> list[str]:
    chosen = [course for course in courses(record, ("vka",)) if within(course, record, _vka_days(course))]
    return [course_words(course, record) for course in chosen]


def _vka_days(course: Course) -> float:
    """Look-back after a vitamin K antagonist, by agent once the stop is confirmed. [ED]"""
    if not course.confirmed:
        return SHARED.vka_days_unconfirmed
    if named(course.name, label_parts("acenocoumarol")):
        return SHARED.vka_days_acenocoumarol
    if named(course.name, label_parts("warfarin")):
        return SHARED.vka_days_warfarin
    return SHARED.vka_days_phenprocoumon


def _doac(record: Recorded) -> list[str]:
    chosen = [course for course in courses(record, ("doac",)) if within(course, record, _doac_days(course))]
    return [course_words(course, record) for course in chosen]


def _doac_days(course: Course) -> float:
    """After a confirmed stop the longer time, that of a poor kidney: the list only names what to exclude."""
    return SHARED.doac_hours_kidney / 24 if course.confirmed else SHARED.doac_days_unconfirmed


def _vitamin_k_deficiency(record: Recorded) -> list[str]:
    facts = diagnoses(record, ("cholestasis", "pbc", "psc", "malnutrition"))
    facts += events(record, ("nil_by_mouth",), SHARED.soft_days)
    days = _antibiotic_days(record)
    if days >= SHARED.antibiotic_days:
        facts.append(f"Antibiotics on {days} of the {SHARED.soft_days} days before {day(record.inr_at)}")
    return facts


def _antibiotic_days(record: Recorded) -> int:
    """Calendar days with any antibiotic in the look-back that ends with the day of the latest INR."""
    last = record.inr_at.date()
    first = last - timedelta(days=SHARED.soft_days - 1)
    days = set()
    for course in courses(record, ("antibiotic", "tigecycline")):
        start = max(course.start.date(), first)
        end = last if course.end is None else min(course.end.date(), last)
        days.update(range(start.toordinal(), end.toordinal() + 1))
    return len(days)


def _warfarin_interaction(record: Recorded) -> list[str]:
    """New interacting drugs; an antibiotic or paracetamol only beside a vitamin K antagonist. [R33]"""
    chosen = courses(record, ("interacting_drug",))
    if _vka(record):
        names = label_parts("warfarin_interaction")
        others = courses(record, ("antibiotic", "hepatotoxic_drug"))
        chosen += [course for course in others if named(course.name, names)]
    earliest = record.inr_at - timedelta(days=SHARED.soft_days)
    return [course_words(course, record) for course in chosen if course.start >= earliest]


def _paracetamol(record: Recorded) -> list[str]:
    drugs = [s for s in courses(record, ("hepatotoxic_drug",)) if named(s.name, label_parts("paracetamol"))]
    facts = [course_words(course, record) for course in drugs if within(course, record, SHARED.soft_days)]
    earliest = record.inr_at.date() - timedelta(days=SHARED.soft_days)
    for diagnosis in record.diagnoses:
        codes = (code.replace(".", "").upper() for code in diagnosis.codes)
        recent = diagnosis.noted_on is None or diagnosis.noted_on >= earliest
        if recent and any(code.startswith(PARACETAMOL_CODES) for code in codes):
            noted = day(diagnosis.noted_on) if diagnosis.noted_on else "date not recorded"
            facts.append(f"Paracetamol poisoning coded, {noted}")
    return facts


def _dic(record: Recorded) -> list[str]:
    return diagnoses(record, ("sepsis", "hcc")) + events(record, ("infection", "pregnancy"), SHARED.soft_days)


def _haemodilution(record: Recorded) -> list[str]:
    """Dilution, and plasma beside it: it belongs to the same hours but pulls INR down for a while."""
    days = SHARED.haemodilution_hours / 24
    facts = events(record, ("red_cells", "albumin_infusion", "plasma_exchange"), days)
    note = load("causes")["words"]["plasma_note"]
    return facts + [f"{fact}, {note}" for fact in events(record, ("plasma",), days)]


def _laboratory_change(record: Recorded) -> list[str]:
    """The latest change of laboratory or method between two INRs that follow each other."""
    earliest = record.inr_at - timedelta(days=SHARED.chronic_lookback_days)
    after, series = None, ("", "")
    for before in reversed(record.inr_draws):
        if before.taken_at < earliest:
            break
        later, series = series, (before.laboratory, _method(before))
        for old, new in zip(series, later, strict=True):
            if after and old and new and old.casefold() != new.casefold():
                return [f"INR from {old} {day(before.taken_at)}, from {new} {day(after.taken_at)}"]
        after = before
    return []


def _method(draw: Draw) -> str:
    result = draw.result("INR")
    method = (result.method if result else "") or draw.method
    return method.replace("_", " ") or "a method not recorded"


def _bad_sample(wanted: str) -> Callable[[Recorded], list[str]]:
    """Flagged samples sorted by their label; what no label claims counts as an unsuitable tube."""

    def facts(record: Recorded) -> list[str]:
        earliest = record.inr_at - timedelta(days=OWN.bad_sample)
        return [
            _flag_words(event, record)
            for event in record.events
            if event.kind == "bad_sample"
            and event.started_at >= earliest
            and _sample_kind(event.label) == wanted
        ]

    return facts


def _sample_kind(label: str) -> str:
    kinds = ("heparin", "haematocrit", "interference")
    return next((kind for kind in kinds if named(label, label_parts(kind))), "unsuitable")


def _flag_words(event: Event, record: Recorded) -> str:
    label = f" ({event.label.strip()})" if event.label.strip() else ""
    after = " (after the latest INR)" if record.has_inr and event.started_at > record.inr_at else ""
    return f"{call('bad_sample')}{label} {day(event.started_at)}{after}"


def _haematocrit(record: Recorded) -> list[str]:
    result = record.inr_draws[-1].result("haematocrit") if record.inr_draws else None
    high = result is not None and result.value is not None and result.value > SHARED.haematocrit_citrate
    facts = [f"Haematocrit {result.value:.2f} L/L {day(record.inr_at)}"] if high else []
    return facts + _bad_sample("haematocrit")(record)


def _heparin(record: Recorded) -> list[str]:
    return _bad_sample("heparin")(record) + events(record, ("dialysis",), OWN.dialysis)


FACTS: dict[str, Callable[[Recorded], list[str]]] = {
    "vitamin_k_deficiency": _vitamin_k_deficiency,
    "vka": _vka,
    "doac": _doac,
    "direct_thrombin_inhibitor": lambda record: events(
        record, ("direct_thrombin_inhibitor",), SHARED.thrombin_inhibitor_hours / 24
    ),
    "warfarin_interaction": _warfarin_interaction,
    "antibiotics": lambda record: events(record, ("antibiotic",), SHARED.soft_days),
    "tigecycline": lambda record: events(record, ("tigecycline",), SHARED.soft_days),
    "nac": lambda record: events(record, ("nac",), SHARED.nac_hours / 24),
    "paracetamol": _paracetamol,
    "dic": _dic,
    "systemic": lambda record: diagnoses(record, ("sepsis",)),
    "congestion": lambda record: diagnoses(record, ("fontan", "right_heart_failure", "heart_failure")),
    "haemodilution": _haemodilution,
    "laboratory_change": _laboratory_change,
    "sample_underfilled": _bad_sample("unsuitable"),
    "sample_haematocrit": _haematocrit,
    "heparin": _heparin,
    "analytical": _bad_sample("interference"),
    "inhibitor": lambda record: diagnoses(record, ("lupus_anticoagulant",)),
    "factor_vii_deficiency": lambda record: diagnoses(record, ("factor_deficiency",)),
}
