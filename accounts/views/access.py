"""Who looked at whom, for clinic administrators and privacy officers."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.looks import Look, LookChoice, LookPlace, all_looks, looks_in, people_of, period, visits_to
from accounts.models import Clinic
from accounts.permissions import Can, require_any

COLUMNS = ("at", "user", "name", "clinic", "page", "list of", "patient", "mrn")


@dataclass(frozen=True)
class LooksAsked:
    """What an address asks for; no MRN stands in it."""

    person: str = ""
    patients: tuple[UUID, ...] = ()
    visits: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    before: LookPlace | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> "LooksAsked":
        given = request.GET
        try:
            before = LookPlace.read(given["before"]) if given.get("before") else None
            patients = tuple(UUID(text) for text in given.getlist("patient"))
            period(UTC, given.get("from", ""), given.get("to", ""))
        except (ValueError, OverflowError):
            raise Http404 from None
        visits = tuple(given.getlist("visit"))
        return cls(
            given.get("person", ""), patients, visits, given.get("from", ""), given.get("to", ""), before
        )

    def choice(self, clinics: list[Clinic]) -> LookChoice:
        """Days are those of the first clinic's time zone."""
        since, until = period(clinics[0].zone, self.first, self.last)
        return LookChoice(tuple(clinics), self.person, self.patients, self.visits, since, until)

    def address(self, name: str = "accounts:access") -> str:
        given = {
            "person": self.person,
            "patient": self.patients,
            "visit": self.visits,
            "from": self.first,
            "to": self.last,
        }
        given = {key: value for key, value in (given | {"before": self.before}).items() if value}
        return reverse(name) + ("?" + urlencode(given, doseq=True) if given else "")

    @property
    def is_chosen(self) -> bool:
        return self != LooksAsked(before=self.before)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def access(request: HttpRequest) -> HttpResponse:
    clinics = require_any(request.user, Can.READ_AUDIT)
    if request.method == "POST":
        return _find(request, clinics)
    asked = LooksAsked.of(request)
    looks, more = looks_in(asked.choice(clinics), asked.before)
    context = {
        "looks": looks,
        "people": people_of(clinics),
        "asked": asked,
        "several": len(clinics) > 1,
        "file": replace(asked, before=None).address("accounts:access-csv"),
        "older": replace(asked, before=more).address() if more else "",
    }
    return render(request, "accounts/access.html", context)


def _find(request: HttpRequest, clinics: list[Clinic]) -> HttpResponse:
    """From an MRN to the address with the patient's public identifier: no MRN in addresses."""
    given = {name: request.POST.get(name, "").strip() for name in ("mrn", "person", "from", "to")}
    # Withdrawn patients too: looks at them are looks.
    found = tuple(uuid for clinic in clinics for uuid in _with_mrn(clinic, given["mrn"]))
    visits = visits_to(clinics, given["mrn"])
    if given["mrn"] and not found and not visits:
        messages.error(request, "No patient of your clinics has this MRN.")
    asked = LooksAsked(given["person"], found, visits, given["from"], given["to"])
    try:
        period(UTC, asked.first, asked.last)
    except (ValueError, OverflowError):
        messages.error(request, "Give days as 2026-11-30, or leave them empty.")
        asked = replace(asked, first="", last="")
    return redirect(asked.address())


def _with_mrn(clinic: Clinic, mrn: str) -> list[UUID]:
    return list(clinic.patients.filter(mrn=mrn).values_list("uuid", flat=True))


@require_safe
@login_required
def access_csv(request: HttpRequest) -> StreamingHttpResponse:
    """One line for each patient of each look, the latest first."""
    clinics = require_any(request.user, Can.READ_AUDIT)
    choice = LooksAsked.of(request).choice(clinics)
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    lines = (writer.writerow(row) for look in all_looks(choice) for row in _rows(look))
    head = "\ufeff" + writer.writerow(COLUMNS)
    response = StreamingHttpResponse(_with_head(head, lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="looks.csv"'
    return response


def _with_head(head: str, lines: Iterator[str]) -> Iterator[str]:
    yield head
    yield from lines


def _rows(look: Look) -> Iterator[list[str]]:
    at = look.at.astimezone(UTC).isoformat(timespec="seconds")
    count = str(look.count) if look.is_list else ""
    same = [at, look.user.username, str(look.user), look.clinic.code, look.page, count]
    for one in look.people:
        yield [_harmless(cell) for cell in (*same, one.name, one.mrn)]


def _harmless(cell: str) -> str:
    """A spreadsheet must not run a name as a formula."""
    return f"'{cell}" if cell[:1] in tuple("=+-@\t\r\n") else cell


class _Echo:
    """A file that gives back what is written."""

    def write(self, text: str) -> str:
        return text


urls = [path("access/", access, name="access"), path("access/looks.csv", access_csv, name="access-csv")]
