"""What is new since a report was signed off: two bases compared (`patients.review.snapshot`), in sentences.

Pure. A basis of an older form may lack keys: what it does not hold is not compared.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from interpretation.knowledge import load
from interpretation.record import analytes
from interpretation.words import counted, day, enzyme, inr, listed, moment
from patients.review.snapshot import taken_at
from patients.words import DIAGNOSIS_NAMES, EVENT_NAMES, verdict_word

load("causes").read_by(__name__, "cause")

# A rise along these is worse; any other change of grade is only another grade.
SEVERITY = {"rising": 1, "possible": 2, "established": 3, "critical": 4}
# Their values are written the same in every clinic's units.
WITH_VALUES = ("ALT", "AST", "INR")
# More than these are counted, not listed.
LISTED = 4


@dataclass(frozen=True)
class ChangesSince:
    """`changed`: there is something to look at.

    New knowledge or a test overdue alone is said but is not that: the first would ask for a review of
    everybody, the second has a column of its own.
    """

    sentences: tuple[str, ...] = ()
    worse: bool = False
    new_draws: int = 0
    changed: bool = False
    # For the worklist: "worse since, 2 new draws".
    short: str = ""


def new_since(then: dict, now: dict) -> ChangesSince:
    told = [*_verdict(then, now), *_draws(then, now), *_results(then, now), *_record(then, now)]
    aside = [*_overdue(then, now), *_knowledge(then, now)]
    worse = _severity(now) > _severity(then)
    new = len(_gone(now, then))
    return ChangesSince(
        tuple(told + aside), worse, new, bool(told), _short(then, now, worse, new, bool(told))
    )


def _short(then: dict, now: dict, worse: bool, new: int, changed: bool) -> str:
    parts = ["worse since"] if worse else ["verdict changed"] if _other_verdict(then, now) else []
    if new:
        parts.append(f"{counted(new, 'new draw')}")
    elif any(_results(then, now)) or _gone(then, now):
        parts.append("results changed")
    return ", ".join(parts) or ("record changed" if changed else "")


# --- the verdict ---


def _severity(basis: dict) -> int:
    return SEVERITY.get("rising" if basis.get("rising") else basis.get("grade"), 0)


def _other_verdict(then: dict, now: dict) -> bool:
    return (then.get("grade"), then.get("rising")) != (now.get("grade"), now.get("rising"))


def _verdict(then: dict, now: dict) -> Iterator[str]:
    if _other_verdict(then, now):
        word = "Worse: the" if _severity(now) > _severity(then) else "The"
        yield f"{word} verdict was “{then.get('headline', '')}” and is now “{now['headline']}”."


def _knowledge(then: dict, now: dict) -> Iterator[str]:
    old, new = then.get("knowledge_version"), now["knowledge_version"]
    if old != new:
        yield f"The rules have changed: knowledge {old} then, {new} now."


def _overdue(then: dict, now: dict) -> Iterator[str]:
    names = [name for key, name in now["overdue"].items() if key not in then.get("overdue", {})]
    if names and "overdue" in then:
        yield f"Overdue since: {', '.join(names)}."


# --- draws and results ---


def _gone(first: dict, second: dict) -> list[dict]:
    """The draws of the first basis that the second does not have, in time order."""
    ids = first.get("draws", {}).keys() - second.get("draws", {}).keys()
    return sorted((first["draws"][id] for id in ids), key=lambda draw: _moment(draw["at"]))


def _draws(then: dict, now: dict) -> Iterator[str]:
    if new := _gone(now, then):
        yield f"{counted(len(new), 'new draw')}: {_days(new)}."
    if gone := _gone(then, now):
        yield f"{counted(len(gone), 'draw')} withdrawn: {_days(gone)}."
    for before, after in _kept(then, now):
        if _time(before) != _time(after):
            yield f"The draw of {_day(before['at'])} is now dated {moment(taken_at(after))}."
        if _place(before) != _place(after):
            yield f"The draw of {_day(after['at'])} now has another laboratory or method."


def _results(then: dict, now: dict) -> Iterator[str]:
    lines = [line for before, after in _kept(then, now) for line in _corrections(before, after)]
    if len(lines) > LISTED:
        yield f"{len(lines)} results were added, corrected or withdrawn in draws seen then."
    else:
        yield from lines


def _kept(then: dict, now: dict) -> list[tuple[dict, dict]]:
    old, new = then.get("draws", {}), now.get("draws", {})
    both = [(old[id], new[id]) for id in old.keys() & new.keys()]
    return sorted(both, key=lambda pair: _moment(pair[1]["at"]))


def _time(draw: dict) -> tuple[str, bool]:
    return draw["at"], draw.get("hour_known", True)


def _corrections(before: dict, after: dict) -> Iterator[str]:
    old, new, on = before["results"], after["results"], _day(after["at"])
    for key in sorted(old.keys() | new.keys()):
        name = _name(key)
        if key not in old:
            yield f"Result added to the draw of {on}: {name}{_value(key, new[key])}."
        elif key not in new:
            yield f"Result withdrawn from the draw of {on}: {name}."
        elif old[key][:2] != new[key][:2]:
            change = f" from{_value(key, old[key])} to{_value(key, new[key])}" if key in WITH_VALUES else ""
            yield f"Result corrected in the draw of {on}: {name}{change}."
        elif old[key] != new[key]:
            yield f"Limits or method corrected in the draw of {on}: {name}."


def _value(key: str, result: list) -> str:
    if key not in WITH_VALUES:
        return ""
    comparator, value = result[:2]
    return f" {inr(value, comparator) if key == 'INR' else enzyme(value, comparator)}"


def _name(key: str) -> str:
    known = analytes.ANALYTES.get(key)
    return known.name if known else key


def _place(draw: dict) -> tuple:
    return draw.get("laboratory"), draw.get("method")


# --- the rest of the record ---


def _record(then: dict, now: dict) -> Iterator[str]:
    yield from _person(then, now)
    yield from _entries(then, now, "diagnoses", 1, _diagnosis)
    yield from _entries(then, now, "events", 3, _event)
    for cause, (judged, on, by) in now["verdicts"].items():
        old = then.get("verdicts", {}).get(cause)
        if old is None or old[:2] != [judged, on]:
            was = f", was {verdict_word(old[0])}" if old and old[0] != judged else ""
            who = f" ({by}, {_day(on)})" if by else f" ({_day(on)})"
            yield f"Verdict on {_cause(cause)}: {verdict_word(judged)}{was}{who}."


def _person(then: dict, now: dict) -> Iterator[str]:
    if then.get("died_on", "") != now["died_on"]:
        yield f"Died {_day(now['died_on'])}." if now["died_on"] else "The date of death was taken back."
    if then.get("person", now["person"]) != now["person"]:
        yield "The date of birth or the sex was changed."


def _entries(then: dict, now: dict, kind: str, named_by: int, words) -> Iterator[str]:
    """New, changed and withdrawn ones: the first items of an entry name it, the rest may change."""
    if kind not in then:
        return
    old, new = (_grouped(basis[kind], named_by) for basis in (then, now))
    for name in new:
        if name not in old:
            yield f"New: {words(new[name][0])}."
        elif old[name] != new[name]:
            yield f"Changed: {words(new[name][-1])}."
    for name in old.keys() - new.keys():
        yield f"No longer recorded: {words(old[name][0])}."


def _grouped(entries: list, named_by: int) -> dict[tuple, list]:
    groups: dict[tuple, list] = {}
    for entry in entries:
        groups.setdefault(tuple(entry[:named_by]), []).append(entry)
    return groups


def _diagnosis(entry: list) -> str:
    kind, noted, resolved = entry
    parts = [f"noted {_day(noted)}" if noted else "", f"resolved {_day(resolved)}" if resolved else ""]
    return ", ".join(filter(None, [DIAGNOSIS_NAMES.get(kind, kind), *parts]))


def _event(entry: list) -> str:
    kind, label, start, end = entry[:4]
    name = EVENT_NAMES.get(kind, kind)
    label = f" ({label})" if label and label.casefold() != name.casefold() else ""
    return f"{name}{label}, {_day(start)}{f' to {_day(end)}' if end else ''}"


def _cause(key: str) -> str:
    return load("causes")["cause"].get(key, {}).get("name", key.replace("_", " "))


# --- words ---


def _days(draws: list[dict]) -> str:
    days = list(dict.fromkeys(_day(draw["at"]) for draw in draws))
    if len(days) > LISTED:
        return f"{days[0]} to {days[-1]}"
    return listed(days)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _day(text: str) -> str:
    return day(_moment(text))
