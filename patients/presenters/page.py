"""The patient page: its cards, each by the name that the templates read."""

from datetime import datetime

from django.urls import reverse

from patients.follow_up.contacts import Standing, standing_for
from patients.follow_up.worse_before import in_words, worse_before
from patients.plugins import parts_of
from patients.report.panel import Panel
from patients.values.display import Units

from .causes import causes_card
from .chart import chart_card
from .events import events_card
from .follow_up import follow_up_card
from .header import header_card
from .marked import marked_results
from .options import Options
from .results import draw_links, results_card
from .scores import score_card
from .signing import signing_card
from .statements import statements_card
from .time import time_card
from .verdict import verdict_card


def page_context(panel: Panel, options: Options, now: datetime) -> dict:
    patient, report = panel.patient, panel.report
    address = reverse("patients:detail", kwargs={"uuid": patient.uuid})
    standing = standing_for(patient, panel.as_of)
    follow_up = follow_up_card(panel, standing)
    time = time_card(panel, options, now, address)
    results = results_card(panel, options, address)
    return {
        "patient": patient,
        "address": address,
        "report": report,
        "header": header_card(panel),
        "time": time,
        "verdict": verdict_card(report, "" if time.is_past else _worse_before(panel, standing)),
        "signing": signing_card(panel, standing.overrule, follow_up.left_out is not None),
        "chart": chart_card(panel, options, address),
        "marked": marked_results(panel),
        "results": results,
        "draw_links": draw_links(panel, results.grid, options, address),
        "events": events_card(panel),
        "causes": causes_card(panel),
        "statements": statements_card(report.statements),
        "scores": score_card(report.scores, Units(patient.clinic.display_units), address, time.query),
        "follow_up": follow_up,
        "parts": parts_of(patient, options),
    }


def _worse_before(panel: Panel, standing: Standing) -> str:
    """What was worse within 30 days, by the summary so far."""
    found = worse_before(standing.before, panel.report)
    return in_words(found, panel.report.as_of.date())
