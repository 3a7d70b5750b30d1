"""A report as plain text for a terminal: what a reader needs, each sentence with its sources.

The words are those of the page; nothing is judged here. Lines are wrapped at 100 characters.
"""

import textwrap
from collections.abc import Iterable, Iterator
from datetime import datetime

from interpretation import knowledge
from interpretation.words import ATTRIBUTIONS, counted, day, moment
from patients.presenters.scores import InputLine, score_card
from patients.report.panel import Panel
from patients.values.display import Units

WIDTH = 100
INDENT = "  "
# Sections of the statements, in the order of the page.
MEANING = {"scenario": "Course", "meaning": "What this means"}


def text_report(panel: Panel, episodes: Iterable = (), *, with_episodes: bool = False) -> str:
    """The report of a panel in words: verdict, meaning, open causes with evidence, what to do, scores."""
    report = panel.report
    parts = [_verdict(panel)]
    parts += [_part(title, _said(report, section)) for section, title in MEANING.items()]
    parts += [
        _corroboration(report),
        _recompensation(report),
        _outlook(report),
        _causes(report),
        _vitamin_k(report),
    ]
    parts += [_part("What to do", _said(report, "now")), _requests(report), _checklist(report)]
    parts += [*_scores(panel)]
    if with_episodes:
        told = [_item(episode.sentence) for episode in episodes]
        parts.append(_part("Episodes", told or [_item("No episode of dissociation up to that time.")]))
    parts.append(_part("Caveats", _said(report, "caveats")))
    return "\n\n".join(part for part in parts if part)


# --- the parts ---


def _verdict(panel: Panel) -> str:
    report, found = panel.report, panel.report.dissociation
    lines = [_wrapped(found.sentence, "")]
    if found.why:
        lines.append(_wrapped(found.why, ""))
    lines += [_item(f"Held back: {cap.text}", cap.sources) for cap in found.caps]
    lines += [_item(f"Critical because of {reason.text}", reason.sources) for reason in found.escalations]
    lines += [_item(f"{_side(e.side)} the liver: {e.text}", e.sources) for e in found.evidence]
    if found.attribution != "undetermined":
        lines.append(_item(f"Attribution: {ATTRIBUTIONS[found.attribution]}."))
    lines.append(_wrapped(_basis(panel), ""))
    if not report.scenario or report.scenario.kind == "suppressed":
        return "\n".join(lines)
    return "\n".join(lines) + "\n\n" + _scenario(report.scenario)


def _basis(panel: Panel) -> str:
    """As of when, from which draws, by which knowledge: a printed sheet must say so itself."""
    found = panel.report.dissociation
    draws = f"{counted(len(panel.case.draws), 'draw')} by then"
    compared = ""
    if found.baseline_at and found.latest_at:
        compared = f"; compared are those of {moment(found.baseline_at)} and {moment(found.latest_at)}"
    known = ", as known here then" if panel.known_at else ""
    at = moment(panel.as_of.astimezone(panel.patient.clinic.zone))
    return f"As of {at}{known}: {draws}{compared}. Knowledge {panel.report.knowledge_version}."


def _scenario(scenario) -> str:
    lines = [_item(scenario.words, scenario.sources)]
    lines += [_item(scenario.overlay_words)] if scenario.overlay_words else []
    for feature in (*scenario.features, *scenario.overlay_features):
        lines.append(_item(f"{_side(feature.side)}: {feature.text}", feature.sources))
    lines += [_item(decay.text, decay.sources) for decay in scenario.kinetics]
    lines += [_item(f"Not known: {'; '.join(scenario.missing)}.")] if scenario.missing else []
    return _part(f"Scenario: {scenario.name}", lines)


def _corroboration(report) -> str:
    strip = report.corroboration
    lines = [_item(f"{marker.words}{_notes(marker.notes)}", marker.sources) for marker in strip.markers]
    lines += _said(report, "corroboration")
    window = f" ({strip.window})" if strip.window else ""
    return _part("Albumin, platelets, bilirubin", [_item(f"{strip.summary}{window}"), *lines])


def _recompensation(report) -> str:
    found = report.recompensation
    if not found:
        return ""
    laboratory = [_item(f"{condition.text}.", depth=2) for condition in found.laboratory]
    clinical = [_item(f"{condition.said.capitalize()}: {condition.text}") for condition in found.clinical]
    return _part("Recompensation", [_item(found.words, found.sources), *laboratory, *clinical])


