"""What a person says of a marked result: right as it stands, or another one of its minute counts."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.permissions import Can
from patients.access import patient_for
from patients.actions.draws import confirm_result, count_instead
from patients.actions.errors import Refused
from patients.models import Draw, Result
from patients.views.detail import again, saved


@login_required
@require_POST
def result_decide(request: HttpRequest, uuid, draw, analyte: str) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="result-decide")
    draw = get_object_or_404(patient.draws.current(), uuid=draw)
    result = _counting(draw, analyte, request.POST.get("method", ""))
    choice, _, reported = request.POST.get("choice", "").partition(" ")
    try:
        if choice == "other":
            count_instead(result=result, other=_rival(result, reported), by=request.user)
            done = f"{analyte}: {reported} counts instead, saved"
        elif choice == "right":
            confirm_result(result=result, by=request.user)
            done = f"{analyte}: confirmed as it stands, saved"
        else:
            raise Refused("Choose whether the result is right as it stands.")
    except Refused as refusal:
        return again(request, patient, refused={"marked": refusal.sentence})
    return saved(request, patient, "results", done)


def _counting(draw: Draw, analyte: str, method: str) -> Result:
    given = {"draw": draw, "analyte": analyte, "method": method}
    return get_object_or_404(Result, status__in=Result.COUNTING, **given)


def _rival(result: Result, reported: str) -> Result:
    """What else stands for the same test and minute, by what the laboratory wrote."""
    given = {"draw": result.draw, "analyte": result.analyte, "method": result.method}
    found = Result.objects.filter(status=Result.Status.SUPERSEDED, reported_value=reported, **given).last()
    if found is None:
        raise Http404
    return found


urls = [
    path(
        "patients/<uuid:uuid>/draws/<uuid:draw>/results/<slug:analyte>/decide/",
        result_decide,
        name="result-decide",
    ),
]
