"""What to do now, as short orders in the order in which to do them. [clinical.md 4.4 c, 6, 8; S17, S24 to S29]

The report says why in sentences; an order says what and by when, for whoever reads one screen. A test that is
asked for twice is one order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from interpretation.anticoagulant import is_asked
from interpretation.causes import Cause
from interpretation.knowledge import load
from interpretation.monitoring import Checklist, Item
from interpretation.monitoring.repeat import PAIRED, Repeat
from interpretation.record.records import Case, Report
from interpretation.requests import Request
from interpretation.rule.confounders import active
from interpretation.rule.grading import PATTERN
from interpretation.statements.decompensation import not_recorded
from interpretation.statements.saying import bad_sample
from interpretation.urgency import PRESSING
from interpretation.words import listed, lower_first, upper_first

load("orders").read_by(__name__, "order item test cause")

# The first is done first.
WHENS = ("now", "overdue", "today", "dated", "never", "look")
# What was never done is not late.
OVERDUE = ("overdue", "long_overdue")
NEVER = "never_done"
ASKED = (*OVERDUE, NEVER, "due")
# Names that fit in a line.
SHORT = {"Conjugated or direct bilirubin": "direct bilirubin", "Albumin": "albumin", "Platelets": "platelets"}
TESTS_NAMED = 3


@dataclass(frozen=True)
class OrderDue:
    """One thing to do. `when` is one of WHENS; `due_at`: by then, a day where no hour counts, None where
    nothing is said. `note`: what can be noted of it, "none" where nothing. `items`: each with a tick of its
    own, by key."""

    key: str
    when: str
    text: str
    why: str
    note: str
    sources: tuple[str, ...]
    draws: tuple[str, ...] = ()
    due_at: datetime | date | None = None
    items: tuple[tuple[str, str], ...] = ()


def orders(case: Case, report: Report, *, left_out: bool = False) -> tuple[OrderDue, ...]:
    """All of them, the most urgent first; none after death or where nothing is to be done.

    Of whoever is left out of monitoring no test of the checklist is asked, but what presses still is.
    """
    if case.died_on is not None and case.died_on <= case.as_of.date():
        return ()
    found = _orders(case, report, left_out)
    return tuple(sorted(found, key=lambda order: WHENS.index(order.when)))


def _orders(case: Case, report: Report, left_out: bool) -> Iterator[OrderDue]:
    if is_asked(case):
        yield _order("anticoagulant", "now")
    yield from _review(report)
    yield from _readable(report)
    yield from _tests_due(report, left_out)
    yield from _after(report)
    yield from _settling(report, _held_already(report, left_out))
    yield from _scenario(report)
    yield from _signs(case, report)
    if any(event.kind == "pregnancy" and active(event, case.as_of) for event in case.events):
        yield _order("pregnancy", "today")


def covered() -> frozenset[str]:
    """Statements that an order says whole; of what is to be recorded the sentence says more."""
    rows = load("orders")["order"].values()
    return frozenset(id for row in rows if row["note"] != "record" for id in row["of"])


def _is_said(key: str, report: Report) -> bool:
    """The report says one of the sentences that this order stands for."""
    said = {statement.id for statement in report.statements}
    return bool(said & set(load("orders")["order"][key]["of"]))


def _order(key: str, when: str, *, draws: tuple[str, ...] = (), **words: str) -> OrderDue:
    row = load("orders")["order"][key]
    text, why = (row[name].format(**words) for name in ("text", "why"))
    return OrderDue(key, when, text, why, row["note"], tuple(row["sources"]), draws)


def _review(report: Report) -> Iterator[OrderDue]:
    """How soon hepatology looks at it."""
    urgent = report.urgency
    if urgent.level == "routine":
        return
    key = "review_pattern" if report.dissociation.grade in PATTERN else "review"
    draws = tuple(dict.fromkeys(draw for reason in urgent.reasons[:1] for draw in reason.draws))
    when = "now" if urgent.level == "today" else "today" if urgent.level in PRESSING else "dated"
    yield _order(key, when, act=urgent.act, draws=draws)


def _tests_due(report: Report, left_out: bool) -> Iterator[OrderDue]:
    """The repeat with what else of the checklist is due: one sample, one order."""
    repeat, due = _asked_of(report, left_out)
    if repeat:
        yield _repeat(repeat, [item for item in due if item.key not in PAIRED], report.as_of)
    elif due:
        when = _when_due(due, report)
        found = _order("checklist", when, tests=listed(_short(item) for item in due))
        yield replace(found, due_at=min((item.due_on for item in due if item.due_on), default=None))


def _when_due(due: list[Item], report: Report) -> str:
    """What was never done is asked for in advanced disease; in anyone else the checklist is an offer."""
    states = {item.state for item in due}
    if states & {*OVERDUE}:
        return "overdue"
    advanced = report.monitoring is not None and report.monitoring.advanced
    return "never" if NEVER in states and advanced else "dated"


def _asked_of(report: Report, left_out: bool) -> tuple[Repeat | None, list[Item]]:
    """The repeat and the items of the checklist that are asked for now."""
    checks = report.monitoring
    if checks is None or checks.paused:
        return None, []
    if left_out:
        return (checks.repeat if report.urgency.level in PRESSING else None), []
    return checks.repeat, [item for item in checks.items if item.state in ASKED]


def asked_items(checks: Checklist | None) -> frozenset[str]:
    """Keys of the tests of the checklist that its one order holds."""
    if checks is None or checks.paused:
        return frozenset()
    due = {item.key for item in checks.items if item.state in ASKED}
    return frozenset(due | {*PAIRED} if checks.repeat else due)


def _repeat(repeat: Repeat, more: list[Item], now: datetime) -> OrderDue:
    added = f"; add {listed(_short(item) for item in more)}" if more else ""
    # Where days count, the hour of the last draw is no due time.
    due_at = repeat.due_at if repeat.in_hours else repeat.due_at.date()
    when = "overdue" if repeat.state in OVERDUE else _when(repeat.due_at, now)
    # As a request lists them, which takes one line.
    tests = repeat.tests.replace(" and ", ", ")
    return replace(_order("repeat", when, tests=tests, added=added), due_at=due_at)


def _when(due_at: datetime, now: datetime) -> str:
    return "today" if due_at.date() <= now.date() else "dated"


def _short(item: Item) -> str:
    return SHORT.get(item.name, item.name)


def _readable(report: Report) -> Iterator[OrderDue]:
    """What would make an unread pattern readable."""
    found = report.dissociation
    if found.grade == "not_assessable" and found.reasons and found.reasons[0].code != "transplant":
        yield _order("measure", "dated", draws=found.draws)
    elif found.grade == "not_interpretable" and bad_sample(found):
        yield _order("restore_sample", "today", draws=found.draws)
    elif found.grade == "not_interpretable" and found.confounded_by:
        yield _order("restore", "today", drug=found.confounded_by[0].words)


def _after(report: Report) -> Iterator[OrderDue]:
    """What is looked at again, though vitamin K brought INR down."""
    found = report.dissociation
    if _is_said("after_vitamin_k", report):
        yield _order("after_vitamin_k", "today", draws=found.draws)
    if _is_said("review_after_injury", report):
        yield _order("review_after_injury", "dated", draws=found.draws)


def _held_already(report: Report, left_out: bool) -> set[str]:
    """Tests of the requests that the sample of the first order holds anyway."""
    repeat, due = _asked_of(report, left_out)
    keys = {item.key for item in due}
    return keys | {"repeat_inr"} if repeat or keys >= {*PAIRED} else keys


def _settling(report: Report, held: set[str]) -> Iterator[OrderDue]:
    """The tests for the first cause that the record supports; the trial of vitamin K is an order of its own."""
    asked = report.requests.first if report.requests else ()
    asked = tuple(request for request in asked if request.key not in held)
    when = "today" if report.urgency.level in PRESSING else "dated"
    yield from (_vitamin_k(request, when, report.causes) for request in asked if request.key == "vitamin_k")
    cause = _first_supported(report.causes, asked)
    if cause:
        tests = [r for r in asked if cause.name in r.causes and r.key != "vitamin_k"]
        yield _order("tests", when, tests=_named(tests), cause=lower_first(short_name(cause)))


def _vitamin_k(request: Request, when: str, causes: tuple[Cause, ...]) -> OrderDue:
    """The trial; where the deficiency is excluded or only another cause is open it says for which."""
    named = {cause.key: cause for cause in causes if cause.name in request.causes}
    if "vitamin_k_deficiency" in named:
        return _order("vitamin_k", when)
    return _order("vitamin_k_for", when, cause=listed(lower_first(short_name(one)) for one in named.values()))


def _first_supported(causes: tuple[Cause, ...], asked: tuple[Request, ...]) -> Cause | None:
    """The factors of vitamin K stand in its own order."""
    open_causes = (cause for cause in causes if cause.verdict == "pending" and cause.recorded)
    wanted = (c for c in open_causes if any(c.name in request.causes for request in asked))
    return next((cause for cause in wanted if cause.key != "vitamin_k_deficiency"), None)


def short_name(cause: Cause) -> str:
    """The name of a cause where there is room for a few words."""
    return str(load("orders")["cause"].get(cause.key, cause.name))


def _named(tests: list[Request]) -> str:
    short = load("orders")["test"]
    names = [short.get(test.key, test.test) for test in tests]
    if len(names) <= TESTS_NAMED:
        return upper_first(listed(names))
    return upper_first(f"{', '.join(names[: TESTS_NAMED - 1])} and {len(names) - TESTS_NAMED + 1} more")


def _scenario(report: Report) -> Iterator[OrderDue]:
    if _is_said("precipitant", report):
        items = {key: text for key, text in load("orders")["item"].items() if key != "sources"}
        yield replace(_order("precipitant", "today"), items=tuple(items.items()))
    if _is_said("acute_injury", report):
        yield _order("acute_injury", "today")


def _signs(case: Case, report: Report) -> Iterator[OrderDue]:
    """What decides and is not on record; and what follows from the pattern."""
    missing = not_recorded(case) if _is_said("decompensation", report) else []
    if missing:
        yield _order("decompensation", "look", signs=listed(missing, " or "))
    if _is_said("transplant", report):
        yield _order("transplant", "look")
