"""Add, correct, withdraw and restore a draw; check a row of the form while someone types."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Can
from interpretation.words import hour
from patients.access import patient_for
from patients.actions import draws
from patients.actions.errors import AlreadyEntered, Refused, Stale
from patients.forms import rows as form_rows
from patients.forms.buttons import pressed, set_now
from patients.forms.draws import DrawForm
from patients.forms.memory import Memory, known_laboratories, remember
from patients.models import Draw, Patient
from patients.report.panel import drawn_at
from patients.views.entry import REFUSED, show, stored, take_newer, withdraw
from patients.words import full_day


@login_required
@require_http_methods(["GET", "POST"])
def draw_add(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="draw-add")
    form, context = _new_form(request, patient)
    if request.method == "POST" and not pressed(form, context["memory"]) and form.is_valid():
        try:
            fields = _fields(form) | {"anticoagulant": form.said}
            draws.add_draw(patient=patient, by=request.user, readings=form.readings, **fields)
            return stored(request, patient, "The draw is stored.")
        except AlreadyEntered:
            return stored(request, patient, "This draw was already entered; nothing was stored twice.")
        except Refused as refusal:
            _refuse(form, refusal, context)
    return _show(request, form, context)


@login_required
@require_http_methods(["GET", "POST"])
def draw_edit(request: HttpRequest, uuid, draw) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="draw-edit")
    draw = get_object_or_404(patient.draws.select_related("withdrawn_by"), uuid=draw)
    if draw.withdrawn_at:
        return _show_withdrawn(request, patient, draw)
    form, context = _edit_form(request, patient, draw)
    if request.method == "POST" and not pressed(form, context["memory"]) and form.is_valid():
        try:
            _correct(request, draw, form)
            return stored(request, patient, "The corrected draw is stored.")
        except Stale as error:
            context |= {"stale": error, "differences": take_newer(form, draw)}
            _set_beside(form, patient, draw)
        except Refused as refusal:
            draw.refresh_from_db()
            _refuse(form, refusal, context)
    return _show(request, form, context)


@login_required
@require_POST
def draw_check(request: HttpRequest, uuid) -> HttpResponse:
    """What to say about one row while someone types; nothing is stored and no focus moves."""
    patient = patient_for(request.user, uuid, Can.ENTER, page="")
    # It may be answered when the draw is stored already: to say so is the page's that comes then.
    request.is_aside = True
    draw = _draw_named(patient, request.GET.get("draw", ""))
    form = _edit_form(request, patient, draw)[0] if draw else _new_form(request, patient)[0]
    if request.GET.get("row") == "taken_at":
        return _check_time(request, form)
    if request.GET.get("row") == "laboratory":
        return render(request, "patients/_draw_limits_all.html", {"form": form})
    row = next((row for row in form.rows if row.key == request.GET.get("row")), None)
    if row is None:
        return HttpResponse(status=404)
    form.is_valid()
    context = {
        "row": row,
        "others": form_rows.dependent_rows(form.rows, row.key),
        # Sent only when they followed the unit: whoever types a limit keeps the cursor.
        "limits_moved": row.was != request.POST.get(f"{row.key}-was", ""),
    }
    return render(request, "patients/_draw_checked.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def draw_withdraw(request: HttpRequest, uuid, draw) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="draw-withdraw")
    draw = get_object_or_404(patient.draws.current(), uuid=draw)

    def act(data: dict) -> str:
        draws.withdraw_draw(draw=draw, by=request.user, reason=data["reason"])
        return "The draw is withdrawn. It can be restored."

    taken_at = drawn_at(draw, patient.clinic.zone)
    address = reverse("patients:draw-withdraw", args=[uuid, draw.uuid])
    return withdraw(request, patient, f"the draw of {full_day(taken_at)}, {hour(taken_at)}", act, address)


@login_required
@require_POST
def draw_restore(request: HttpRequest, uuid, draw) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="draw-restore")
    draw = get_object_or_404(patient.draws.select_related("withdrawn_by"), uuid=draw)
    try:
        draws.restore_draw(draw=draw, by=request.user)
    except AlreadyEntered:
        return stored(request, patient, "The draw is not withdrawn.")
    except Refused as refusal:
        draw.refresh_from_db()
        return _show_withdrawn(request, patient, draw, refusal.sentence)
    return stored(request, patient, "The draw is restored.")


def _check_time(request: HttpRequest, form: DrawForm) -> HttpResponse:
    """How the time is read; the button "Now" fills it too. What is asked of a result may hang on it."""
    fills = "now" in request.POST
    if fills:
        set_now(form)
    form.is_valid()
    # Whoever has ticked a row keeps the tick.
    others = [row for row in form.rows if row.value.strip() and not row.is_confirmed]
    context = {"form": form, "fills": fills, "others": others}
    return render(request, "patients/_draw_time_checked.html", context)


def _draw_named(patient: Patient, name: str) -> Draw | None:
    try:
        return patient.draws.filter(uuid=UUID(name)).first()
    except ValueError:
        return None


def _new_form(request: HttpRequest, patient: Patient) -> tuple[DrawForm, dict]:
    memory = remember(patient)
    rows = form_rows.new_rows(patient, memory, memory.laboratory)
    if request.method == "POST":
        form_rows.bind_rows(rows, request.POST, patient, memory)
    initial = {"laboratory": memory.laboratory}
    form = DrawForm(request.POST or None, patient=patient, rows=rows, initial=initial)
    address = reverse("patients:draw-add", args=[patient.uuid])
    return form, _context(patient, form, memory, "Add a draw", address)


def _edit_form(request: HttpRequest, patient: Patient, draw: Draw) -> tuple[DrawForm, dict]:
    memory = remember(patient, before=draw)
    rows = form_rows.stored_rows(patient, memory, draw)
    if request.method == "POST":
        form_rows.bind_rows(rows, request.POST, patient, None)
    else:
        form_rows.read_rows(rows, patient, draw.taken_at, draw)
        form_rows.confirm_stored(rows)
    form = DrawForm(request.POST or None, patient=patient, rows=rows, draw=draw, initial=_initial(draw))
    address = reverse("patients:draw-edit", args=[patient.uuid, draw.uuid])
    context = _context(patient, form, memory, "Correct the draw", address)
    context["check_address"] += str(draw.uuid)
    return form, context | {
        "draw": draw,
        "withdraw_address": reverse("patients:draw-withdraw", args=[patient.uuid, draw.uuid]),
    }


def _context(patient: Patient, form: DrawForm, memory: Memory, title: str, address: str) -> dict:
    return {
        "patient": patient,
        "form": form,
        "memory": memory,
        "title": title,
        "address": address,
        "check_address": reverse("patients:draw-check", args=[patient.uuid]) + "?draw=",
        "laboratories": known_laboratories(patient.clinic, memory),
    }


def _initial(draw: Draw) -> dict:
    marks = draw.patient.events.current().filter(kind="bad_sample", started_at=draw.taken_at)
    label = marks.values_list("label", flat=True).first()
    return {
        "taken_at": drawn_at(draw, draw.patient.clinic.zone),
        "no_hour": not draw.hour_known,
        "laboratory": draw.laboratory,
        "method": draw.method,
        "note": draw.note,
        "sample_problem": "" if label is None else label or "Other",
        "version": draw.version,
    }


def _fields(form: DrawForm) -> dict:
    names = ("taken_at", "laboratory", "method", "note", "sample_problem")
    return {name: form.cleaned_data[name] for name in names}


def _correct(request: HttpRequest, draw: Draw, form: DrawForm) -> None:
    draws.correct_draw(
        draw=draw,
        by=request.user,
        version=form.cleaned_data["version"] or 0,
        readings=form.readings,
        reason=form.cleaned_data["reason"],
        **_fields(form),
    )


def _refuse(form: DrawForm, refusal: Refused, context: dict) -> None:
    if refusal.field == "bilirubin_direct":
        form_rows.refuse_parts(form.rows, refusal.sentence)
        return
    said = form.anticoagulant
    (said if said and refusal.field in said.fields else form).refuse(refusal.sentence, refusal.field)
    context["in_the_way"] = refusal.row


def _set_beside(form: DrawForm, patient: Patient, draw: Draw) -> None:
    """Beside each row that differs: what is stored now."""
    memory = remember(patient, before=draw)
    stored_now = {row.key: row for row in form_rows.stored_rows(patient, memory, draw)}
    for row in form.rows:
        now = stored_now[row.key]
        if (now.value, now.unit if now.value else "") != (
            row.value.strip(),
            row.unit if row.value.strip() else "",
        ):
            row.stored_now = now.shown if now.value else "no result"


def _show(request: HttpRequest, form: DrawForm, context: dict) -> HttpResponse:
    refused = request.method == "POST" and not form.comes_back
    context |= {"refused": refused and "stale" not in context}
    return show(request, "draw_form", context, status=REFUSED if refused else 200)


def _show_withdrawn(request: HttpRequest, patient: Patient, draw: Draw, refusal: str = "") -> HttpResponse:
    context = {
        "patient": patient,
        "draw": draw,
        "title": "Withdrawn draw",
        "refusal": refusal,
        "address": reverse("patients:draw-restore", args=[patient.uuid, draw.uuid]),
    }
    return show(request, "draw_withdrawn", context, status=REFUSED if refusal else 200)


urls = [
    path("patients/<uuid:uuid>/draws/add/", draw_add, name="draw-add"),
    path("patients/<uuid:uuid>/draws/check/", draw_check, name="draw-check"),
    path("patients/<uuid:uuid>/draws/<uuid:draw>/", draw_edit, name="draw-edit"),
    path("patients/<uuid:uuid>/draws/<uuid:draw>/withdraw/", draw_withdraw, name="draw-withdraw"),
    path("patients/<uuid:uuid>/draws/<uuid:draw>/restore/", draw_restore, name="draw-restore"),
]
