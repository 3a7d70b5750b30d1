"""What the core reads: plain records of one patient, with no Django, no database and no clock.

Times are timezone-aware datetimes, dates are dates in the clinic's own calendar. `Case.as_of` is the
clock: nothing after it is read. Values in a `Result` are in the analyte's canonical unit (see
`analytes.toml`); whoever builds a Case from outside converts first (`units.convert`).
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import lt
from typing import TYPE_CHECKING

from interpretation.once import once
from interpretation.record.date_alone import DateAlone
from interpretation.words import age

if TYPE_CHECKING:
    from interpretation.causes import Cause
    from interpretation.corroboration import Corroboration
    from interpretation.monitoring import Checklist
    from interpretation.prognosis import Prognosis
    from interpretation.recompensation import Recompensation
    from interpretation.requests import Requests
    from interpretation.rule.dissociation import Dissociation
    from interpretation.rule.pairing import Sample
    from interpretation.scenario import Scenario
    from interpretation.scores import Score
    from interpretation.urgency import Urgency
    from interpretation.vitamin_k import Trial

CHRONIC_LIVER_DISEASES = (
    "cirrhosis",
    "advanced_fibrosis",
    "chronic_liver_disease",
    "hepatitis_b",
    "hepatitis_c",
    "alcohol_related",
    "masld",
    "autoimmune_hepatitis",
    "pbc",
    "psc",
    "wilson",
)
DIAGNOSIS_KINDS = (
    *CHRONIC_LIVER_DISEASES,
    "drug_induced",
    "ischaemic",
    "acute_liver_injury",
    "cholestasis",
    "portal_hypertension",
    "fontan",
    "right_heart_failure",
    "heart_failure",
    "sepsis",
    "malnutrition",
    "lupus_anticoagulant",
    "factor_deficiency",
    "hcc",
)
# Events by what they are; charts, forms and confounders build on these groups.
ANTICOAGULANTS = ("vka", "doac", "direct_thrombin_inhibitor")
BLOOD_PRODUCTS = (
    "plasma",
    "pcc",
    "rfviia",
    "cryoprecipitate",
    "plasma_exchange",
    "platelets",
    "red_cells",
    "albumin_infusion",
)
OTHER_DRUGS = ("nac", "antibiotic", "tigecycline", "hepatotoxic_drug", "interacting_drug")
COMPLICATIONS = ("ascites", "encephalopathy", "variceal_bleed", "infection")
EVENT_KINDS = (
    *ANTICOAGULANTS,
    "vitamin_k",
    *BLOOD_PRODUCTS,
    *OTHER_DRUGS,
    "nil_by_mouth",
    *COMPLICATIONS,
    "tips",
    "transplant",
    "dialysis",
    "pregnancy",
    "bad_sample",
    "procedure",
    "note",
)
# "considered": nothing is recorded of it and a person has thought of it; it excludes nothing.
VERDICTS = ("pending", "excluded", "contributing", "considered")
# What a person has said; "" where nobody has.
ANTICOAGULANT_SAID = ("", "none", "taking")
# Ways to say that an INR was measured at the bedside: a series of its own.
POINT_OF_CARE = frozenset({"point_of_care", "poc", "capillary"})


def is_point_of_care(method: str) -> bool:
    return bool(method) and method.strip().lower() in POINT_OF_CARE


@dataclass(frozen=True)
class Result:
    """One analyte of one draw. `comparator` is "", "<", ">", "<=" or ">="; the value is then the bound."""

    analyte: str
    value: float
    comparator: str = ""
    lower_limit: float | None = None
    upper_limit: float | None = None
    # How this analyte was measured where that matters ("point_of_care", "whole_blood", a reagent).
    method: str = ""


@dataclass(frozen=True)
class Draw:
    """One blood draw. `id` names it in reports (the ISO time where the source gives none).

    `hour_known` False: only its day is known, and `taken_at` is the midnight that begins it, a `DateAlone`.
    """

    taken_at: datetime
    results: tuple[Result, ...] = ()
    laboratory: str = ""
    method: str = ""
    id: str = ""
    hour_known: bool = True

    def __post_init__(self) -> None:
        if not self.hour_known:
            object.__setattr__(self, "taken_at", DateAlone.of(self.taken_at))
        if not self.id:
            object.__setattr__(self, "id", self.taken_at.isoformat())

    @once
    def by_analyte(self) -> dict[str, Result]:
        """Its results by analyte. Of one given twice the laboratory's own counts before one at the bedside,
        then the higher. [clinical.md 4.4 a]"""
        found = {result.analyte: result for result in self.results}
        if len(found) == len(self.results):
            return found
        found = {}
        for result in self.results:
            other = found.get(result.analyte)
            if other is None or _counts_before(result, other):
                found[result.analyte] = result
        return found

    @once
    def alone(self) -> "list[Sample]":
        """What counts of it where no other draw stands near it (`pairing`): a past grade is read for each draw of a
        record, and most draws are then read again as they were."""
        return []

    def result(self, analyte: str) -> Result | None:
        return self.by_analyte.get(analyte)


def _counts_before(one: Result, other: Result) -> bool:
    bedside = is_point_of_care(one.method), is_point_of_care(other.method)
    return one.value > other.value if bedside[0] == bedside[1] else bedside[1]


@dataclass(frozen=True)
class Diagnosis:
    kind: str
    noted_on: date | None = None
    resolved_on: date | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Event:
    """A drug, blood product, complication, procedure or flag.

    `ended_at` None means still going on for drugs, ascites and other states, and a single moment for a
    dose, a blood product or a procedure; encephalopathy without an end counts for 90 days.
    `stop_confirmed`: a person has confirmed that the drug was really stopped at `ended_at`. `grade` is
    West Haven for encephalopathy. `route` is "iv", "oral", ...
    """

    kind: str
    started_at: datetime
    ended_at: datetime | None = None
    label: str = ""
    grade: int | None = None
    route: str = ""
    stop_confirmed: bool = False


@dataclass(frozen=True)
class Review:
    """A person's verdict on one alternate cause of a raised INR; the latest one of a cause counts."""

    cause: str
    verdict: str
    on: datetime
    by: str = ""
    note: str = ""


