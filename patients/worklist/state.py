"""What the address of a worklist says."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

from interpretation.record.records import DIAGNOSIS_KINDS
from interpretation.urgency import LEVELS

from .places import PLACES


@dataclass(frozen=True)
class Key:
    """One sort column. `apart`: rows without a value come last in both directions."""

    column: str
    descending: bool = False
    apart: bool = False

    def flipped(self) -> "Key":
        return replace(self, descending=not self.descending)


PATIENT = Key("patient_id")
# By its name in the address; each column brings its own (`patients.plugins`).
SORTS: dict[str, tuple[Key, ...]] = {}
DEFAULT_SORT = "urgency"
# Who is new or worse since the last review, or everybody.
NEW, ALL = "new", "all"
SHOWN = (NEW, ALL)
# What the address says for each filter of work.
SAID = {
    "overdue": "1",
    "causes": "open",
    "anticoagulant": "unknown",
    "review": "due",
    "contact": "due",
    "mine": "1",
    "concern": "1",
    "left_out": "1",
}
# What says nothing of whom to look for.
UNFILTERED = {"show", "sort", "after", "before"}


@dataclass(frozen=True)
class WorklistState:
    """Everything that the address of a worklist says. What it says wrongly counts as not said.

    `show` is one of SHOWN; "" is everybody, until the worklist opens (`opened`).

    `me`, who asks, is not in the address: "mine" is everybody's own. Of a search it holds the id (`searches`).
    """

    q: str = ""
    search: str = ""
    show: str = ""
    urgency: str = ""
    grade: str = ""
    overdue: bool = False
    causes: bool = False
    anticoagulant: bool = False
    review: bool = False
    contact: bool = False
    mine: bool = False
    concern: bool = False
    left_out: bool = False
    dx: str = ""
    clinic: str = ""
    sort: str = DEFAULT_SORT
    reverse: bool = False
    after: UUID | None = None
    before: UUID | None = None
    me: int | None = None

    @classmethod
    def of(cls, given, me: int | None = None) -> "WorklistState":
        sort = given.get("sort", "").removeprefix("-")
        return cls(
            q=given.get("q", "").strip()[:100],
            search=given.get("search", "")[:16] if given.get("q") else "",
            show=given["show"] if given.get("show") in SHOWN else "",
            urgency=given["urgency"] if given.get("urgency") in LEVELS else "",
            grade=given["grade"] if given.get("grade") in PLACES else "",
            **{name: given.get(name) == said for name, said in SAID.items()},
            dx=given["dx"] if given.get("dx") in DIAGNOSIS_KINDS else "",
            clinic=given.get("clinic", "")[:32],
            sort=sort if sort in SORTS else DEFAULT_SORT,
            reverse=sort in SORTS and given["sort"].startswith("-"),
            after=_uuid(given.get("after")),
            before=_uuid(given.get("before")),
            me=me,
        )

    def opened(self) -> "WorklistState":
        """The worklist opens on who is new or worse; whoever searches or filters means everybody."""
        return self if self.show else replace(self, show=ALL if self.filtered else NEW)

    def to(self, **changes) -> str:
        """The query of the same worklist with these changes, from its first row unless told."""
        return replace(self, **{"after": None, "before": None, **changes}).query()

    def fields(self) -> dict[str, str]:
        sort = ("-" if self.reverse else "") + self.sort
        said = {
            "q": "" if self.search else self.q,
            "search": self.search,
            "show": self.show,
            "urgency": self.urgency,
            "grade": self.grade,
            **{name: said if getattr(self, name) else "" for name, said in SAID.items()},
            "dx": self.dx,
            "clinic": self.clinic,
            "sort": "" if sort == DEFAULT_SORT else sort,
            "after": str(self.after or ""),
            "before": str(self.before or ""),
        }
        found = {name: value for name, value in said.items() if value}
        # Everybody is meant by any filter: said where there is none.
        if self.show == ALL and found.keys() - UNFILTERED:
            del found["show"]
        return found

    def query(self) -> str:
        return "?" + urlencode(self.fields())

    @property
    def filtered(self) -> bool:
        """Whether anybody is looked for beside what the list opens on."""
        return bool(self.fields().keys() - UNFILTERED)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
