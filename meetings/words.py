"""Actions in words, whether they stand or were frozen."""

from datetime import date

from .models import Action
from .stage import names_of


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
