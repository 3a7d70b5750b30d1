"""Every view, range and scale of one chart in one answer: what the browser switches between without asking."""

import json
from collections.abc import Callable

from ..data import ChartData
from ..reading.draws import draws_in_words
from ..reading.ranges import spans, within

# Parts of figures that are longer than this, as text, are sent once, however many figures hold them.
SHARED = 60


def bundle(data: ChartData, figures: dict, scales: tuple[str, ...], draw: Callable) -> dict:
    """`draw(data, view, scale)` makes a figure; keys are "view range scale".

    `parts` holds what the figures have in common; in its place stands {"part": its number}.
    """
    parts: list = []
    known: dict[str, int] = {}
    made = {
        f"{view} {days} {scale}": _shared(draw(within(data, days), view, scale), parts, known)
        for view in figures
        for days in spans(data)
        for scale in scales
    }
    return {"figures": made, "parts": parts, "draws": draws_in_words(data)}


def _shared(value: object, parts: list, known: dict[str, int]) -> object:
    """The same value with what is long in it replaced, from the inside out."""
    if isinstance(value, dict):
        made = {key: _shared(item, parts, known) for key, item in value.items()}
    elif isinstance(value, list):
        made = [_shared(item, parts, known) for item in value]
    else:
        return value
    text = json.dumps(made, separators=(",", ":"))
    if len(text) <= SHARED:
        return made
    if text not in known:
        known[text] = len(parts)
        parts.append(made)
    return {"part": known[text]}
