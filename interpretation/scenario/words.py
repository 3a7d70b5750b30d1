"""Numbers, dates and names of a case as the scenario's sentences use them."""

from datetime import timedelta

from interpretation.record.records import Event
from interpretation.rule.comparison import TOLERANCE

from ..knowledge import load
from ..words import day, inr, listed, number, sign, span, upper_first, value
from .picture import LIMITS, Peak, Picture

LIMITS.read_by(__name__, "post_acute_peak")
load("scenario").read_by(__name__, "disease")

COMPLICATIONS = {
    "ascites": "ascites",
    "encephalopathy": "encephalopathy",
    "variceal_bleed": "variceal bleeding",
}


def diseases(p: Picture) -> str:
    """ "cirrhosis and hepatitis C": the name of no disease alone where a more exact one stands beside it."""
    kinds = list(dict.fromkeys(d.kind for d in p.disease))
    if len(kinds) > 1:
        kinds = [kind for kind in kinds if kind != "chronic_liver_disease"]
    names = load("scenario")["disease"]
    return listed([names[kind] for kind in kinds])


def known_since(p: Picture) -> str:
    dates = [d.noted_on for d in p.disease if d.noted_on is not None]
    if not dates:
        return ""
    noted = f", noted {day(min(dates))}"
    acute = p.peak is not None and p.peak.times >= LIMITS.post_acute_peak - TOLERANCE
    if acute and min(dates) >= p.injury.at.date():
        noted += ", after the enzymes peaked, and taken to have been there before"
    return noted


def peak_words(p: Picture, peak: Peak) -> str:
    """ "9200 U/L (230 × its limit)", ">5000 U/L (>125 × its limit)"; of a child without the laboratory's limit
    the number alone."""
    told = f" ({times(peak.times, peak.result.comparator)} × its limit)" if p.knows_limit(peak.result) else ""
    return f"{value(peak.result)} U/L{told}"


def times(multiple: float, comparator: str = "") -> str:
    return sign(comparator) + number(multiple, 1 if multiple < 10 else 0)


def inr_movement(p: Picture) -> str:
    first, last = p.found.inr_signs
    return f"{inr(p.found.inr_from, first)} → {inr(p.found.inr_to, last)}"


def latest_inr(p: Picture) -> str:
    if p.graded:
        return inr(p.inr, p.found.inr_signs[1])
    return p.now.value.amount if p.now.value else "not measured"


def window(p: Picture) -> str:
    return span(p.window)


def time_words(time: timedelta) -> str:
    return "less than an hour" if time < timedelta(hours=1) else span(time)


def complication(p: Picture, kind: str, event: Event) -> str:
    """ "ascites (7 Jan 2025)", "ascites (since 3 Aug 2022)" for one that stands for longer than 90 days."""
    grade = f" grade {event.grade}" if kind == "encephalopathy" and event.grade else ""
    since = "" if kind in p.recent_complications else "since "
    return f"{COMPLICATIONS[kind]}{grade} ({since}{day(event.started_at)})"


def complications(p: Picture, events: dict[str, Event]) -> str:
    return upper_first(listed([complication(p, kind, event) for kind, event in events.items()]))