def _outlook(report) -> str:
    """Published figures with their population, or why none holds for this patient."""
    found = report.prognosis
    words = [_item(text, found.sources) for text in (found.words, found.population, found.provided) if text]
    return _part("Outlook", [*_said(report, "prognosis"), *words])


def _causes(report) -> str:
    """Open causes with something recorded, then contributing and excluded ones; the rest by number."""
    lines = _said(report, "other_causes")
    quiet = 0
    for cause in report.causes:
        if cause.verdict in ("pending", "considered") and not cause.recorded:
            quiet += 1
            continue
        verdict = "open" if cause.verdict == "pending" else cause.verdict
        lines.append(_item(f"{cause.name}: {verdict}"))
        lines += [_item(f"{_side(e.side)}: {e.text}", e.sources, depth=2) for e in cause.evidence]
        if cause.review:
            note = f": {cause.review.note}" if cause.review.note else ""
            lines.append(_item(f"{verdict} by {cause.review.by}, {day(cause.review.on)}{note}", depth=2))
        elif any(e.side == "for" for e in cause.evidence):
            lines.append(_item(f"Settled by: {cause.settles}", cause.sources, depth=2))
    if quiet:
        lines.append(_item(f"{quiet} more open, with nothing recorded for them."))
    return _part("Other causes of a raised INR", lines)


def _vitamin_k(report) -> str:
    return _part(
        "Vitamin K as a test", [_item(f"{t.headline}: {t.text}", t.sources) for t in report.vitamin_k]
    )


def _requests(report) -> str:
    asked = report.requests
    lines = []
    for request in asked.first if asked else ():
        note = f" {request.note}" if request.note else ""
        lines.append(_item(f"{request.test} (for: {', '.join(request.causes)}).{note}", request.sources))
    return _part("Tests to ask for", lines)


def _checklist(report) -> str:
    checklist = report.monitoring
    if checklist.paused:
        return _part("Monitoring", [_item(checklist.paused, checklist.sources)])
    waiting = [item for item in checklist.items if item.state not in ("up_to_date", "due_soon")]
    lines = [
        _item(f"{item.name}, {item.state.replace('_', ' ')}: {item.words}", item.sources) for item in waiting
    ]
    return _part("Monitoring", [_item(f"{checklist.complete}."), *lines])


def _scores(panel: Panel) -> Iterator[str]:
    units = Units(panel.patient.clinic.display_units)
    card = score_card(panel.report.scores, units, "")
    lines = []
    for line in card.given:
        score = line.score
        answer = " ".join(
            part for part in (line.value, f"({score.grade})" if line.value else score.grade) if part
        )
        answer = answer.replace(" ()", "")
        inputs = ", ".join(_input(given) for given in line.inputs)
        lines.append(_item(f"{score.name} {answer}{f': {inputs}' if inputs else ''}", score.sources))
        lines += [_item(note, depth=2) for note in score.notes]
    yield _part("Scores", lines)
    withheld = [
        f"{r.names}: {r.reason}{f' Instead: {r.instead}.' if r.instead else ''}" for r in card.withheld
    ]
    withheld += [f"{r.names}: {r.reason}" for r in card.refused]
    yield _part("Scores that cannot be given", [_item(text) for text in withheld])


def _input(given: InputLine) -> str:
    when = f" ({day(given.at)})" if isinstance(given.at, datetime) else ""
    used = f", used {given.used}" if given.used else ""
    return f"{given.label} {given.text}{used}{when}"


# --- lines ---


def _said(report, section: str) -> list[str]:
    return [_item(s.text, s.sources) for s in report.statements if s.section == section]


def _side(side: str) -> str:
    return "For" if side == "for" else "Against"


def _notes(notes: Iterable[str]) -> str:
    return "".join(f" Note: {note}." for note in notes)


def _part(title: str, lines: list[str]) -> str:
    return "\n".join([title.upper(), *lines]) if lines else ""


def _item(text: str, sources: Iterable[str] = (), depth: int = 1) -> str:
    cited = knowledge.sources_text(sources)
    return _wrapped(f"- {text}{f' [{cited}]' if cited else ''}", INDENT * depth)


def _wrapped(text: str, indent: str) -> str:
    hanging = indent + (INDENT if text.startswith("- ") else "")
    # A unit or a date stays whole where the line has room: only spaces break.
    return textwrap.fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=hanging, break_on_hyphens=False
    )
