"""Actions and verdicts on causes in words, whether they stand or were frozen."""

from datetime import date, datetime

from interpretation.knowledge import load

from .models import Action
from .stage import names_of

load("causes").read_by(__name__, "cause")


def action_words(kind: str, text: str, tests: list[str]) -> str:
    """ "Repeat INR, ALT: fasting", "Refer for transplant evaluation", "Ring the GP"."""
    parts = {
        Action.Kind.REPEAT: f"Repeat {names_of(tests)}",
        Action.Kind.TRANSPLANT: Action.Kind.TRANSPLANT.label,
    }
    return ": ".join(filter(None, [parts.get(kind, ""), text]))


def in_words(action: dict) -> dict:
    """A frozen action as a line: what, by whom, until when."""
    words = action_words(action["kind"], action["text"], action.get("tests", []))
    return {**action, "words": words, "due_on": date.fromisoformat(action["due_on"])}


def verdict_words(cause: str, verdict: str, note: str, by: str) -> str:
    """ "Direct oral anticoagulant excluded: level not detectable. (Chidi Okafor)"."""
    name = load("causes")["cause"].get(cause, {}).get("name", cause)
    given = {"pending": "open again"}.get(verdict, verdict)
    return f"{name} {given}{f': {note}' if note else ''} ({by})"


def judged_since(content: dict, began: datetime) -> list[str]:
    """The verdicts on causes that a frozen report holds from `began` on: those of the meeting itself."""
    found = []
    for cause in content.get("causes", []):
        review = cause.get("review")
        if review and datetime.fromisoformat(review["on"]) >= began:
            found.append(verdict_words(cause["key"], review["verdict"], review["note"], review["by"]))
    return found
