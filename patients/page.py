"""What the templates of the patient page show: the panel, put into words, links and lists."""

from bisect import bisect_right
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from .charts import FIGURES, chart_data, chart_table
from .charts.data import ENZYMES, LOWER, ChartData
from .charts.overlay import NOTICE
from .contacts import following_for, standing_for
from .extras import parts_of
from .grid import grid_for
from .header import age, alert_tags, diagnosis_tags
from .models import Patient
from .numbers import Units
from .other_results import other_results
from .panel import Panel
from .scores import score_card
from .signing import signing_for
from .words import EVENT_NAMES

VIEW_WORDS = {"stacked": "Stacked", "overlay": "Overlay", "trajectory": "Trajectory"}
SCALE_WORDS = {"limit": "× limit", "units": "U/L"}
SEXES = {Patient.Sex.FEMALE: "F", Patient.Sex.MALE: "M", Patient.Sex.OTHER: "X"}
EVENTS_FIRST = 8
SECTIONS = (
    "scenario",
    "meaning",
    "corroboration",
    "prognosis",
    "mechanism",
    "other_causes",
    "now",
    "caveats",
)


def page_context(panel: Panel, options, now: datetime) -> dict:
    patient, case, report = panel.patient, panel.case, panel.report
    zone = patient.clinic.zone
    units = Units(patient.clinic.display_units)
    address = reverse("patients:detail", kwargs={"uuid": patient.uuid})
    grid = grid_for(panel, units, options.draws == "all")
    times = {draw.id: draw.taken_at for draw in case.draws}
    unknown = sum(d.taken_at <= case.as_of for d in panel.rows.not_known)
    kept = [d for d in (*panel.rows.draws, *panel.rows.not_known) if d.withdrawn_at is None]
    standing = standing_for(patient, panel.as_of)
    following = following_for(panel, standing)
    return {
        "patient": patient,
        "case": case,
        "report": report,
        "verdict": report.dissociation,
        "address": address,
        "options": options,
        "as_of": case.as_of,
        "is_past": _is_past(case.as_of, now),
        "later": len(kept) - len(times) - unknown,
        "known": _known(panel, unknown),
        "known_link": address + options.query(known="" if options.known else "then"),
        "now_link": address + options.query(as_of=""),
        "ribbon_link": f"{address}ribbon/{options.query(panels='', draws='', scale='limit')}",
        "changes_link": f"{address}changes/{options.query(panels='', view='stacked', scale='limit')}",
        **_days(panel, options, zone, address),
        "sex": SEXES.get(patient.sex, "sex not recorded"),
        "age": age(patient.birth_date, min(case.as_of.date(), case.died_on or case.as_of.date())),
        "died": case.died_on is not None and case.died_on <= case.as_of.date(),
        "diagnosis_tags": diagnosis_tags(case),
        "alert_tags": alert_tags(case),
        "latest_draw": max(times.values(), default=None),
        "grid": grid,
        "other_results": other_results(panel, options.draws == "all"),
        "draw_times": times,
        "shown_draws": {line.id for line in grid.lines},
        "all_draws_link": address + options.query(draws="all"),
        "few_draws_link": address + options.query(draws=""),
        "withdrawn": _withdrawn(panel, zone),
        "events": _events(panel, zone),
        "diagnoses": [
            d for d in panel.rows.diagnoses if d.noted_on is None or d.noted_on <= case.as_of.date()
        ],
        "sections": _sections(report.statements),
        "causes": cause_groups(panel),
        "signing": signing_for(panel, standing.overrule, following.left_out is not None),
        "following": following,
        "requests_link": f"{address}requests/{_as_of(options)}",
        "summary_link": f"{address}summary/{_as_of(options)}",
        "parts": parts_of(patient),
        "scores": score_card(report.scores, units, address, _as_of(options)),
        **chart_card(panel, options, units, address),
    }


def _as_of(options) -> str:
    """The same moment at another address."""
    return f"?{urlencode({'as_of': options.as_of})}" if options.as_of else ""


