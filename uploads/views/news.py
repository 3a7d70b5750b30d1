"""What a message says of a person and nobody takes unasked: a person decides."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.permissions import Can, clinics_of, require, require_any
from patients.actions.errors import Refused
from uploads.identity.news import decide_news
from uploads.models import PersonNews
from uploads.views.names import show_waiting


@require_POST
@login_required
def news_decide(request: HttpRequest, news: UUID) -> HttpResponse:
    found = PersonNews.objects.filter(uuid=news, clinic__in=clinics_of(request.user))
    asked = found.select_related("clinic").first()
    if asked is None:
        raise Http404
    require(request.user, Can.UPLOAD, asked.clinic)
    choice, reason = request.POST.get("choice", ""), request.POST.get("reason", "")
    try:
        if choice not in ("take", "refuse"):
            raise Refused("Choose whether it is one person.")
        done = decide_news(news=asked, by=request.user, take=choice == "take", reason=reason)
    except Refused as refusal:
        typed = {"question": None, "news": asked.pk, "choice": choice, "reason": reason}
        typed["sentence"] = f"Nothing was decided. {refusal.sentence}"
        return show_waiting(request, require_any(request.user, Can.UPLOAD), typed)
    messages.success(request, f"Decided: {done}")
    return redirect("uploads:waiting")


urls = [path("waiting/people/<uuid:news>/decide/", news_decide, name="news-decide")]
