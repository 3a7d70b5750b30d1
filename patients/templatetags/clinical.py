"""Words in templates: the filters ask `words`; the tags put sources and draws beside a sentence."""

import json
import re
from dataclasses import replace
from datetime import date, datetime
from functools import cache

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe

from interpretation import knowledge
from interpretation import words as core
from interpretation.catalogue.wording import statement_name
from interpretation.causes import may_be_considered
from interpretation.monitoring.repeat import due_at, due_by

from .. import words
from ..presenters.knowledge.chapters import entry_address

register = template.Library()

# "420 → 82 U/L (−80 %)", "1.2 → >8.0 (at least +567 %)"
# The text is escaped by then.
BOUND = r"(?:&lt;|&gt;|≤|≥)?"
NUMBERS = re.compile(rf"({BOUND}[\d.]+ → {BOUND}[\d.]+(?: U/L)?(?: \((?:at least )?[+−±]?\d+ %\))?)")
# Class of the shape, from the states of interpretation/monitoring.
STATE_CLASSES = {
    "up_to_date": "fine",
    "due_soon": "soon",
    "due": "due",
    "overdue": "overdue",
    "long_overdue": "overdue",
    "never_done": "never",
    "paused": "paused",
}
TRIAL_CLASSES = {"read": "fine", "waiting": "soon"}

register.filter(words.grade_word)
register.filter(words.verdict_word)
register.filter(words.state_word)
register.filter(words.discreet)


@register.filter
def left_out_because(reason: str) -> str:
    return words.LEFT_OUT_BECAUSE[reason]


@register.filter
def settled_by(plan: str) -> str:
    return words.SETTLED_BY[plan]


@register.filter
def attribution_word(attribution: str) -> str:
    return core.ATTRIBUTIONS[attribution]


@register.filter
def marker_word(marker) -> str:
    return words.marker_word(marker.state, marker.direction, has_value=marker.first is not None)


@register.filter
def trial_class(state: str) -> str:
    """Shape of a trial of vitamin K: answered, awaited, or no inference."""
    return TRIAL_CLASSES.get(state, "never")


@register.filter
def state_class(state: str) -> str:
    return STATE_CLASSES.get(state, "")


@register.filter
def day(at: date | None) -> str:
    """Times come in the clinic's zone already."""
    return core.day(at) if at else ""


@register.simple_tag
def cell_due(item, checklist, now: datetime) -> str:
    """ "over 18 h", "soon 3 Dec": the state of a line of the checklist where there is little room."""
    return words.cell_due(item.state, due_at(item.key, item.due_on, checklist.repeat), now)


@register.filter
def side_mark(side: str) -> str:
    return "+" if side == "for" else "−"


@register.filter
def item_short(name: str) -> str:
    """A test of the checklist where there is little room."""
    return words.ITEM_SHORT.get(name, name)


@register.filter
def short_day(at: date | None, now: date) -> str:
    return words.short_day(at, now) if at else ""


@register.filter
def moment(at: datetime | None) -> str:
    return core.moment(at) if at else ""


@register.filter(expects_localtime=True)
def local_day(at: date | None) -> str:
    """As `day`, of a time that is not yet in the zone of the page."""
    return day(at)


@register.filter(expects_localtime=True)
def local_moment(at: datetime | None) -> str:
    """As `moment`, of a time that is not yet in the zone of the page."""
    return moment(at)


@register.filter
def written_day(text: str) -> str:
    """ "2026-12-01" of a file as "1 Dec 2026"."""
    return day(date.fromisoformat(text))


@register.filter
def deadline(at: datetime) -> str:
    return core.deadline(at)


@register.simple_tag
def due_words(item, checklist, now: datetime) -> str:
    """ "due 6 h ago", "overdue 3 May": the state of a line of the checklist."""
    by = due_by(item.key, item.last_on, item.due_on, checklist.repeat, now)
    return words.due_words(item.state, item.due_on, by, now)


