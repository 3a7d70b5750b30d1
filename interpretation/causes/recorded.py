"""What of a record may be read at `as_of`, and its entries in plain words with their dates.

An entry bears on a raised INR when it was in effect within its look-back before the latest INR (before
`as_of` where there is no INR). One that began after that INR says so: it matters for the next one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from operator import attrgetter

from interpretation.evidence import Evidence, draws_of
from interpretation.factors import Factors, factors
from interpretation.knowledge import limits, load, sentences
from interpretation.once import once
from interpretation.record.measured import Measured, MeasuredValue
from interpretation.record.records import Case, Diagnosis, Draw, Event
from interpretation.rule.confounders import MOMENTS, stop_confirmed
from interpretation.vitamin_k import Trial
from interpretation.words import day

SHARED = limits("dissociation").read_by(__name__, "chronic_lookback_days pairing_hours soft_days")
DATA = load("causes").read_by(__name__, "words labels codes entry evidence")
# By cause and key: "isth_score.low" is one wording of the evidence "isth_score".
EVIDENCE = {cause: sentences("causes", "evidence", cause) for cause in DATA["evidence"]}
# A diagnosis that passes: it counts when noted or resolved within the look-back. Others stand until resolved.
PASSING = {"sepsis"}
LOOK_BACK = timedelta(days=SHARED.chronic_lookback_days)
_has_codes = attrgetter("codes")


@dataclass(frozen=True)
class Recorded:
    """The part of a case known at `as_of`, seen from its latest INR.

    `measured` reaches back 18 months before that INR; `inr_draws` are all draws with an INR there are.
    """

    case: Case
    as_of: datetime
    inr_at: datetime
    has_inr: bool
    inr_draws: tuple[Draw, ...]
    events: tuple[Event, ...]
    diagnoses: tuple[Diagnosis, ...]
    measured: Measured
    trials: tuple[Trial, ...] = ()

    @once
    def event_kinds(self) -> frozenset[str]:
        return frozenset(event.kind for event in self.events)

    @once
    def factors(self) -> Factors:
        return factors(self.measured, self.inr_at)

    @once
    def inr(self) -> MeasuredValue | None:
        """The latest INR."""
        if not self.has_inr:
            return None
        draw = self.inr_draws[-1]
        return MeasuredValue(draw, draw.by_analyte["INR"])

    @once
    def inrs(self) -> list[MeasuredValue]:
        """The INRs of the last 18 months, in time order."""
        found = self.case.measured_between("INR", self.inr_at - LOOK_BACK, self.inr_at)
        return [MeasuredValue(*pair) for pair in found] if self.has_inr else []

    @once
    def series(self) -> list[MeasuredValue]:
        """Those of the laboratory and method of the latest INR."""
        if self.inr is None:
            return []
        own, written = self.inr.series, self.inr.as_written
        return [v for v in self.inrs if v.as_written == written or v.series == own]

    def near(self, analyte: str, hours: float = SHARED.pairing_hours) -> MeasuredValue | None:
        """The result nearest to the latest INR."""
        return self.measured.nearest(analyte, self.inr_at, timedelta(hours=hours)) if self.has_inr else None

    def lately(self, analyte: str, days: float = SHARED.soft_days) -> list[MeasuredValue]:
        """The results of the look-back before the latest INR, in time order."""
        return self.measured.between(analyte, self.inr_at - timedelta(days=days), self.inr_at)


def recorded(case: Case, trials: tuple[Trial, ...] = ()) -> Recorded:
    today = case.as_of.date()
    inr_draws = [draw for draw, _ in case.measured("INR") if draw.taken_at <= case.as_of]
    events = sorted(
        (_as_known(case, event) for event in case.events if event.started_at <= case.as_of),
        key=lambda event: (event.started_at, event.kind, event.label),
    )
    inr_at = inr_draws[-1].taken_at if inr_draws else case.as_of
    return Recorded(
        case=case,
        as_of=case.as_of,
        inr_at=inr_at,
        has_inr=bool(inr_draws),
        inr_draws=tuple(inr_draws),
        events=tuple(events),
        diagnoses=tuple(d for d in case.diagnoses if d.noted_on is None or d.noted_on <= today),
        measured=Measured(case, inr_at - LOOK_BACK, case.as_of),
        trials=trials,
    )


def _as_known(case: Case, event: Event) -> Event:
    """An end that lies after `as_of` was not known then: the event was still going on."""
    if event.ended_at is not None and event.ended_at > case.as_of:
        return replace(event, ended_at=None, stop_confirmed=False)
    if event.kind in ("vka", "doac") and stop_confirmed(case, event):
        return replace(event, stop_confirmed=True)
    return event


def entries(texts: Iterable[str], cause: str, kind: str) -> list[Evidence]:
    """Entries of the record that speak for a cause by being there."""
    return [Evidence("recorded", text, _sources(cause, kind)) for text in texts]


@cache
def _sources(cause: str, kind: str) -> tuple[str, ...]:
    return tuple(DATA["entry"][cause][kind]["sources"])


def finding(cause: str, key: str, /, *values: MeasuredValue | None, **words: object) -> Evidence:
    """A sentence of causes.toml about these values."""
    return finding_in(cause, key, draws_of(values), **words)


def finding_in(cause: str, key: str, draws: tuple[str, ...], /, **words: object) -> Evidence:
    """The same about these draws."""
    said = EVIDENCE[cause][key]
    return Evidence(said.code, said.text.format(**words), said.sources, draws, said.side)


# --- facts in plain words ---


def call(kind: str, label: str = "") -> str:
    return label.strip() or DATA["words"][kind]


@dataclass
class DrugCourse:
    """Entries of one drug that follow each other without a day between, as one course."""

    name: str
    kind: str
    start: datetime
    end: datetime | None
    confirmed: bool


def courses(record: Recorded, kinds: tuple[str, ...]) -> list[DrugCourse]:
    """The courses of these kinds, oldest first."""
    if record.event_kinds.isdisjoint(kinds):
        return []
    found: dict[str, list[DrugCourse]] = {}
    for event in record.events:
        if event.kind in kinds:
            name = call(event.kind, event.label)
            end = event.started_at if event.ended_at is None and event.kind in MOMENTS else event.ended_at
            own = found.setdefault(name.casefold(), [])
            if own and _follows(own[-1], event.started_at):
                _extend(own[-1], end, event.stop_confirmed)
            else:
                own.append(DrugCourse(name, event.kind, event.started_at, end, event.stop_confirmed))
    return sorted((course for own in found.values() for course in own), key=lambda course: course.start)


def _follows(course: DrugCourse, start: datetime) -> bool:
    return course.end is None or start.date() <= course.end.date() + timedelta(days=1)


def _extend(course: DrugCourse, end: datetime | None, confirmed: bool) -> None:
    if course.end is None or end is None:
        course.end, course.confirmed = None, False
    elif end >= course.end:
        course.end, course.confirmed = end, confirmed


def course_words(course: DrugCourse, record: Recorded) -> str:
    if course.end is None:
        words = f"{course.name} since {day(course.start)}"
    elif course.end.date() == course.start.date():
        words = f"{course.name} {day(course.start)}"
    else:
        words = f"{course.name} {day(course.start)} to {day(course.end)}"
    if course.end is not None and course.kind in ("vka", "doac"):
        words += ", stop confirmed" if course.confirmed else ", stop not confirmed"
    if record.has_inr and course.start > record.inr_at:
        words += " (after the latest INR)"
    return words


def within(course: DrugCourse, record: Recorded, days: float) -> bool:
    return course.end is None or course.end >= record.inr_at - timedelta(days=days)


def events(record: Recorded, kinds: tuple[str, ...], days: float) -> list[str]:
    """Words for the courses of these kinds that reach into the look-back."""
    return [course_words(course, record) for course in courses(record, kinds) if within(course, record, days)]


def named(label: str, parts: tuple[str, ...]) -> bool:
    return any(part in label.casefold() for part in parts)


def label_parts(name: str) -> tuple[str, ...]:
    return tuple(DATA["labels"][name])


def coded(record: Recorded, name: str, days: float | None = None) -> list[str]:
    """Diagnoses whose ICD code belongs to this list of `causes.toml`; with `days` only those noted lately."""
    chosen = list(filter(_has_codes, record.diagnoses))
    if not chosen:
        return []
    words = DATA["codes"][name]["words"]
    prefixes = tuple(words)
    earliest = None if days is None else record.inr_at.date() - timedelta(days=days)
    found: dict[str, None] = {}
    for diagnosis in chosen:
        recent = earliest is None or diagnosis.noted_on is None or diagnosis.noted_on >= earliest
        for code in diagnosis.codes if recent and _stands(diagnosis, record) else ():
            plain = code.replace(".", "").upper()
            if plain.startswith(prefixes):
                prefix = next(plain[:n] for n in range(len(plain), 0, -1) if plain[:n] in words)
                noted = day(diagnosis.noted_on) if diagnosis.noted_on else "date not recorded"
                found.setdefault(f"{words[prefix]} coded, {noted}", None)
    return list(found)


def diagnoses(record: Recorded, kinds: tuple[str, ...]) -> list[str]:
    rows = [d for d in record.diagnoses if d.kind in kinds and _stands(d, record)]
    rows.sort(key=lambda d: (kinds.index(d.kind), d.noted_on or date.min))
    return [_diagnosis_words(d, record) for d in rows]


def _stands(diagnosis: Diagnosis, record: Recorded) -> bool:
    earliest = record.inr_at.date() - timedelta(days=SHARED.soft_days)
    resolved = _resolved(diagnosis, record)
    if resolved is not None:
        return resolved >= earliest
    if diagnosis.kind in PASSING and diagnosis.noted_on is not None:
        return diagnosis.noted_on >= earliest
    return True


def _resolved(diagnosis: Diagnosis, record: Recorded) -> date | None:
    """The day it was resolved, if that was known at `as_of`."""
    if diagnosis.resolved_on is None or diagnosis.resolved_on > record.as_of.date():
        return None
    return diagnosis.resolved_on


def _diagnosis_words(diagnosis: Diagnosis, record: Recorded) -> str:
    name = call(diagnosis.kind)
    noted = f"noted {day(diagnosis.noted_on)}" if diagnosis.noted_on else "date not recorded"
    resolved = _resolved(diagnosis, record)
    return f"{name} {noted}" + (f", resolved {day(resolved)}" if resolved else "")
