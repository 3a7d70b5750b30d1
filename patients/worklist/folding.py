"""Names and numbers as they are searched and sorted."""

import re
import unicodedata

# Letters that Unicode does not take apart into a letter and a mark.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})


def fold(text: str) -> str:
    """Small letters without marks: "Novák" and "NOVAK" are found by one another."""
    parts = unicodedata.normalize("NFKD", text.casefold().translate(PLAIN))
    return "".join(letter for letter in parts if not unicodedata.combining(letter)).translate(PLAIN)


def words(text: str) -> list[str]:
    """The folded words of a text: letters and digits only, so they need no quoting in a search."""
    return re.findall(r"[^\W_]+", fold(text))
