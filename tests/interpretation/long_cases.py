"""Seeded long records: random cases one after the other, years of one patient with all that can be recorded."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from interpretation import Case, Draw, Event, Review
from interpretation.record.parse import case_from_json
from tests.interpretation.random_cases import random_case

PAUSES = (0.1, 1, 3, 30, 90, 200, 400, 548, 549, 608, 700, 1100)
CAUSES = (
    "vka",
    "doac",
    "nac",
    "vitamin_k_deficiency",
    "antibiotics",
    "congestion",
    "sample_haematocrit",
    "dic",
)
VERDICTS = ("excluded", "contributing", "pending", "considered")


def long_cases(seed: int, count: int, spells: tuple[int, int] = (3, 8)) -> Iterator[Case]:
    for number in range(count):
        r = random.Random(f"{seed}/{number}/long")
        yield _joined(r, [case_from_json(random_case(r))[0] for _ in range(r.randint(*spells))])


def _joined(r: random.Random, spells: list[Case]) -> Case:
    """Each begins some time after the one before it ended."""
    first, at = spells[0], spells[0].draws[0].taken_at + timedelta()
    draws: list[Draw] = []
    events: list[Event] = []
    for spell in spells:
        start, last = min(d.taken_at for d in spell.draws), max(d.taken_at for d in spell.draws)
        by = at - start
        draws += [_later(d, by) for d in spell.draws]
        events += [_moved(r, e, by, last + by) for e in spell.events]
        at = last + by + timedelta(days=r.choice(PAUSES))
    draws += _at_the_same_moment(r, draws)
    known = {d.kind: d for spell in spells for d in spell.diagnoses if r.random() < 0.5}
    return replace(
        first,
        as_of=max(d.taken_at for d in draws) + timedelta(days=1),
        draws=tuple(r.sample(draws, len(draws))),
        events=tuple(r.sample(events, len(events))),
        diagnoses=tuple(known.values()),
        reviews=tuple(_reviews(r, draws)),
    )


def _later(draw: Draw, by: timedelta) -> Draw:
    return replace(draw, taken_at=draw.taken_at + by, id="")


def _moved(r: random.Random, event: Event, by: timedelta, last: datetime) -> Event:
    """What nobody ended goes on through the years that follow only now and then."""
    ended = event.ended_at + by if event.ended_at else None
    if ended is None and r.random() < 0.8:
        ended = max(last, event.started_at + by)
    return replace(event, started_at=event.started_at + by, ended_at=ended)


def _at_the_same_moment(r: random.Random, draws: list[Draw]) -> list[Draw]:
    """Tubes of the minute of another: of another laboratory or method, with other numbers."""
    twice = [d for d in draws if r.random() < 0.04 and d.results]
    return [
        replace(
            d,
            id=f"{d.id} again",
            laboratory=r.choice((d.laboratory, "B", "")),
            method=r.choice((d.method, "point_of_care")),
            results=tuple(replace(x, value=x.value * r.choice((1, 1.2, 0.5))) for x in d.results),
        )
        for d in twice
    ]


def _reviews(r: random.Random, draws: list[Draw]) -> Iterator[Review]:
    for _ in range(r.choice((0, 0, 1, 3))):
        on = r.choice(draws).taken_at + timedelta(days=r.choice((-1, 0, 1, 40)))
        yield Review(r.choice(CAUSES), r.choice(VERDICTS), on)