@dataclass(frozen=True)
class SaidElsewhere:
    """What somebody said of one alternate cause in another system, `source`: evidence, and no verdict."""

    cause: str
    on: datetime
    source: str
    note: str = ""


@dataclass(frozen=True)
class Case:
    """One patient as known at `as_of`. `sex` is "F", "M", "X" or "".

    `anticoagulant`: what a person has said, "none" or "taking"; "" where nobody has. The drug is an event.
    """

    as_of: datetime
    id: str = ""
    sex: str = ""
    birth_date: date | None = None
    died_on: date | None = None
    draws: tuple[Draw, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    events: tuple[Event, ...] = ()
    reviews: tuple[Review, ...] = ()
    said: tuple[SaidElsewhere, ...] = ()
    anticoagulant: str = ""

    def age(self, at: datetime) -> int | None:
        """Completed years on that day; None where the birth date is not known or lies after it."""
        if self.birth_date is None or at.date() < self.birth_date:
            return None
        return age(self.birth_date, at)

    @once
    def timeline(self) -> list[Draw]:
        """The draws in time order. Not to be changed."""
        return in_order(self.draws)

    @once
    def _times(self) -> list[datetime]:
        return [draw.taken_at for draw in self.timeline]

    @once
    def _by_analyte(self) -> dict[str, list[tuple[Draw, Result]]]:
        found: dict[str, list[tuple[Draw, Result]]] = defaultdict(list)
        for draw in self.timeline:
            for analyte, result in draw.by_analyte.items():
                found[analyte].append((draw, result))
        return found

    def between(self, first: datetime, last: datetime) -> list[Draw]:
        """Draws from `first` to `last`, both included, in time order."""
        start = bisect_left(self._times, first)
        return self.timeline[start : bisect_right(self._times, last)]

    def measured(self, analyte: str) -> list[tuple[Draw, Result]]:
        """Every draw that holds this analyte, with its result, in time order. Not to be changed."""
        return self._by_analyte.get(analyte, [])

    def measured_between(self, analyte: str, first: datetime, last: datetime) -> list[tuple[Draw, Result]]:
        """Those from `first` to `last`, both included."""
        found = self.measured(analyte)
        if not found:
            return found
        start = bisect_left(found, first, key=_taken_at)
        return found[start : bisect_right(found, last, key=_taken_at)]

    def liver_diseases(self, on: date) -> tuple[Diagnosis, ...]:
        """Known chronic liver disease that has not resolved by this day."""
        return tuple(
            d
            for d in self.diagnoses
            if d.kind in CHRONIC_LIVER_DISEASES and (d.resolved_on is None or d.resolved_on > on)
        )

    @once
    def latest_reviews(self) -> dict[str, Review]:
        """The latest verdict on each cause, as known at `as_of`."""
        known = [review for review in self.reviews if review.on <= self.as_of]
        return {review.cause: review for review in sorted(known, key=lambda r: r.on)}

    @once
    def _nearest(
        self,
    ) -> dict[tuple[str, datetime, timedelta], tuple[Result, Draw] | tuple[None, None]]:
        return {}

    def nearest(
        self, analyte: str, at: datetime, reach: timedelta
    ) -> tuple[Result, Draw] | tuple[None, None]:
        """The result closest in time to `at`, no further than `reach`; looked up once for all who ask."""
        asked = (analyte, at, reach)
        if asked not in self._nearest:
            draws = self.between(at - reach, at + reach)
            near = [(draw, draw.by_analyte[analyte]) for draw in draws if analyte in draw.by_analyte]
            closest = min(near, key=lambda found: _distance(found[0], at), default=None)
            self._nearest[asked] = (closest[1], closest[0]) if closest else (None, None)
        return self._nearest[asked]


def in_order(draws: Iterable[Draw]) -> list[Draw]:
    """Time order; draws that share time and id by their contents, so that order of input never matters."""
    draws = list(draws)
    times = [d.taken_at for d in draws]
    if all(map(lt, times, times[1:])):
        return draws
    keys = [(d.taken_at, d.id) for d in draws]
    if len(set(keys)) < len(keys):
        return sorted(draws, key=lambda d: (d.taken_at, d.id, repr(d)))
    return sorted(draws, key=lambda d: (d.taken_at, d.id))


def _distance(draw: Draw, at: datetime) -> tuple[timedelta, datetime, str]:
    """Least for the draw closest in time; of two as close, for the earlier."""
    return abs(draw.taken_at - at), draw.taken_at, draw.id


def _taken_at(found: tuple[Draw, Result]) -> datetime:
    return found[0].taken_at


# What a report makes by the dozen is not frozen: each field of a frozen object is set by a call of its own.
@dataclass
class Statement:
    """One sentence on the screen. `id` is a key of statements.toml, a cause or a rule; `sources` are
    reference or statement ids; `draws` are ids of the draws it rests on; `section` names its place:
    "scenario", "meaning", "corroboration", "prognosis", "mechanism", "other_causes", "now", "caveats"."""

    id: str
    text: str
    sources: tuple[str, ...]
    draws: tuple[str, ...] = ()
    section: str = "meaning"


@dataclass(frozen=True)
class Report:
    """What `interpret(case)` says. One field per clinical module."""

    id: str
    as_of: datetime
    knowledge_version: str
    urgency: "Urgency"
    dissociation: "Dissociation"
    causes: tuple["Cause", ...] = ()
    # Every trial of vitamin K, the latest first; and the tests that would settle the open causes.
    vitamin_k: tuple["Trial", ...] = ()
    requests: "Requests | None" = None
    monitoring: "Checklist | None" = None
    statements: tuple[Statement, ...] = ()
    scenario: "Scenario | None" = None
    prognosis: "Prognosis | None" = None
    corroboration: "Corroboration | None" = None
    recompensation: "Recompensation | None" = None
    # Key -> Score, in the order of scores.toml.
    scores: "dict[str, Score] | None" = None
    # The top sentence of the page; and its parts by what they are about.
    summary: str = ""
    top: "dict[str, str]" = field(default_factory=dict)
    # From then on time alone changes grade, urgency or a due state; None where it never does.
    valid_until: datetime | None = None
    problems: tuple[str, ...] = field(default=())
