"""The inputs of one score at one draw: found, dated, put within bounds; and what is missing."""

from datetime import timedelta
from typing import Any

from interpretation.record.records import Draw, Result
from interpretation.scores.facts import FACTS, Fact
from interpretation.scores.results import Found
from interpretation.scores.score import Input
from interpretation.scores.spec import WORDS, InputSpec, Spec, because, note
from interpretation.scores.values import SLOW, Values
from interpretation.scores.words import be, canonical, name_of, read_as
from interpretation.words import day, listed, upper_first


class Given:
    """`used` is what the formula is called with; `why_not` says what is missing ("" when nothing is)."""

    def __init__(self, spec: Spec, values: Values, draw: Draw) -> None:
        self.spec, self.values, self.draw = spec, values, draw
        self.at = draw.taken_at
        self.reach = values.reach(spec.window, self.at)
        # Of which kind each is, the formula says.
        self.used: dict[str, Any] = dict.fromkeys(spec.names)
        self.notes: list[str] = []
        self._near = values.around(self.at, self.reach)
        self._inputs: dict[str, Input] = {}
        # By what is wrong and, where that matters, how far was looked.
        self._missing: dict[tuple[str, timedelta], list[str]] = {}
        facts, tests = self._facts(), self._tests()
        if not self._missing:
            for wanted, fact in facts:
                self._take_fact(wanted, fact)
            for wanted, (result, held_by) in tests:
                self._take(wanted, result, held_by)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """In the order of the formula."""
        taken = self._inputs
        return tuple([taken[wanted.name] for wanted in self.spec.inputs if wanted.name in taken])

    @property
    def draws(self) -> tuple[str, ...]:
        """The draws of all inputs, in time order."""
        found = {given.draw: given.taken_at for given in self._inputs.values() if given.draw}
        return tuple(sorted(found, key=lambda id: (found[id], id))) if len(found) > 1 else tuple(found)

    @property
    def why_not(self) -> str:
        parts = []
        for (kind, reach), names in self._missing.items():
            words = {"names": listed(names), "reach": _reach(reach), "day": day(self.at)}
            parts.append(because(kind, **words, **be(names)))
        return "; ".join(parts)

    # --- found or missing ---

    def _facts(self) -> list[tuple[InputSpec, Fact]]:
        found = []
        for wanted in self.spec.facts:
            fact = self.values.once(FACTS[wanted.name], self.at, self.reach)
            self.used[wanted.name] = fact.value
            if fact.value is not None:
                found.append((wanted, fact))
            elif self._needed(wanted):
                self._miss(wanted.name if wanted.name in WORDS["because"] else "facts", wanted)
        return found

    def _tests(self) -> list[tuple[InputSpec, Found]]:
        found = []
        for wanted in self.spec.tests:
            nearest = self._nearest(wanted)
            if nearest is None:
                if self._needed(wanted):
                    self._miss("window", wanted)
            elif wanted.positive and nearest[0].value <= 0:
                self._miss("zero", wanted)
            else:
                found.append((wanted, nearest))
        return found

    def _needed(self, wanted: InputSpec) -> bool:
        return not wanted.optional and not (wanted.unless and self.used.get(wanted.unless))

    def _nearest(self, wanted: InputSpec) -> Found | None:
        if wanted.name == self.spec.key and (result := self.draw.result(wanted.name)) is not None:
            return result, self.draw
        if wanted.highest and (found := self.values.highest(wanted.name, self.at)):
            return found
        near = self.values.around(self.at, self._reach(wanted)) if wanted.slow else self._near
        return near.get(wanted.name)

    def _reach(self, wanted: InputSpec) -> timedelta:
        return max(self.reach, SLOW) if wanted.slow else self.reach

    def _miss(self, kind: str, wanted: InputSpec) -> None:
        self._missing.setdefault((kind, self._reach(wanted)), []).append(name_of(wanted.name))

    # --- taken ---

    def _take_fact(self, wanted: InputSpec, fact: Fact) -> None:
        unit = wanted.unit_label
        self._inputs[wanted.name] = Input(
            wanted.name, wanted.label, fact.value, unit, taken_at=fact.at, used=fact.value, used_unit=unit
        )
        if fact.note:
            self.notes.append(fact.note)

    def _take(self, wanted: InputSpec, result: Result, draw: Draw) -> None:
        """The value as it counts; scores that read it alike share it with its sentences."""
        asked = (id(wanted), id(draw), self.at)
        if asked not in self.values.taken:
            said = len(self.notes)
            taken = self._read(wanted, result, draw)
            self.values.taken[asked] = (taken, self.notes[said:])
        else:
            taken, notes = self.values.taken[asked]
            self.notes += notes
        if taken is not None:
            self.used[wanted.name] = taken.used
            self._inputs[wanted.name] = taken
        elif not wanted.optional:
            self._miss("child_limit" if self.values.asks_limit(result, draw.taken_at) else "no_limit", wanted)

    def _read(self, wanted: InputSpec, result: Result, draw: Draw) -> Input | None:
        """None where there is no upper limit to read it against."""
        value = self._as_read(wanted, result, draw)
        if value is None:
            return None
        return Input(
            wanted.name,
            wanted.label,
            result.value,
            wanted.unit_label,
            result.comparator,
            draw.taken_at,
            draw.id,
            self._bounded(wanted, result, value),
            wanted.used_unit,
        )

    def _as_read(self, wanted: InputSpec, result: Result, draw: Draw) -> float | None:
        """The number in the unit of the formula, or against its upper limit."""
        if wanted.read == "value":
            return result.value / wanted.factor
        limit = self._limit(wanted, result, draw)
        if limit is None:
            return None
        # 17.2 − 14.2 is not 3.0 in binary.
        return result.value / limit if wanted.read == "multiple" else round(result.value - limit, 9)

    def _limit(self, wanted: InputSpec, result: Result, draw: Draw) -> float | None:
        if wanted.baseline and (mean := self.values.baseline(wanted.name, self.at)):
            shown = canonical(wanted.name, mean)
            self.notes.append(self.spec.remarks["baseline"].format(name=name_of(wanted.name), limit=shown))
            return mean
        limit, assumed = self.values.upper_limit(result, draw.taken_at)
        if not assumed:
            return limit
        if wanted.sent or limit is None:
            return None
        words = {"name": name_of(wanted.name), "limit": canonical(wanted.name, limit)}
        self.notes.append(note("limit_assumed", **words))
        return limit

    def _bounded(self, wanted: InputSpec, result: Result, value: float) -> float:
        """The value as it counts: floor, cap or dialysis, each said."""
        if wanted.on_dialysis and wanted.cap is not None and (words := self.values.dialysis(self.at)):
            self.notes.append(note("dialysis", used=read_as(wanted, wanted.cap), words=words))
            return wanted.cap
        used = wanted.bounded(value)
        if used != value:
            self._say("floor" if used > value else "cap", wanted, result, used=read_as(wanted, used))
        if result.comparator and not _beyond(wanted, value, result.comparator):
            self._say("bound", wanted, result)
        return used

    def _say(self, what: str, wanted: InputSpec, result: Result, **more: str) -> None:
        shown = canonical(wanted.name, result.value, result.comparator)
        self.notes.append(note(what, name=upper_first(name_of(wanted.name)), value=shown, **more))


def _beyond(wanted: InputSpec, value: float, comparator: str) -> bool:
    """Whether floor or cap makes it irrelevant that the value is only a bound."""
    if comparator.startswith("<"):
        return wanted.floor is not None and value <= wanted.floor
    return wanted.cap is not None and value >= wanted.cap


def _reach(reach: timedelta) -> str:
    return f"{reach.days} days" if reach.days > 1 else "24 hours"
