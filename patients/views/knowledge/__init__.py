"""Where each sentence and number comes from: `/knowledge/`, a list of chapters and a search over all of them."""

from collections.abc import Iterator
from itertools import islice

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.models import User
from interpretation import knowledge as known
from interpretation.catalogue import SURENESS
from interpretation.usage import USAGE
from patients.presenters.knowledge import counts, digest, files
from patients.presenters.knowledge.search import REVIEWS, KnowledgeFilter, found_page
from patients.presenters.knowledge.signatures import signed_counts
from patients.review.signatures import every_stance
from patients.views.knowledge.entries import entries_html, titles_html

ABOUT = ("X_source_document", "X_decision_support")
USAGE.cites(__name__, ABOUT)


@login_required
@require_safe
def knowledge(request: HttpRequest) -> HttpResponse:
    state = KnowledgeFilter.of(request.GET)
    context = {
        "state": state,
        "version": known.VERSION,
        "digest": digest(),
        "about": [known.statement(id).text for id in ABOUT],
        "counts": counts(files()),
        "chips": list(_chips(state)),
    }
    context |= _found(state, request.user) if state.filtered else _chapters()
    part = request.htmx and not request.htmx.history_restore_request
    template = "patients/_knowledge_found.html" if part else "patients/knowledge.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _found(state: KnowledgeFilter, user: User) -> dict:
    page = found_page(state)
    written = iter(entries_html([entry for _, entries in page.sections for entry in entries], user))
    sections = [(file, list(islice(written, len(entries)))) for file, entries in page.sections]
    return {"found": page, "sections": sections}


def _chapters() -> dict:
    chapters = [(file, counts((file,)), titles_html(file)) for file in files()]
    return {"chapters": chapters, "signed": signed_counts(every_stance())}


def _chips(state: KnowledgeFilter) -> Iterator[dict]:
    """Filters by how sure an entry is and whether it is reviewed; pressed again a filter is off."""
    total = counts(files())
    for level, word in SURENESS.items():
        number = total.sureness[level]
        if number or state.sure == level:
            on = state.sure == level
            yield _chip(level, word, number, on, state.to(sure="" if on else level))
    numbers = {"open": total.entries - total.reviewed, "done": total.reviewed}
    for review, word in REVIEWS.items():
        on = state.review == review
        yield _chip(review, word, numbers[review], on, state.to(review="" if on else review))


def _chip(key: str, word: str, number: int, on: bool, address: str) -> dict:
    return {"key": key, "word": word, "number": number, "on": on, "address": address}


urls = [path("knowledge/", knowledge, name="knowledge")]
