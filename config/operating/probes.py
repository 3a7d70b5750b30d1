"""Probes ask without TLS and by the machine's number: they are answered before HTTPS and host names are looked at."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import resolve, reverse_lazy

from config.operating import health, metrics

METRICS = reverse_lazy("metrics")
PATHS = {f"/{one.pattern}" for one in (*health.urls, *metrics.urls)}


class AnswerProbes:
    """Without a session and without a page. Numbers that nobody may have are a page that does not exist."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path not in PATHS or (path == METRICS and not settings.METRICS_TOKEN):
            return self.get_response(request)
        # As Django would: by its name it is counted.
        request.resolver_match = resolve(path)
        return request.resolver_match.func(request)