@register.filter
def after_headline(verdict) -> str:
    """The verdict's sentence without its headline, which is shown before it, with its numbers marked."""
    rest = verdict.sentence.removeprefix(verdict.headline).lstrip(":. ")
    return mark_safe(NUMBERS.sub(r'<span class="num">\1</span>', escape(core.upper_first(rest))))


@register.filter
def text(reason) -> str:
    """The sentence of a reason, whether it comes alone or with its sources."""
    return getattr(reason, "text", reason)


@register.simple_tag
def cite(sources) -> str:
    """The sources of a sentence, short; opened, each in full."""
    return _cited(tuple(sources or ()))


@cache
def _cited(sources: tuple[str, ...]) -> str:
    """Knowledge does not change while the server runs: each combination is written once."""
    if not sources:
        return ""
    # A link in what is opened, not beside each sentence: a page has a hundred citations, and each would be
    # one more stop on the way through it by keyboard.
    full = format_html_join(
        "",
        '<span><a href="{}">{}</a>: {}</span>',
        ((entry_address(id), name, line) for id, name, line in _in_full(sources)),
    )
    return format_html(
        '<details class="cite"><summary>{}</summary><span class="full">{}</span></details>',
        _in_short(sources),
        full,
    )


def _in_short(sources: tuple[str, ...]) -> str:
    """ "S3 · Dufour 2000": the numbers and the first publications; "our default" where there are none."""
    numbers, _, names = knowledge.sources_text(sources).rpartition(" · ")
    if not numbers and re.fullmatch(r"S\d+(, S\d+)*", names):
        numbers, names = names, ""
    known = words.publications(names)
    more = " and others" if len(known) > 2 else ""
    return " · ".join(filter(None, [numbers, ", ".join(known[:2]) + more])) or names


def _in_full(sources: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Id, name and text of each source. The id is its place in its chapter of the knowledge."""
    known = {reference.id: reference for reference in knowledge.references()}
    lines = []
    for source in sources:
        if source in known:
            lines.append((source, known[source].short, known[source].text))
            continue
        said = knowledge.statement(source)
        caveat = f" {said.caveat}" if said.caveat else ""
        through = ", ".join(known[id].short for id in said.sources if id in known)
        lines.append((said.id, statement_name(said.id), f"{said.text}{caveat} ({through})"))
    return lines


@register.simple_tag
def evidence(cause, quiet: bool = False) -> str:
    """What speaks for and against a cause in general and what settles it: the same for every patient."""
    return _evidence(replace(cause, review=None, verdict="", recorded=(), evidence=()), quiet)


@cache
def _evidence(cause, quiet: bool) -> str:
    return mark_safe(render_to_string("patients/_evidence.html", {"cause": cause, "quiet": quiet}))


@register.simple_tag
@cache
def verdict_choice(name: str, key: str, chosen: str) -> str:
    """The verdicts on a cause: written once for each cause and verdict, as there are twenty a page."""
    choices = [
        (verdict, word)
        for verdict, word in words.VERDICT_WORDS.items()
        if verdict != "considered" or may_be_considered(key)
    ]
    context = {"name": name, "chosen": chosen, "choices": choices}
    return mark_safe(render_to_string("patients/_verdict_choice.html", context))


@register.simple_tag(takes_context=True)
def rests_on(context, draws) -> str:
    """ "draws 4 to 14 Nov 2026", leading to those rows of the results."""
    links = context.get("draw_links")
    known = [draw for draw in draws or () if links and draw in links.times]
    if not known:
        return ""
    first, last = links.times[known[0]], links.times[known[-1]]
    text = f"draw {day(last)}" if len(known) == 1 else f"draws {words.short_days(first, last)}"
    address = "" if known[-1] in links.shown else links.elsewhere
    return format_html('<a class="rests" href="{}#draw-{}">{}</a>', address, known[-1], text)


@register.simple_tag
def compact_json(value, id: str) -> str:
    """As Django's json_script, without the spaces: figures are the largest part of a page."""
    written = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for sign, code in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        written = written.replace(sign, code)
    return format_html('<script id="{}" type="application/json">{}</script>', id, mark_safe(written))
