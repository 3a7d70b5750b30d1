"""One score over time, asked for by a click: a page of its own and, to htmx, the fragment in the card."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from interpretation import knowledge
from interpretation.scores import SPECS, score_series
from interpretation.scores.spec import LIMITS
from interpretation.words import counted
from patients.access import patient_for
from patients.charts.scores import inr_source, score_figure
from patients.presenters.scores import value_text
from patients.report.as_of import parse_as_of
from patients.report.panel import case_for

LIMITS.read_by(__name__, "series_length")


@login_required
@never_cache
@require_GET
def score(request: HttpRequest, uuid, score: str) -> HttpResponse:
    patient = patient_for(request.user, uuid, page="score", reading=True)
    if score not in SPECS or not SPECS[score].plotted:
        raise Http404("no such score")
    address = reverse("patients:detail", kwargs={"uuid": patient.uuid})
    asked = request.GET.get("as_of") or ""
    try:
        as_of = parse_as_of(asked, patient.clinic.zone, timezone.now())
    except ValueError:
        return redirect(reverse("patients:score", kwargs={"uuid": patient.uuid, "score": score}))
    context = series_context(score, case_for(patient, as_of))
    context |= {"patient": patient, "back": address, "fragment": bool(request.htmx)}
    template = "patients/_score_series.html" if request.htmx else "patients/score.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def series_context(key: str, case) -> dict:
    spec = SPECS[key]
    series = score_series(case, key)
    given = [(at, found) for at, found in series if not found.reason]
    sources = {d.id: _source(d) for d in case.draws}
    rows = [{"at": at, "score": found, "value": value_text(found)} for at, found in reversed(series)]
    return {
        "key": key,
        "name": spec.name,
        "as_of": case.as_of,
        "figure": score_figure(key, series, case.as_of, sources),
        "figure_id": f"figure-{key}",
        "rows": rows,
        "notes": _notes(spec, series, given, sources),
        "in_words": _in_words(spec, given),
        "empty": f"{spec.name} could not be calculated at any draw." if series else "Nothing measured yet.",
        "knowledge_version": knowledge.VERSION,
    }


def _source(draw) -> str:
    """Laboratory and method of a draw's INR."""
    inr = draw.result("INR")
    method = ((inr.method if inr else "") or draw.method).strip().replace("_", " ")
    return " · ".join(part for part in (draw.laboratory.strip(), method) if part)


def _notes(spec, series, given, sources) -> list[str]:
    notes = [spec.words]
    laboratories = {inr_source(found, sources).casefold() for _, found in given} - {""}
    if len(laboratories) > 1:
        notes.append("The line breaks where the laboratory of the INR changes: INR differs between them.")
    if len(given) < len(series):
        notes.append(f"{len(series) - len(given)} of {len(series)} draws give no value: the table says why.")
    if len(series) == LIMITS.series_length:
        notes.append(f"Only the latest {LIMITS.series_length} draws are evaluated.")
    return notes


def _in_words(spec, given) -> str:
    if not given:
        return ""
    ends = dict.fromkeys(value_text(found) for _, found in (given[0], given[-1]))
    values = counted(len(given), "value")
    return f"{spec.name} over time: {' to '.join(ends)}, {values}. The table below holds every value."


urls = [path("patients/<uuid:uuid>/scores/<slug:score>/", score, name="score")]
