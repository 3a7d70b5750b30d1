"""Entries of the knowledge as they are written on its pages: once, as it does not change while the server runs."""

from functools import cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from interpretation.catalogue import KnowledgeEntry, KnowledgeFile
from patients.presenters.knowledge import digest, files, named, uses
from patients.presenters.knowledge.chapters import entry_address


@cache
def entry_html(entry: KnowledgeEntry) -> SafeString:
    context = {
        "entry": entry,
        "address": entry_address(entry.anchor),
        "sources": [(entry_address(source), named(source)) for source in entry.sources],
        "uses": [(use.words, entry_address(use.anchor) if use.anchor else "") for use in uses(entry)],
    }
    return mark_safe(render_to_string("patients/_knowledge_entry.html", context))


@cache
def titles_html(file: KnowledgeFile) -> SafeString:
    """The titles of a chapter's entries. Each bears the anchor, to which older links of this page lead."""
    titles = [(entry.anchor, entry.title, entry_address(entry.anchor)) for entry in file.entries]
    return mark_safe(render_to_string("patients/_knowledge_titles.html", {"titles": titles}))


def write_all() -> None:
    """Before serving, so that nobody waits for it."""
    digest()
    for file in files():
        titles_html(file)
        for entry in file.entries:
            entry_html(entry)
