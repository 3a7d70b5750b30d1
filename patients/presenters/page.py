"""The patient page: its cards, each by the name that the templates read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from django.urls import reverse

from interpretation.monitoring import Checklist
from interpretation.orders import NEVER, OVERDUE
from interpretation.record.records import Report, Statement
from patients.follow_up.standing import Standing, standing_for
from patients.follow_up.worse_before import in_words, worse_before
from patients.plugins import parts_of
from patients.report.panel import Panel
from patients.report.summary import slow_rise_of
from patients.review.signatures import behind
from patients.values.display import Units

from .causes import causes_card
from .chart import chart_card
from .events import EventsCard, events_card
from .follow_up import follow_up_card
from .header import header_card
from .marked import marked_results
from .options import SILENT_TABS, TABS, Options
from .results import ResultsCard, draw_links
from .scores import score_card
from .screen.figures import figures
from .screen.notes import NotesCard, notes_card
from .screen.orders import OrdersCard, orders_card
from .screen.tabs import opened_tab, sources_of, tabs_of
from .signing import signing_card
from .statements import kept_in_mind, statements_card
from .time import time_card
from .verdict import VerdictCard, verdict_card


def page_context(panel: Panel, options: Options, now: datetime, address: str = "") -> dict:
    """`address`: of the page, unless it is that of the patient."""
    patient, report = panel.patient, panel.report
    address = address or reverse("patients:detail", kwargs={"uuid": patient.uuid})
    standing = standing_for(patient, panel.as_of)
    follow_up = follow_up_card(panel, standing)
    time = time_card(panel, options, now, address)
    results = ResultsCard(panel, options, address)
    keys = SILENT_TABS if patient.clinic.is_silent else TABS
    tab = opened_tab(keys, options, report)
    left_out = follow_up.left_out is not None
    card = orders_card(panel, left_out=left_out)
    # What is awaited is not late, and nobody need plan to ask for it.
    follow_up = replace(follow_up, overdue=follow_up.overdue and card.awaited is None)
    events = events_card(panel)
    notes = notes_card(standing)
    return {
        "patient": patient,
        "address": address,
        "report": report,
        "header": header_card(panel),
        "time": time,
        "verdict": _verdict(panel, standing, time.is_past),
        "signing": signing_card(panel, standing.overrule, left_out),
        "chart": chart_card(panel, options, address),
        "marked": marked_results(panel),
        "results": results,
        "draw_links": draw_links(
            panel, results.grid if tab in ("results", "all") else None, options, address
        ),
        "events": events,
        "notes": notes,
        "figures": figures(panel),
        "orders": card,
        "next_bloods": _next_bloods(panel),
        "kept_in_mind": kept_in_mind(report.statements),
        "tabs": tabs_of(
            keys,
            options,
            tab,
            address,
            _counts(results, events, notes, _unmet(report.monitoring, card, left_out)),
        ),
        "all_tabs": options.query(tab="all"),
        "scores_tab": options.query(tab="scores"),
        # Folded lists are long: the page brings them once they are opened, or all on one page.
        "lists": f"{address}{options.query(tab='why')}&list=",
        "brings_lists": tab == "all",
        "open_tabs": keys if tab == "all" else (tab,),
        "sources": sources_of(report) if tab in ("sources", "all") else (),
        "causes": causes_card(panel),
        "statements": statements_card(_unsaid(report)),
        "scores": score_card(report.scores, Units(patient.clinic.display_units), address, time.query),
        "follow_up": follow_up,
        "being_assessed": standing.being_assessed,
        "behind": None if patient.clinic.is_silent else behind(report),
        "parts": {} if patient.clinic.is_silent else parts_of(patient, options),
    }


def _counts(results: ResultsCard, events: EventsCard, notes: NotesCard, unmet: str) -> dict[str, str]:
    """What is said beside a tab's name: what is there, and of the checklist what is late."""
    recorded = len(events.diagnoses) + len(events.first) + len(events.more)
    return {
        "results": str(results.count or ""),
        "checklist": unmet,
        "events": str(recorded or ""),
        "notes": notes.count,
    }


def _unmet(list_: Checklist | None, card: OrdersCard, left_out: bool) -> str:
    """ "3 late"; "8 never done" only where the checklist asks for them, as in the worklist."""
    if list_ is None or list_.paused or left_out or card.awaited:
        return ""
    late = sum(item.state in OVERDUE for item in list_.items)
    never = sum(item.state == NEVER for item in list_.items) if list_.advanced else 0
    return f"{late} late" if late else f"{never} never done" if never else ""


def _next_bloods(panel: Panel) -> date | None:
    checks = panel.report.monitoring
    return min((item.due_on for item in checks.items if item.due_on), default=None) if checks else None


def _unsaid(report: Report) -> Iterator[Statement]:
    """Without what the verdict has said."""
    verdict = report.dissociation.sentence.casefold()
    return (one for one in report.statements if one.text.rstrip(".").casefold() not in verdict)


def _verdict(panel: Panel, standing: Standing, is_past: bool) -> VerdictCard:
    worse = "" if is_past else _worse_before(panel, standing)
    return verdict_card(panel.report, worse, slow_rise_of(panel.case, panel.report))


def _worse_before(panel: Panel, standing: Standing) -> str:
    """What was worse within 30 days, by the summary so far."""
    found = worse_before(standing.before, panel.report)
    return in_words(found, panel.report.as_of.date())
