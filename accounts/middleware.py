import time

from django.conf import settings

RENEWED_AT = "renewed_at"


class RenewSession:
    """Keeps whoever is at work signed in, with one write in a while instead of one a request.

    A window that asks by itself whether something is new (X-Poll) is nobody at work.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        at_work = request.user.is_authenticated and "X-Poll" not in request.headers
        if at_work and _is_due(request.session.get(RENEWED_AT, 0)):
            request.session[RENEWED_AT] = int(time.time())
        return self.get_response(request)


def _is_due(renewed_at: int) -> bool:
    return time.time() - renewed_at > settings.SESSION_COOKIE_AGE / 60
