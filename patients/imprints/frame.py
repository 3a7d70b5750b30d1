"""Imprints of what is around a page: head, bar and foot, the same for everybody who may do the same.

Whose page it is, of whom, and what it says in between are slots, filled each time.
"""

import secrets
from datetime import timedelta

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import conditional_escape

from accounts.context import staff
from patients.context import notices

from .memory import MEMORY, Key, Made
from .page import TOKEN

# Of what no imprint depends on but its key.
LONG = timedelta(days=1)
SECRET = secrets.token_hex(16)


def slot(name: str) -> str:
    """Stands where it is filled; nobody can type it."""
    return f"{SECRET}-{name}-"


class Somebody:
    """Who is signed in, in a frame for all: a slot wherever a template names the person."""

    is_authenticated = True
    pk = slot("pk")
    get_username = slot("username")

    def __str__(self) -> str:
        return slot("person")


def framed(request: HttpRequest, template: str, **slots: str) -> str:
    """`template` with each of `slots` where it names it, for whoever is signed in: the longest as the last."""
    if get_messages(request):
        # Said once, to one person.
        return render_to_string(template, slots, request)
    given = {**staff(request), "notices": notices(request)["notices"]}

    def make() -> Made:
        places = {name: slot(name) for name in slots}
        context = {**given, **places, "user": Somebody(), "csrf_token": TOKEN}
        return render_to_string(template, context, request), now + LONG

    now, user = timezone.now(), request.user
    text = MEMORY.get(_key(request, template, given), now, make).replace(TOKEN, get_token(request))
    filled = {"pk": user.pk, "username": user.get_username(), "person": user, **slots}
    for name, value in filled.items():
        text = text.replace(slot(name), conditional_escape(value))
    return text


def _key(request: HttpRequest, template: str, given: dict) -> Key:
    """All that a frame tells of rights, clinics and notices."""
    told = given["notices"]
    return (
        "frame",
        template,
        request.resolver_match.view_name,
        *(name for name, may in given["can"].items() if may),
        *((clinic.pk, clinic.name) for clinic in given["clinics"]),
        given["is_demo"],
        given["silent"],
        given["passwords"],
        (told.untaken, told.late, told.hours),
    )