def _is_past(as_of: datetime, now: datetime) -> bool:
    return (now - as_of).total_seconds() > 60


def _known(panel: Panel, unknown: int) -> dict | None:
    """What the page says of "known here then"; None where it reads what was collected by then."""
    if panel.known_at is None:
        return None
    missing = [d for d in panel.rows.not_known if d.taken_at <= panel.as_of]
    first = min((d.entered_at for d in missing), default=None)
    return {
        "unknown": unknown,
        "nothing": bool(missing) and not any(d.withdrawn_at is None for d in panel.rows.draws),
        "first_entered": first.astimezone(panel.patient.clinic.zone) if first else None,
    }


def _days(panel: Panel, options, zone, address: str) -> dict:
    """Links to the day of draws before the one on the page and to the day after it."""
    draws = (d for d in (*panel.rows.draws, *panel.rows.not_known) if d.withdrawn_at is None)
    days = sorted({d.taken_at.astimezone(zone).date() for d in draws})
    shown = bisect_right(days, panel.as_of.astimezone(zone).date())
    before = days[shown - 2] if shown > 1 else None
    after = days[shown] if shown < len(days) else None
    return {
        name: {"day": day, "href": address + options.query(as_of=day.isoformat())} if day else None
        for name, day in (("day_before", before), ("day_after", after))
    }


def _sections(statements) -> dict[str, list]:
    """Statements by the card that shows them."""
    found: dict[str, list] = {section: [] for section in SECTIONS}
    for statement in statements:
        found.setdefault(statement.section, []).append(statement)
    # What this patient's own draws say stands before what is true of everyone.
    found["meaning"].sort(key=lambda statement: not statement.draws)
    return found


def cause_groups(panel: Panel) -> dict:
    """Causes in lists, each with the review last seen: to look at first, only against, nothing, excluded."""
    seen = {}
    for review in panel.rows.reviews:
        if review.at <= panel.as_of:
            seen[review.cause] = review.pk
    groups: dict[str, list] = {"first": [], "against": [], "rest": [], "excluded": []}
    for cause in panel.report.causes:
        groups[_group(cause)].append({"cause": cause, "seen": seen.get(cause.key, "")})
    is_open = sum(cause.verdict == "pending" for cause in panel.report.causes)
    return {**groups, "open": is_open, "count": len(panel.report.causes)}


def _group(cause) -> str:
    if cause.verdict == "excluded":
        return "excluded"
    if cause.verdict == "contributing" or cause.recorded:
        return "first"
    return "against" if cause.evidence else "rest"


def _withdrawn(panel: Panel, zone) -> list[dict]:
    return [
        {
            "at": d.taken_at.astimezone(zone),
            "by": d.withdrawn_by,
            "on": d.withdrawn_at.astimezone(zone),
            "reason": d.withdrawn_reason,
            "source": d.laboratory,
        }
        for d in reversed(panel.rows.draws)
        if d.withdrawn_at is not None and d.taken_at <= panel.as_of
    ]


def _events(panel: Panel, zone) -> dict:
    known = [e for e in panel.rows.events if e.started_at <= panel.as_of]
    known.sort(key=lambda e: (e.started_at, e.id), reverse=True)
    rows = [_event(e, zone, panel.as_of) for e in known]
    return {"first": rows[:EVENTS_FIRST], "more": rows[EVENTS_FIRST:]}


def _event(event, zone, as_of: datetime) -> dict:
    name = EVENT_NAMES[event.kind]
    ended = event.ended_at if event.ended_at and event.ended_at <= as_of else None
    details = [event.label if event.label.casefold() != name.casefold() else ""]
    if event.grade is not None:
        details.append(f"grade {event.grade}")
    if event.route:
        details.append(event.get_route_display().lower())
    if event.stop_confirmed and ended:
        details.append("stop confirmed")
    return {
        "uuid": event.uuid,
        "name": name,
        "details": ", ".join(part for part in details if part),
        "note": event.note,
        "from": event.started_at.astimezone(zone),
        "to": ended.astimezone(zone) if ended else None,
    }


