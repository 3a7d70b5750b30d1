"""A disk that is nearly full: said to administrators on each page, and refused in time what would fill it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.functional import SimpleLazyObject

from config import errors
from uploads import room
from uploads.interfaces import fhir

SAVING = ("POST", "PUT", "PATCH", "DELETE")
# What takes files in. Messages are answered where they are read (uploads.interfaces).
TAKING = {"uploads:list", "uploads:store", "uploads:again", "uploads:replay", "uploads:names"}
# Whoever is not signed in reads nothing; to sign in or out writes little.
ALWAYS = "/accounts/"
MESSAGES = "hl7"


class RefuseWhenFull:
    """Before anything is written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAVING and not request.path_info.startswith(ALWAYS):
            refusal = _refusal(request)
            if refusal is not None:
                return refusal
        return self.get_response(request)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    disk, name = room.disk(), _name(request.path_info)
    if name == MESSAGES or not (disk.is_full or (disk.is_short and name in TAKING)):
        return None
    if name.startswith("fhir"):
        return fhir.outcome(507, room.NO_ROOM)
    return errors.no_room(request, takes_some=not disk.is_full)


def _name(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def on_page(request: HttpRequest) -> dict:
    """Looked at where a page shows it."""
    return {"disk": SimpleLazyObject(room.disk)}
