import time

from django.conf import settings

RENEWED_AT = "renewed_at"


class RenewSession:
    """Keeps whoever is at work signed in, with one write in a while instead of one a request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated and _is_due(request.session.get(RENEWED_AT, 0)):
            request.session[RENEWED_AT] = int(time.time())
        return self.get_response(request)


def _is_due(renewed_at: int) -> bool:
    return time.time() - renewed_at > settings.SESSION_COOKIE_AGE / 60
