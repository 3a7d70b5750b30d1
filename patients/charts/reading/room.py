"""Where words may stand in a panel: clear of its lines, points, labels and levels, in pixels."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ..panel import AxesPanel
from ..sheet import LETTER, PLOT, ChartSheet
from ..values import stamp

# Half the height of a line of text, and of a mark.
HALF, MARK = 7, 5
Place = tuple[float, float]


@dataclass(frozen=True)
class Box:
    left: float
    right: float
    top: float
    bottom: float

    def is_met_by(self, one: Place, other: Place) -> bool:
        """Whether the stretch between two places passes through it."""
        (x0, y0), (x1, y1) = sorted((one, other))
        if x1 < self.left or x0 > self.right:
            return False
        slope = (y1 - y0) / (x1 - x0) if x1 > x0 else None
        cut = [max(x0, self.left), min(x1, self.right)]
        ends = (y0, y1) if slope is None else [y0 + slope * (x - x0) for x in cut]
        return min(ends) <= self.bottom and max(ends) >= self.top

    def meets(self, other: "Box") -> bool:
        across = self.left <= other.right and other.left <= self.right
        return across and self.top <= other.bottom and other.top <= self.bottom


def words_box(left: float, middle: float, text: str) -> Box:
    return Box(left, left + LETTER * len(text), middle - HALF, middle + HALF)


class Room:
    """What stands on a panel so far, and whether words fit beside it."""

    def __init__(self, sheet: ChartSheet, panel: AxesPanel, span: tuple[datetime, datetime]) -> None:
        self.sheet, self.panel = sheet, panel
        self.start, end = (datetime.fromisoformat(stamp(at)) for at in span)
        self.length = end - self.start
        self.stretches = [*self._lines(), *self._levels()]
        self.boxes = [*self._marks(), *self._labels()]

    def is_free(self, box: Box) -> bool:
        inside = self.panel.top <= box.top and box.bottom <= self.panel.bottom and box.left >= 0
        if not inside or any(box.meets(other) for other in self.boxes):
            return False
        return not any(box.is_met_by(*stretch) for stretch in self.stretches)

    def x(self, at: str) -> float:
        return (datetime.fromisoformat(at) - self.start) / self.length * PLOT

    def _traces(self) -> Iterator[tuple[dict, list[Place | None]]]:
        for trace in self.sheet.data:
            if trace.get("yaxis", "y") == self.panel.axis:
                pairs = zip(trace["x"], trace["y"], strict=True)
                yield trace, [None if y is None else (self.x(x), self.panel.pixel(y)) for x, y in pairs]

    def _lines(self) -> Iterator[tuple[Place, Place]]:
        for trace, places in self._traces():
            if "lines" in trace.get("mode", "lines"):
                yield from ((a, b) for a, b in zip(places, places[1:], strict=False) if a and b)

    def _marks(self) -> Iterator[Box]:
        for trace, places in self._traces():
            if "markers" in trace.get("mode", ""):
                size = trace["marker"].get("size", 0)
                half = size / 2 if isinstance(size, int | float) else MARK
                yield from (Box(x - half, x + half, y - half, y + half) for x, y in filter(None, places))

    def _levels(self) -> Iterator[tuple[Place, Place]]:
        for shape in self.sheet.shapes:
            if shape["yref"] == self.panel.axis and shape["type"] == "line":
                y = self.panel.pixel(shape["y0"])
                yield (0, y), (PLOT, y)

    def _labels(self) -> Iterator[Box]:
        for note in self.sheet.notes:
            if note.get("yref") == self.panel.axis:
                value = 10 ** note["y"] if self.panel.log else note["y"]
                middle = self.panel.pixel(value) - note.get("yshift", 0)
                width = LETTER * len(note["text"])
                yield words_box(self.x(note["x"]) - width / 2, middle, note["text"])
