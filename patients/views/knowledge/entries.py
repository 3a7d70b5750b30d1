"""Entries of the knowledge as they are written on its pages: once, as it does not change while the server runs."""

from collections.abc import Iterable
from functools import cache, lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from accounts.permissions import clinics_of
from interpretation.catalogue import KnowledgeEntry, KnowledgeFile
from patients.presenters.knowledge import digest, files, named, uses
from patients.presenters.knowledge.chapters import entry_address
from patients.presenters.knowledge.signed import SignedLine, lines_by_anchor
from patients.review.signatures import stances_of

# Each entry in a few states of its signatures: what is no longer asked for goes.
KEPT = 4000


def entries_html(entries: Iterable[KnowledgeEntry], user: User) -> list[SafeString]:
    """With who signed each, as far as this reader may know the names; one query."""
    entries = list(entries)
    signed = lines_by_anchor(entries, stances_of(entries), clinics_of(user))
    return [entry_html(entry, signed[entry.anchor]) for entry in entries]


@lru_cache(KEPT)
def entry_html(entry: KnowledgeEntry, signed: tuple[SignedLine, ...] = ()) -> SafeString:
    context = {
        "entry": entry,
        "signed": signed,
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
