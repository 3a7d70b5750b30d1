"""Cases as the JSON of `python -m interpretation`, written by hand in days from one morning."""

from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]
START = datetime(2025, 1, 1, 8, tzinfo=UTC)
UNITS = {
    **dict.fromkeys(("ALT", "AST", "ALP"), "U/L"),
    **dict.fromkeys(("bilirubin_total", "creatinine"), "umol/L"),
    **dict.fromkeys(("factor_v", "factor_viii"), "%"),
    **{"INR": "{INR}", "albumin": "g/L", "haematocrit": "L/L"},
}
LIMITS = {"ALT": 40, "AST": 40, "ALP": 120}


def stamp(days: float) -> str:
    return (START + timedelta(days=days)).isoformat(timespec="seconds").replace("+00:00", "Z")


def clock(text: str, day: float = 0) -> float:
    """Days from the start to an hour of a day, written "HH:MM"."""
    hours, minutes = text.split(":")
    return day + (int(hours) - START.hour) / 24 + int(minutes) / 1440


def draw(days: float, laboratory: str = "L", method: str = "", **values: float) -> Json:
    """Values in canonical units by analyte; alt, ast, inr and bilirubin may be written short."""
    names = {"alt": "ALT", "ast": "AST", "inr": "INR", "bilirubin": "bilirubin_total", "alp": "ALP"}
    results = []
    for name, value in values.items():
        analyte = names.get(name, name)
        limit = {"upper_limit": LIMITS[analyte]} if analyte in LIMITS else {}
        results.append({"analyte": analyte, "value": value, "unit": UNITS[analyte], **limit})
    return {"taken_at": stamp(days), "laboratory": laboratory, "method": method, "results": results}


def dated(drawn: Json) -> Json:
    """The same draw, its hour not known."""
    return {**drawn, "taken_at": drawn["taken_at"][:10]}


def event(kind: str, start: float, end: float | None = None, **more: object) -> Json:
    ended = None if end is None else stamp(end)
    return {"kind": kind, "started_at": stamp(start), "ended_at": ended, **more}


def case(
    *draws: Json, diagnoses: tuple[str, ...] = (), events: tuple[Json, ...] = (), **more: object
) -> Json:
    """As of 12 hours after the last draw; diagnoses were noted in 2019."""
    last = max((datetime.fromisoformat(d["taken_at"]).timestamp() for d in draws), default=START.timestamp())
    as_of = datetime.fromtimestamp(last, UTC) + timedelta(hours=12)
    return {
        "id": "case",
        "as_of": as_of.isoformat(),
        "birth_date": "1965-05-05",
        "draws": list(draws),
        "diagnoses": [{"kind": kind, "noted_on": "2019-05-01"} for kind in diagnoses],
        "events": list(events),
        **more,
    }
