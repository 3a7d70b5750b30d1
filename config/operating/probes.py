"""Probes ask without TLS and by the machine's number: they are answered before HTTPS and host names are looked at."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config.operating import health, metrics

VIEWS = {f"/{one.pattern}": one.callback for one in (*health.urls, *metrics.urls)}


METRICS = f"/{metrics.urls[0].pattern}"


class AnswerProbes:
    """Without a session and without a page. Numbers that nobody may have are a page that does not exist."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == METRICS and not settings.METRICS_TOKEN:
            return self.get_response(request)
        return VIEWS.get(request.path_info, self.get_response)(request)
