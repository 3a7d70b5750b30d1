"""The people of `people.toml` with their times on the calendar of the day of loading."""

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

PEOPLE = Path(__file__).with_name("people.toml")
# So that not all draws of a person are at the same minute; earlier ones later, so that no gap grows.
MINUTES = (0, 11, 4, 23, 17, 8)


@dataclass(frozen=True)
class Person:
    mrn: str
    family_name: str
    given_name: str
    sex: str
    birth_date: date
    died_on: date | None
    expected: str
    draws: tuple["DemoDraw", ...]
    diagnoses: tuple[dict, ...]
    events: tuple[dict, ...]
    reviews: tuple[dict, ...]
    contacts: tuple[dict, ...] = ()
    left_out: dict | None = None
    anticoagulant: str = ""


@dataclass(frozen=True)
class DemoDraw:
    taken_at: datetime
    laboratory: str
    cells: dict[str, str] = field(default_factory=dict)


def people(now: datetime, zone: ZoneInfo) -> list[Person]:
    return [_person(row, _data(), now.astimezone(zone)) for row in _data()["person"]]


@cache
def _data() -> dict:
    return tomllib.loads(PEOPLE.read_text("utf-8"))


def _person(row: dict, data: dict, now: datetime) -> Person:
    first = _first_draw(row, now)

    def day(number: float) -> date:
        return (first + timedelta(days=number)).date()

    return Person(
        mrn=row["mrn"],
        family_name=row["family_name"],
        given_name=row["given_name"],
        sex=row["sex"],
        birth_date=_birth_date(row, now.date()),
        died_on=day(row["died"]) if "died" in row else None,
        expected=row.get("expected", ""),
        draws=tuple(_draws(row, data, first)),
        diagnoses=tuple(_diagnosis(given, day) for given in row.get("diagnoses", ())),
        events=tuple(_event(given, first, now) for given in row.get("events", ())),
        reviews=tuple(row.get("reviews", ())),
        contacts=tuple(_contact(given, now.date()) for given in row.get("contacts", ())),
        left_out=_left_out(row["left_out"], now.date()) if "left_out" in row else None,
        anticoagulant=row.get("anticoagulant", ""),
    )


def _first_draw(row: dict, now: datetime) -> datetime:
    """From the last draw back: that one lies the wanted days ago, and never ahead of the clock."""
    hour = time.fromisoformat(row["latest"]["at"])
    latest = datetime.combine(now.date() - timedelta(days=row["latest"]["days"]), hour, now.tzinfo)
    if latest > now:
        latest = datetime.combine(latest.date() - timedelta(days=1), hour, now.tzinfo)
    return latest - timedelta(days=_times(row)[-1])


def _times(row: dict) -> list[float]:
    if count := row.get("generated"):
        return [7.0 * week for week in range(count)]
    return [draw[0] for draw in row["draws"]] or [0]


def _birth_date(row: dict, today: date) -> date:
    """A birthday earlier in the year or today, so that the age is the one given."""
    back = 3 + 11 * int(row["mrn"][-2:])
    born = today - timedelta(days=back)
    return date(born.year - row["age"], born.month, min(born.day, 28))


def _draws(row: dict, data: dict, first: datetime) -> Iterator[DemoDraw]:
    if row.get("generated"):
        yield from _long(row, data, first)
        return
    columns = row.get("columns", data["columns"])
    laboratories = row.get("laboratories", [data["laboratory"]] * len(row["draws"]))
    for place, (draw, laboratory) in enumerate(zip(row["draws"], laboratories, strict=True)):
        shift = timedelta(minutes=MINUTES[(len(row["draws"]) - 1 - place) % len(MINUTES)])
        cells = {name: str(value) for name, value in zip(columns, draw[1:], strict=True) if value != ""}
        yield DemoDraw(_minute(first + timedelta(days=draw[0]) + shift), laboratory, cells)


def _long(row: dict, data: dict, first: datetime) -> Iterator[DemoDraw]:
    """Weekly draws over years: slowly worse, with flares and noise. The same on every day of loading."""
    chance = random.Random(row["mrn"])
    count = row["generated"]
    for place, day in enumerate(_times(row)):
        share = place / count
        flare = 1 + 1.4 * max(0.0, 1 - abs(place % 83 - 9) / 9)
        values = {
            "ALT": 92 * (1 - 0.55 * share) * flare * chance.lognormvariate(0, 0.12),
            "AST": 81 * (1 - 0.45 * share) * flare * chance.lognormvariate(0, 0.10),
            "INR": (1.05 + 0.65 * share**2) * chance.lognormvariate(0, 0.03),
        }
        if place % 4 == 3:
            bilirubin = (14 + 38 * share**2) * chance.lognormvariate(0, 0.1)
            values |= {
                "bilirubin_total": bilirubin,
                "bilirubin_direct": bilirubin * 0.42,
                "albumin": (41 - 8 * share) * chance.lognormvariate(0, 0.02),
                "platelets": (214 - 110 * share) * chance.lognormvariate(0, 0.05),
                "ALP": 210 * chance.lognormvariate(0, 0.06),
                "GGT": 180 * chance.lognormvariate(0, 0.09),
            }
        cells = {name: f"{value:.1f}" if name == "INR" else f"{value:.0f}" for name, value in values.items()}
        minute = timedelta(minutes=chance.randrange(0, 50) if place < count - 1 else 0)
        yield DemoDraw(_minute(first + timedelta(days=day) + minute), data["laboratory"], cells)


def _diagnosis(given: dict, day) -> dict:
    return {
        "kind": given["kind"],
        "noted_on": day(given["noted"]),
        "resolved_on": day(given["resolved"]) if "resolved" in given else None,
        "codes": given.get("codes", []),
    }


def _event(given: dict, first: datetime, now: datetime) -> dict:
    event = {name: value for name, value in given.items() if name not in ("from", "to")}
    event["started_at"] = _minute(first + timedelta(days=given["from"]))
    event["ended_at"] = _minute(first + timedelta(days=given["to"])) if "to" in given else None
    return event


def _contact(given: dict, today: date) -> dict:
    """Days before loading; the next attempt in days after it."""
    contact = {name: value for name, value in given.items() if name not in ("days", "next", "owner")}
    contact["made_on"] = today - timedelta(days=given["days"])
    if "next" in given:
        contact |= {"next_on": today + timedelta(days=given["next"]), "owner": given["owner"]}
    return contact


def _left_out(given: dict, today: date) -> dict:
    left_out = {"reason": given["reason"], "note": given.get("note", "")}
    left_out["starts_on"] = today - timedelta(days=given["days"])
    if "until" in given:
        left_out["ends_on"] = today + timedelta(days=given["until"])
    return left_out


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
