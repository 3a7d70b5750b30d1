"""A report as cards: one where there is something to see to, none where there is not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from interpretation import knowledge
from interpretation.causes import Cause
from interpretation.orders import orders, short_name
from interpretation.record.records import Case, Report
from interpretation.words import counted, day, listed
from patients.codes import OVERRIDE

from .supplied import Supplied

INDICATORS = {"today": "critical", "24_to_48_h": "warning", "1_to_2_weeks": "info", "4_weeks": "info"}
# The specification asks for less than 140.
SUMMARY = 139
# Asked whatever is recorded: what explains an INR most often and stands in no laboratory feed.
ALWAYS = ("vka", "doac", "vitamin_k_deficiency")
KNOWN = {"code": "known", "system": OVERRIDE, "display": "Known, and being dealt with"}
DRUGS = ("statements", "requests", "administrations")
# A drug is never asked for by a card: its conditions have no room there.
UNSAID = ("vitamin_k", "vitamin_k_for")
ORDERS = 3
# A tab of the patient’s page.
SHOWS = "why"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])")


@dataclass(frozen=True)
class CardLinks:
    """Absolute addresses: of the knowledge, of the patient where this record has one, and of a launch where the
    record system is registered for it."""

    knowledge: str
    patient: str = ""
    launch: str = ""


def cards(supplied: Supplied, report: Report, links: CardLinks) -> list[dict[str, Any]]:
    """At most one. [CDS Hooks 2.0]"""
    indicator = INDICATORS.get(report.urgency.level, "")
    if not indicator and report.dissociation.grade == "not_interpretable":
        indicator = "info"
    return [_card(supplied, report, links, indicator)] if indicator else []


def card_ids(answered: list[dict[str, Any]]) -> list[UUID]:
    return [UUID(card["uuid"]) for card in answered]


def _card(supplied: Supplied, report: Report, links: CardLinks, indicator: str) -> dict[str, Any]:
    source = {"label": f"Liver dissociation, knowledge {knowledge.VERSION}", "url": links.knowledge}
    card = {
        "uuid": str(uuid4()),
        "summary": _summary(report),
        "indicator": indicator,
        "detail": "\n\n".join(_detail(supplied, report)),
        "source": source,
        "overrideReasons": [*(_reason(cause) for cause in _offered(report)), KNOWN],
    }
    if opens := [*_opens(links)]:
        card["links"] = opens
    return card


def _opens(links: CardLinks) -> Iterator[dict[str, str]]:
    """`appContext` comes back with the launch: what of the page the card was about."""
    if links.patient:
        yield {"label": "Open this patient", "url": links.patient, "type": "absolute"}
    if links.launch:
        yield {"label": "Why, on one page", "url": links.launch, "type": "smart", "appContext": SHOWS}


def _summary(report: Report) -> str:
    """How soon, the verdict and the INR: cut between words."""
    text = report.top["verdict"] if report.urgency.level == "routine" else _pressing(report)
    return text if len(text) <= SUMMARY else f"{text[: SUMMARY - 1].rpartition(' ')[0].rstrip(',;:')}…"


def _pressing(report: Report) -> str:
    """Where the grade is none its word would reassure."""
    found, urgency = report.dissociation, report.urgency
    said = ("" if found.grade == "none" else _lower(found.headline), urgency.in_short)
    return f"{urgency.name}: {'. '.join(filter(None, said))}"


def _lower(headline: str) -> str:
    return headline if headline.startswith("INR") else headline[:1].lower() + headline[1:]


def _detail(supplied: Supplied, report: Report) -> Iterator[str]:
    yield _plain(report.summary)
    if to_do := [f"- {_plain(line)}" for line in _to_do(supplied.case, report)]:
        yield "\n".join(["**What to do**", *to_do])
    if causes := [short_name(cause) for cause in _open(report)]:
        yield f"**Exclude first**: {_plain(listed(causes))}."
    yield _plain(_basis(supplied, report))
    yield "Nothing is ordered from here. Decision support: the clinician decides."


def _to_do(case: Case, report: Report) -> list[str]:
    asked = [order for order in orders(case, report) if order.key not in UNSAID]
    return [f"{order.text} ({order.why})" if order.why else order.text for order in asked[:ORDERS]]


def _basis(supplied: Supplied, report: Report) -> str:
    """What it rests on, and what did not come."""
    draws = supplied.case.timeline
    said = [f"Rests on {counted(len(draws), 'draw')}, {day(draws[0].taken_at)} to {day(draws[-1].taken_at)}."]
    if report.urgency.inr_at:
        said.append(f"Latest INR of {day(report.urgency.inr_at)}.")
    if supplied.unread:
        said.append(f"{counted(len(supplied.unread), 'result')} could not be read: {supplied.unread[0]}")
    if supplied.is_cut:
        said.append("There is more in the record system than was supplied.")
    if not (supplied.keys.intersection(DRUGS) or supplied.case.anticoagulant):
        said.append("No drugs were supplied: ask whether an anticoagulant is taken.")
    return " ".join(said)


def _offered(report: Report) -> list[Cause]:
    """Of which something is recorded, then those that are always asked."""
    found = _open(report)
    return [*found, *(cause for cause in report.causes if cause.key in ALWAYS and cause not in found)]


def _open(report: Report) -> list[Cause]:
    return [cause for cause in report.causes if cause.verdict != "excluded" and cause.recorded]


def _reason(cause: Cause) -> dict[str, str]:
    return {"code": cause.key, "system": OVERRIDE, "display": cause.name}


def _plain(text: str) -> str:
    """Nothing in it is Markdown, whatever a sender has typed."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