# --- the chart ---


def chart_card(panel: Panel, options, units: Units, address: str) -> dict:
    data = chart_data(panel.case, panel.report.dissociation, units)
    more = {"more": True} if options.view == "stacked" and options.panels == "more" else {}
    figure = FIGURES[options.view](data, options.scale, **more) if data.drawn else None
    return {
        "figure": figure,
        "chart_class": f"{options.view}{' more' if more else ''}",
        "chart_table": chart_table(data),
        "chart_notes": _notes(data, options, panel),
        "chart_words": words_of_chart(data),
        "lower_units": [data.units[key] for key in LOWER],
        "view_links": _links(address, options, "view", VIEW_WORDS),
        "scale_links": _links(address, options, "scale", SCALE_WORDS),
        "panels_link": address + options.query(panels="" if options.panels else "more"),
        "has_lower": any(data.points(key) for key in LOWER),
    }


def _links(address: str, options, name: str, words: dict[str, str]) -> list[dict]:
    chosen = getattr(options, name)
    return [
        {"word": word, "href": address + options.query(**{name: key}), "current": key == chosen}
        for key, word in words.items()
    ]


def _notes(data: ChartData, options, panel: Panel) -> list[str]:
    """What a reader of this chart has to know, in sentences."""
    notes = [NOTICE] if options.view == "overlay" else []
    if data.window and options.view != "trajectory":
        notes.append("Shaded: from the baseline to the latest draw of the verdict.")
    draws = {p.draw for points in data.series.values() for p in points}
    if len(draws) == 1:
        notes.append("One draw so far: a change can be read from the second draw on.")
    if data.drawn and not data.points("INR"):
        notes.append("No INR recorded: without INR the dissociation cannot be judged.")
    if data.points("INR") and not any(data.points(key) for key in ENZYMES):
        notes.append("No ALT or AST recorded: without them the dissociation cannot be judged.")
    notes += _source_notes(data)
    assumed = {f"{key} {_limit(p.upper)} U/L" for key in ENZYMES for p in data.points(key) if p.assumed}
    if assumed:
        notes.append(
            f"The laboratory sent no upper limit for some values; assumed: {', '.join(sorted(assumed))}."
        )
    if any(p.comparator for points in data.series.values() for p in points):
        notes.append("Hollow marks: the laboratory gave a bound (< or >), drawn at the bound.")
    if any(p.value <= 0 for key in ENZYMES for p in data.points(key)):
        notes.append("A value of 0 has no place on a logarithmic axis: see the table.")
    if options.scale == "limit" and any(p.upper is None for key in ENZYMES for p in data.points(key)):
        notes.append("Values without a known upper limit are drawn only in U/L.")
    return notes


def _source_notes(data: ChartData) -> list[str]:
    keys = (*ENZYMES, "INR")
    sources = list(dict.fromkeys(p.source for key in keys for p in data.points(key) if p.source))
    notes = []
    if len({source.casefold() for source in sources}) > 1:
        names = ", ".join(sources[:4]) + (" and others" if len(sources) > 4 else "")
        notes.append(
            f"Results of {len(sources)} laboratories or methods ({names}): "
            "the lines break where they change, because INR differs between them."
        )
    if data.transplants:
        notes.append("The lines start anew at the transplant.")
    return notes


def _limit(value: float) -> str:
    return f"{value:g}"


def words_of_chart(data: ChartData) -> str:
    """What someone who cannot see the chart hears of it; the table follows."""
    parts = []
    for key in (*ENZYMES, "INR"):
        points = data.points(key)
        if points:
            unit = f" {data.units[key]}" if data.units[key] else ""
            ends = points[0].text if len(points) == 1 else f"{points[0].text} to {points[-1].text}"
            parts.append(f"{key} {ends}{unit}, {len(points)} value{'s' if len(points) != 1 else ''}")
    return f"Chart of {'; '.join(parts)}. The table below holds every value." if parts else ""
