"""Who looked at whom: single looks, lists and visits together, the latest first, of the given clinics only."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from heapq import merge
from itertools import islice

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from .models import Clinic, ListAccess, MembershipHistory, PatientAccess, User

STEP = 50
# So many rows of each kind are read at once for a file.
CHUNK = 2000
# What a logged name of a page is called where the name itself would not do.
PAGES = {
    "detail": "Patient page",
    "merges": "Merged numbers of a patient",
    "merge-undo": "Merge undone",
    "signoff": "Signed review",
    "signoff-add": "Review signed off",
    "overrule-add": "Grade overruled",
    "overrule-end": "Overrule ended",
    "overrules": "List of overrules",
    "notices": "List of notices",
    "population": "List beside the population plane",
    "population-point": "Point of the population plane",
    "patient": "Meetings of the patient",
    "nominate": "Asked to discuss",
    "nomination-end": "Asking taken back",
    "action-add": "Action added",
    "actions": "List of actions",
    "meeting-agenda": "Agenda and proposals of a meeting",
    "meeting-close": "Close of a meeting",
    "meeting-present": "Shown in a meeting",
    "meeting-list": "List in the presenter's window",
    "meeting-audience": "Followed in a meeting",
    "meeting-item": "Outcome in a meeting",
    "meeting-record": "Record of a meeting",
    "meeting-discussion": "Discussion as it was shown",
    "meeting-paper-agenda": "Agenda of a meeting, for paper",
    "meeting-paper-minutes": "Minutes of a meeting, for paper",
    "summary": "Summary on one page",
    "letter-write": "Letter written",
    "letter": "Letter sent",
    "visit": "Visit from a record system",
}
# The microseconds of an address count from here.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@cache
def kinds() -> tuple:
    """Single looks, lists, and looks at who is not in this record: the last is the model of another app."""
    return PatientAccess, ListAccess, apps.get_model("uploads", "VisitLook")


def visit_hash(issuer: str, number: str) -> str:
    """A number of another system as the log has it: whoever has only the log cannot try all numbers. "" of none."""
    return salted_hmac("visit", f"{issuer}\n{number}", algorithm="sha256").hexdigest() if number else ""


def visits_to(clinics: Iterable[Clinic], number: str) -> tuple[str, ...]:
    """How a number stands in the log of these clinics; empty where nobody has looked."""
    visits = kinds()[2].objects.filter(clinic__in=list(clinics))
    hashes = [visit_hash(one, number) for one in visits.values_list("issuer", flat=True).distinct()]
    return tuple(visits.filter(number_hash__in=hashes).values_list("number_hash", flat=True).distinct())


@dataclass(frozen=True)
class LookChoice:
    """Which looks: of these clinics, by one person ("" anybody), at one of these patients (empty: anybody),
    or with these hashed numbers, from one moment until before another."""

    clinics: tuple[Clinic, ...]
    person: str = ""
    patients: tuple = ()
    visits: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, order=True)
class LookPlace:
    """Where a look stands among all: by time, then kind, then key."""

    at: datetime
    kind: int
    pk: int

    @classmethod
    def of(cls, row) -> "LookPlace":
        return cls(row.at, kinds().index(type(row)), row.pk)

    @classmethod
    def read(cls, text: str) -> "LookPlace":
        """From an address; raises ValueError."""
        micros, kind, pk = (int(part) for part in text.split("-"))
        if not 0 <= kind < len(kinds()) or not 0 <= pk < 2**63 or not 0 <= micros < 2**56:
            raise ValueError(text)
        return cls(EPOCH + timedelta(microseconds=micros), kind, pk)

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.kind}-{self.pk}"


@dataclass(frozen=True)
class Seen:
    """One patient who was looked at; of whoever chose one, the others on a list are not named."""

    uuid: str
    name: str
    mrn: str


@dataclass(frozen=True)
class Look:
    user: User
    people: tuple[Seen, ...]
    # How many stood on the list; 1 for a single look.
    count: int
    is_list: bool
    page_name: str
    at: datetime
    clinic: Clinic
    place: LookPlace = field(compare=False)
    # Of a visit: whose patient, and the hashed number.
    issuer: str = ""
    number_hash: str = ""

    @property
    def who(self) -> str:
        return f"{self.user} ({self.user.username})"

    @property
    def page(self) -> str:
        return PAGES.get(self.page_name) or self.page_name.replace("-", " ").capitalize()

    @property
    def mrn(self) -> str:
        return self.people[0].mrn if len(self.people) == 1 else ""


def looks_in(choice: LookChoice, before: LookPlace | None = None) -> tuple[list[Look], LookPlace | None]:
    """One step of looks, and where the next step starts (None at the end)."""
    rows = list(islice(_latest_first(choice, before, STEP + 1), STEP + 1))
    more = LookPlace.of(rows[STEP - 1]) if len(rows) > STEP else None
    return _looks(rows[:STEP], choice), more


def all_looks(choice: LookChoice) -> Iterator[Look]:
    """Every look, the latest first, read in pieces."""
    rows = _latest_first(choice, None, None)
    while piece := list(islice(rows, CHUNK)):
        yield from _looks(piece, choice)


def people_of(clinics: list[Clinic]) -> QuerySet[User]:
    """Everybody who works or has worked in these clinics."""
    once = MembershipHistory.objects.filter(clinic__in=clinics).values("user_id")
    here = Q(memberships__clinic__in=clinics) | Q(pk__in=once)
    return User.objects.filter(here).distinct().order_by("last_name", "first_name", "username")


def _latest_first(choice: LookChoice, before: LookPlace | None, most: int | None) -> Iterator:
    """Rows of both kinds in one order."""
    of_kind = [_rows(kind, choice, before, most) for kind in range(len(kinds()))]
    return merge(*of_kind, key=LookPlace.of, reverse=True)


def _rows(kind: int, choice: LookChoice, before: LookPlace | None, most: int | None) -> Iterator:
    beside = ("user", "clinic") if kind == 2 else ("user",)
    found = (
        kinds()[kind].objects.filter(*_wanted(kind, choice)).select_related(*beside).order_by("-at", "-pk")
    )
    if before is not None:
        same = Q(at=before.at) if kind < before.kind else Q(at=before.at, pk__lt=before.pk)
        found = found.filter(Q(at__lt=before.at) | (same if kind <= before.kind else Q(pk__in=[])))
    return iter(found[:most] if most else found.iterator(CHUNK))


def _wanted(kind: int, choice: LookChoice) -> Iterator[Q]:
    clinic, patients = ("clinic", "patients__overlap") if kind else ("patient__clinic", "patient__in")
    yield Q(**{f"{clinic}__in": choice.clinics})
    if kind == 2 and (choice.patients or choice.visits):
        yield Q(number_hash__in=choice.visits)
    elif choice.patients or choice.visits:
        known = _patients().filter(uuid__in=choice.patients, clinic__in=choice.clinics)
        yield Q(**{patients: list(known.values_list("pk", flat=True))})
    if choice.person:
        yield Q(user__username=choice.person)
    if choice.since:
        yield Q(at__gte=choice.since)
    if choice.until:
        yield Q(at__lt=choice.until)


def _looks(rows: list, choice: LookChoice) -> list[Look]:
    keys = {key for row in rows for key in _keys(row)}
    found = _patients().select_related("clinic").in_bulk(keys)
    chosen = {str(one) for one in choice.patients}
    return [_look(row, found, chosen) for row in rows]


def _patients() -> QuerySet:
    """Withdrawn patients too: looks at them are looks."""
    return PatientAccess._meta.get_field("patient").related_model.objects.all()


def _keys(row) -> list[int]:
    if isinstance(row, kinds()[2]):
        return []
    return row.patients if isinstance(row, ListAccess) else [row.patient_id]


def _look(row, found: dict, chosen: set[str]) -> Look:
    if isinstance(row, kinds()[2]):
        return _visit(row)
    keys = _keys(row)
    people = [found[key] for key in keys if key in found]
    seen = [one for one in people if not chosen or str(one.uuid) in chosen]
    return Look(
        user=row.user,
        people=tuple(_seen(one) for one in sorted(seen, key=lambda p: (p.family_name, p.given_name, p.pk))),
        count=len(keys),
        is_list=isinstance(row, ListAccess),
        page_name=row.page,
        at=row.at,
        clinic=people[0].clinic,
        place=LookPlace.of(row),
    )


def _visit(row) -> Look:
    number = f"number hashed {row.number_hash[:12]}…" if row.number_hash else "no number"
    return Look(
        user=row.user,
        people=(Seen("", f"Visit: {row.issuer}", number),),
        count=1,
        is_list=False,
        page_name=row.page,
        at=row.at,
        clinic=row.clinic,
        place=LookPlace.of(row),
        issuer=row.issuer,
        number_hash=row.number_hash,
    )


def _seen(patient) -> Seen:
    name = ", ".join(part for part in (patient.family_name, patient.given_name) if part)
    return Seen(str(patient.uuid), name, patient.mrn)


def period(zone: tzinfo, first: str, last: str) -> tuple[datetime | None, datetime | None]:
    """From the start of one day until the end of another, each an ISO date or ""; raises ValueError."""
    days = [date.fromisoformat(text) if text else None for text in (first, last)]
    since = days[0] and datetime.combine(days[0], time(), zone)
    until = days[1] and datetime.combine(days[1] + timedelta(days=1), time(), zone)
    return since, until
