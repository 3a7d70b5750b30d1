"""Where each sentence and number comes from: `/knowledge/`."""

from functools import cache

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from interpretation import knowledge as known
from interpretation.catalogue import SURENESS, KnowledgeEntry
from interpretation.usage import USAGE
from patients.presenters.knowledge import REVIEWS, KnowledgeFilter, counts, digest, files, found, named, uses

ABOUT = ("X_source_document", "X_decision_support")
USAGE.cites(__name__, ABOUT)


@login_required
@require_safe
def knowledge(request):
    state = KnowledgeFilter.of(request.GET)
    chosen = found(state)
    shown = sum(len(entries) for _, entries in chosen)
    context = {
        "state": state,
        "version": known.VERSION,
        "digest": digest(),
        "about": [known.statement(id).text for id in ABOUT],
        "counts": counts(files()),
        "shown": shown,
        "sections": [(file, [entry_html(entry) for entry in entries]) for file, entries in chosen],
        "chips": list(_chips(state)),
    }
    part = request.htmx and not request.htmx.history_restore_request
    template = "patients/_knowledge_found.html" if part else "patients/knowledge.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@cache
def entry_html(entry: KnowledgeEntry) -> SafeString:
    """Knowledge does not change while the server runs: each entry is written once."""
    context = {
        "entry": entry,
        "sources": [(source, named(source)) for source in entry.sources],
        "uses": uses(entry),
    }
    return mark_safe(render_to_string("patients/_knowledge_entry.html", context))


def _chips(state: KnowledgeFilter):
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
