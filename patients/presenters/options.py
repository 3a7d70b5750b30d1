"""What the address of a patient page asks for: everything that can be chosen on it is in its address."""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

VIEWS = ("stacked", "overlay", "trajectory")
# Of the chart; "" is what suits the record: U/L, multiples where laboratories have limits of their own.
SCALES = ("units", "limit", "baseline")
# Days of the chart; "" is the verdict's window, or all where nothing is compared.
RANGES = ("window", "24", "all")
# Below the first screen; "all": every one, to print or to search.
TABS = ("why", "results", "scores", "checklist", "events", "notes", "meetings", "sources")
# Where the clinic is silent: what is recorded, and nothing that was read of it.
SILENT_TABS = ("results", "events", "notes")


@dataclass(frozen=True)
class Options:
    view: str = "stacked"
    scale: str = ""
    range: str = ""
    panels: str = ""
    draws: str = ""
    # One of TABS or "all"; "" is the one that fits the verdict.
    tab: str = ""
    as_of: str = ""
    # "then": only what was known here at `as_of`, not all that had been collected by then.
    known: str = ""

    def query(self, **changes) -> str:
        chosen = replace(self, **changes)
        if not chosen.as_of:
            chosen = replace(chosen, known="")
        usual = Options()
        pairs = {name: value for name, value in vars(chosen).items() if value != getattr(usual, name)}
        return f"?{urlencode(pairs)}" if pairs else ""

    def only(self, *names: str) -> str:
        """The query of these choices; the others as usual."""
        return Options(**{name: getattr(self, name) for name in names}).query()

    def known_at(self, as_of: datetime) -> datetime | None:
        """The moment whose knowledge counts; now everything that is stored is known."""
        return as_of if self.known and self.as_of else None


def options_of(query) -> Options:
    """Only what is known is taken over; the rest of the address is ignored."""
    view, scale, days = query.get("view"), query.get("scale"), query.get("range")
    as_of = (query.get("as_of") or "").strip()
    if query.get("time") and as_of and "T" not in as_of:
        as_of = f"{as_of}T{query.get('time')}"
    return Options(
        view=view if view in VIEWS else "stacked",
        scale=scale if scale in SCALES else "",
        range=days if days in RANGES else "",
        panels="more" if query.get("panels") == "more" else "",
        draws="all" if query.get("draws") == "all" else "",
        tab=query.get("tab") if query.get("tab") in (*TABS, "all") else "",
        as_of=as_of,
        known="then" if query.get("known") == "then" else "",
    )
