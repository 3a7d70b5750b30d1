"""The worklist: `/`."""

from dataclasses import replace
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import log_accesses
from accounts.models import Clinic, User
from accounts.permissions import Can, clinics_of, clinics_with
from interpretation.record.records import DIAGNOSIS_KINDS
from patients import searches
from patients.actions.assess import assess
from patients.imprints.frame import framed
from patients.imprints.worklist import ListShown, filters_written, row_of
from patients.plugins import Column, Sort, annotations_of, columns_for, parts_of_worklist
from patients.presenters.worklist.filters import capped, filters_of, grouped, others_of, picked, shown_of
from patients.presenters.worklist.rows import is_expired
from patients.views.silent.plain_list import plain_list
from patients.words import DIAGNOSIS_NAMES
from patients.worklist import ALL, DEFAULT_SORT, WorklistPage, WorklistState, counts, page


@login_required
@require_safe
def worklist(request: HttpRequest) -> HttpResponse:
    if elsewhere := _elsewhere(request):
        return redirect(elsewhere)
    now, (state, ended) = timezone.now(), _state(request)
    clinics, silent = _by_silence(request.user)
    if plain := _plain(state, clinics, silent):
        return plain_list(request, state, ended, plain, now)
    context = _context(request, state, clinics, now) | {"search_ended": ended}
    # htmx asks for the list alone; a page taken from its own history is asked for whole.
    part = request.htmx and not request.htmx.history_restore_request
    text = render_to_string("patients/_worklist.html", context, request)
    if not part:
        links = [(one.name, state.to(clinic=one.code)) for one in silent]
        body = mark_safe(render_to_string("patients/_silent_links.html", {"links": links}) + text)
        text = framed(request, "patients/worklist.html", searched=state.q, body=body)
    response = HttpResponse(text)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _context(request: HttpRequest, state: WorklistState, clinics: list[Clinic], now: datetime) -> dict:
    """The rows that the address asks for, whose names are logged as seen, and what leads on from them."""
    columns = columns_for(several=len(clinics) > 1)
    found = _read_again(state, clinics, now, annotations_of(columns))
    number = counts(state, clinics, now)
    filters = filters_of(state, number)
    by_id = {clinic.pk: clinic for clinic in clinics}
    listed = ListShown(several=len(clinics) > 1, contact=bool(state.contact))
    context = {
        "state": state,
        "rows": [row_of(one, by_id[one.clinic_id], now, request.user, listed) for one in found.rows],
        "heads": [_head(state, column) for column in columns],
        "parts": parts_of_worklist(),
        "several": listed.several,
        "total": capped(number["shown"]),
        "shown": shown_of(state, number),
        "others": others_of(number),
        "filters": filters,
        "groups": grouped(filters),
        "picked": picked(state, clinics),
        "nobody": number["everybody"] == 0,
        "being_assessed": capped(number.get("being_assessed", 0)),
        "kept": {name: value for name, value in state.fields().items() if name in KEPT},
        "diagnoses": [(kind, DIAGNOSIS_NAMES[kind]) for kind in DIAGNOSIS_KINDS],
        "clear_search": state.to(q="", search="", show=""),
        "everybody": WorklistState(show=ALL).query(),
        "wider": state.to(show=ALL),
        "call_list": reverse("patients:call-list")
        + state.to(contact=False, sort=DEFAULT_SORT, reverse=False),
        "earlier": state.to(before=found.rows[0].patient.uuid) if found.earlier and found.rows else "",
        "later": state.to(after=found.rows[-1].patient.uuid) if found.later else "",
        "first": state.to() if found.earlier else "",
    }
    log_accesses(user=request.user, patients=[one.patient for one in found.rows], page="worklist")
    return context | {"filters_written": filters_written(context, clinics, now)}


def _by_silence(user: User) -> tuple[list[Clinic], list[Clinic]]:
    """The user's clinics: those that show readings, and the silent ones."""
    clinics = clinics_of(user)
    return [one for one in clinics if not one.is_silent], [one for one in clinics if one.is_silent]


def _plain(state: WorklistState, clinics: list[Clinic], silent: list[Clinic]) -> list[Clinic]:
    """The silent clinics whose patients are listed by name: the one asked for, all where there are no others."""
    return [one for one in silent if one.code == state.clinic] or ([] if clinics else silent)


def _elsewhere(request: HttpRequest) -> str:
    """Where this page leads at once: who reads no record reads the log of looks. An address of before has a
    name in it, and nobody keeps one."""
    if request.GET.get("q"):
        return _address(request, request.GET.dict())
    is_officer = not clinics_of(request.user) and clinics_with(request.user, Can.READ_AUDIT)
    return reverse("accounts:access") if is_officer else ""


@login_required
@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """What was typed goes into the session, and its id into the address."""
    return redirect(_address(request, request.POST.dict()))


def _address(request: HttpRequest, given: dict[str, str]) -> str:
    state = WorklistState.of({**given, "search": ""}, me=request.user.pk)
    kept = searches.keep(request, state.q) if state.q else ""
    return reverse("patients:worklist") + state.to(search=kept)


def _read_again(state: WorklistState, clinics: list[Clinic], now: datetime, more: dict) -> WorklistPage:
    """The page asked for. Rows that time alone has made untrue are assessed first, as many as a page holds;
    what comes up in their place is marked."""
    found = page(state, clinics, now, more=more)
    expired = [row.pk for row in found.rows if is_expired(row, now)]
    if not expired:
        return found
    assess(expired)
    return page(state, clinics, now, more=more)


def _state(request: HttpRequest) -> tuple[WorklistState, bool]:
    """What is asked for, and whether its search has ended with its session: who searched meant everybody."""
    state = WorklistState.of(searches.asked(request), me=request.user.pk)
    ended = "search" in request.GET and not state.search
    return (replace(state, show=ALL) if ended else state.opened()), ended


# What the small form of diagnosis and clinic keeps of the address.
KEPT = (
    "search",
    "show",
    "urgency",
    "grade",
    "overdue",
    "causes",
    "anticoagulant",
    "review",
    "contact",
    "mine",
    "left_out",
    "sort",
)


def _head(state: WorklistState, column: Column) -> dict:
    """The heading of a column: its title, or links that sort by it."""
    sorts = [_sort(state, sort) for sort in column.sorts]
    order = next((sort["order"] for sort in sorts if sort["order"]), "")
    return {"column": column, "sorts": sorts, "order": order}


def _sort(state: WorklistState, sort: Sort) -> dict:
    """A sort link; pressed again it turns the order round."""
    on = state.sort == sort.name
    turned = {"ascending": "descending", "descending": "ascending"}[sort.order]
    return {
        "key": sort.name,
        "label": sort.label,
        "order": (turned if state.reverse else sort.order) if on else "",
        "address": state.to(sort=sort.name, reverse=on and not state.reverse),
    }


urls = [path("", worklist, name="worklist"), path("search/", search, name="search")]
