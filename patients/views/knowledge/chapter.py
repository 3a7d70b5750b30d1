"""One chapter of the knowledge, which is one data file: `/knowledge/chapters/NAME/`."""

from itertools import islice

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from interpretation import knowledge as known
from patients.presenters.knowledge import chapters, counts, digest
from patients.views.knowledge.entries import entries_html


@login_required
@require_safe
def chapter(request: HttpRequest, name: str) -> HttpResponse:
    found = chapters.chapter(name)
    if found is None:
        raise Http404("No chapter of the knowledge has this name.")
    entries = [entry for section in found.sections for entry in section.entries]
    written = iter(entries_html(entries, request.user))
    context = {
        "chapter": found,
        "sections": [(section, list(islice(written, len(section.entries)))) for section in found.sections],
        "counts": counts((found.file,)),
        "version": known.VERSION,
        "digest": digest(),
    }
    return render(request, "patients/knowledge_chapter.html", context)


urls = [path("knowledge/chapters/<slug:name>/", chapter, name="knowledge-chapter")]
