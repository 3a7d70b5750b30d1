"""The addresses of the read API: /fhir/metadata, /fhir/TYPE, /fhir/TYPE/_search and /fhir/TYPE/ID."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import path, re_path, reverse

from uploads.interfaces import rates
from uploads.interfaces.senders import seen
from uploads.interfaces.tokens import Unwelcome, let_in
from uploads.models import Sender, TokenScope

from . import search
from .answers import Answer, endpoint, issue
from .capabilities import statement
from .resources import KINDS, FoundRows, ResourceKind

FORM = "application/x-www-form-urlencoded"
# Of every search, beside what its type is searched by.
_OF_RESULTS = frozenset(("_count", "_after", "_format"))


def metadata(request: HttpRequest) -> dict:
    return statement(request)


def read(request: HttpRequest, resource: str, id: str) -> dict:
    sender = _reader(request)
    return _kind(resource).read(sender, id)


def search_by_address(request: HttpRequest, resource: str) -> dict:
    sender = _reader(request)
    return _search(request, sender, _kind(resource), request.GET)


def search_by_form(request: HttpRequest, resource: str) -> dict:
    """As by the address, with nothing of a patient in it."""
    sender = _reader(request)
    if request.content_type != FORM:
        raise Answer(415, f"A search by form is sent as {FORM}.")
    query = request.GET.copy()
    query.update(request.POST)
    return _search(request, sender, _kind(resource), query)


def nothing(request: HttpRequest, rest: str) -> dict:
    raise Answer(404, "Nothing is served here. See /fhir/metadata.")


def _reader(request: HttpRequest) -> Sender:
    try:
        sender = let_in(request.headers.get("Authorization", ""), TokenScope.READ_FHIR)
    except Unwelcome as why:
        raise Answer(why.status, why.sentence, code=why.code) from None
    if wait := rates.wait_of(sender):
        raise Answer(
            429, f"More than {settings.SENDER_RATE} requests in a minute. Ask again in {wait} s.", wait
        )
    seen(sender)
    return sender


def _kind(name: str) -> ResourceKind:
    if name not in KINDS:
        raise Answer(404, "Nothing is served here. See /fhir/metadata.")
    return KINDS[name]


def _search(request: HttpRequest, sender: Sender, kind: ResourceKind, query: QueryDict) -> dict:
    """What is not understood is an error, unless who asks prefers otherwise (Prefer: handling=lenient)."""
    known = {*kind.parameters, *_OF_RESULTS, *(("_sort",) if kind.sorts else ())}
    unknown = sorted(set(query) - known)
    if unknown and not _is_lenient(request):
        raise search.UnclearSearch(search.unknown_name(unknown[0], known))
    query = query.copy()
    for name in unknown:
        del query[name]
    said = [issue(search.unknown_name(name, known), "not-supported", "warning") for name in unknown]
    return _bundle(request, kind, query, kind.search(query, sender), said)


def _is_lenient(request: HttpRequest) -> bool:
    preferred = request.headers.get("Prefer", "").replace(";", ",").split(",")
    return "handling=lenient" in {part.replace(" ", "").casefold() for part in preferred}


def _bundle(
    request: HttpRequest, kind: ResourceKind, query: QueryDict, found: FoundRows, said: list[dict]
) -> dict:
    base = request.build_absolute_uri(reverse("fhir-metadata")).removesuffix("metadata")
    links = [{"relation": "self", "url": f"{base}{kind.name}?{_as_asked(request, query)}"}]
    if found.after:
        links.append({"relation": "next", "url": f"{base}{kind.name}?{search.next_page(query, found.after)}"})
    entries = [
        {"fullUrl": f"{base}{kind.name}/{one['id']}", "resource": one, "search": {"mode": "match"}}
        for one in found.resources
    ]
    if said:
        outcome = {"resourceType": "OperationOutcome", "issue": said}
        entries.append({"resource": outcome, "search": {"mode": "outcome"}})
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": found.total, "link": links}
    return bundle | ({"entry": entries} if entries else {})


def _as_asked(request: HttpRequest, query: QueryDict) -> str:
    """What was understood of it. A number that came by form stays out of addresses."""
    is_by_form = request.method == "POST"
    pairs = ((name, value) for name, values in query.lists() for value in values)
    return urlencode([(name, value) for name, value in pairs if not (is_by_form and name == "identifier")])


urls = [
    path("metadata", endpoint(metadata), name="fhir-metadata"),
    path("<str:resource>", endpoint(search_by_address), name="fhir-search"),
    path("<str:resource>/_search", endpoint(search_by_form, ("POST",)), name="fhir-search-by-form"),
    path("<str:resource>/<str:id>", endpoint(read), name="fhir-read"),
    re_path(r"^(?P<rest>.*)$", endpoint(nothing), name="fhir-nothing"),
]
