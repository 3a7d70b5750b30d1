"""The light colours of the screen, for a drawing that leaves it."""

import re
from functools import cache

from django.conf import settings

COLOUR = re.compile(r"--([a-z-]+): light-dark\(([^,]+),")


@cache
def light() -> dict[str, str]:
    """Of static/css/tokens.css, by name."""
    text = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    return dict(COLOUR.findall(text))


def resolved(drawing: str) -> str:
    """Without names of colours, which no program but a browser with our page knows."""
    return re.sub(r"var\(--([a-z-]+)\)", lambda found: light()[found[1]], drawing)
