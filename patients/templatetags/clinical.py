"""Words and numbers as staff read them."""

import json
import re
from dataclasses import replace
from datetime import date, datetime
from functools import cache

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe

from interpretation import knowledge
from interpretation.catalogue.wording import statement_name
from interpretation.verdict import ATTRIBUTIONS

from ..numbers import percent
from ..words import DIAGNOSIS_NAMES, EVENT_NAMES, LEFT_OUT_BECAUSE

register = template.Library()

GRADE_WORDS = {
    "critical": "Critical",
    "established": "Established",
    "possible": "Possible",
    "not_interpretable": "Not interpretable",
    "none": "None",
    "not_assessable": "Not assessable",
}
# State and direction of a marker beside the verdict, as words.
MARKER_WORDS = {
    "agrees": "agrees",
    "disagrees": "disagrees",
    "within": "no real change",
    "not_measured": "not measured",
}
DIRECTION_WORDS = {"up": "up", "down": "down"}
VERDICT_WORDS = {"pending": "open", "excluded": "excluded", "contributing": "contributes"}
SETTLED_BY = {
    "answered": "blood was drawn since",
    "left_out": "left out of monitoring since",
    "died": "the patient died",
}
# "420 → 82 U/L (−80 %)"
NUMBERS = re.compile(r"([\d.]+ → [\d.]+(?: U/L)?(?: \([+−±]?\d+ %\))?)")
# Class of the shape and word, from the states of interpretation/monitoring.
STATES = {
    "up_to_date": ("fine", "up to date"),
    "due_soon": ("soon", "due soon"),
    "due": ("due", "due"),
    "overdue": ("overdue", "overdue"),
    "long_overdue": ("overdue", "long overdue"),
    "never_done": ("never", "never done"),
    "paused": ("paused", "paused"),
}


@register.filter
def grade_word(grade: str) -> str:
    return GRADE_WORDS.get(grade, "Not assessed")


@register.filter
def left_out_because(reason: str) -> str:
    return LEFT_OUT_BECAUSE[reason]


@register.filter
def settled_by(plan: str) -> str:
    """What became of a planned attempt, from `contacts.plan_state`."""
    return SETTLED_BY[plan]


@register.filter
def verdict_word(verdict: str) -> str:
    return VERDICT_WORDS.get(verdict, verdict)


@register.filter
def attribution_word(attribution: str) -> str:
    return ATTRIBUTIONS[attribution]


@register.filter
def trial_class(state: str) -> str:
    """Shape and word of a trial of vitamin K: answered, awaited, or no inference."""
    return {"read": "fine", "waiting": "soon"}.get(state, "never")


@register.filter
def marker_word(marker) -> str:
    """ "down, agrees"; a marker with two values that cannot be compared says so."""
    if marker.state == "not_measured" and marker.first is not None:
        return "cannot be compared"
    words = (DIRECTION_WORDS.get(marker.direction, ""), MARKER_WORDS[marker.state])
    return ", ".join(filter(None, words))


@register.filter
def state_class(state: str) -> str:
    return STATES.get(state, ("", state))[0]


@register.filter
def state_word(state: str) -> str:
    return STATES.get(state, ("", state))[1]


@register.filter
def day(moment: date | datetime | None) -> str:
    """ "14 Nov 2026". Times come in the clinic's zone already."""
    return f"{moment.day} {moment:%b %Y}" if moment else ""


@register.filter
def short_day(at: date | None, now: date) -> str:
    """ "14 Nov", with its year where that is not the year of `now`."""
    return "" if at is None else f"{at.day} {at:%b}" if at.year == now.year else day(at)


@register.filter
def moment(at: datetime | None) -> str:
    """ "14 Nov 2026, 07:10"."""
    return f"{at.day} {at:%b %Y, %H:%M}" if at else ""


@register.filter
def diagnosis_name(kind: str) -> str:
    return DIAGNOSIS_NAMES.get(kind, kind)


@register.filter
def event_name(kind: str) -> str:
    return EVENT_NAMES.get(kind, kind)


@register.filter(name="percent")
def percent_filter(value: float | None) -> str:
    return "" if value is None else percent(value)


@register.filter
def after_headline(verdict) -> str:
    """The verdict's sentence without its headline, which is shown before it, with its numbers marked."""
    rest = verdict.sentence.removeprefix(verdict.headline).lstrip(":. ")
    return mark_safe(NUMBERS.sub(r'<span class="num">\1</span>', escape(rest[:1].upper() + rest[1:])))


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
    address = reverse("patients:knowledge")
    # A link in what is opened, not beside each sentence: a page has a hundred citations, and each would be
    # one more stop on the way through it by keyboard.
    full = format_html_join(
        "",
        '<span><a href="{}#{}">{}</a>: {}</span>',
        ((address, id, name, line) for id, name, line in _in_full(sources)),
    )
    return format_html(
        '<details class="cite"><summary>{}</summary><span class="full">{}</span></details>',
        _in_short(sources),
        full,
    )


# What these say is said in full where the source is opened; beside each sentence it would be noise.
UNNAMED = {"source document", "general knowledge", "product default", "computed"}


def _in_short(sources: tuple[str, ...]) -> str:
    """ "S3 · Dufour 2000": the numbers and the first publications; "our default" where there are none."""
    numbers, _, names = knowledge.sources_text(sources).rpartition(" · ")
    if not numbers and re.fullmatch(r"S\d+(, S\d+)*", names):
        numbers, names = names, ""
    known = [name for name in names.split(", ") if name and name not in UNNAMED]
    more = " and others" if len(known) > 2 else ""
    return " · ".join(filter(None, [numbers, ", ".join(known[:2]) + more])) or names


def _in_full(sources: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Id, name and text of each source. The id is its place on the knowledge page."""
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
def verdict_choice(name: str, chosen: str) -> str:
    """The three verdicts on a cause: written once for each cause and verdict, as there are twenty a page."""
    choices = VERDICT_WORDS.items()
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
    words = f"draw {day(last)}" if len(known) == 1 else f"draws {_span(first, last)}"
    address = "" if known[-1] in links.shown else links.elsewhere
    return format_html('<a class="rests" href="{}#draw-{}">{}</a>', address, known[-1], words)


def _span(first: datetime, last: datetime) -> str:
    if first.date() == last.date():
        return f"{day(last)}, {first:%H:%M} to {last:%H:%M}"
    start = day(first)
    if first.year == last.year:
        start = f"{first.day}" if first.month == last.month else f"{first.day} {first:%b}"
    return f"{start} to {day(last)}"


@register.simple_tag
def compact_json(value, id: str) -> str:
    """As Django's json_script, without the spaces: figures are the largest part of a page."""
    written = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for sign, code in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        written = written.replace(sign, code)
    return format_html('<script id="{}" type="application/json">{}</script>', id, mark_safe(written))
