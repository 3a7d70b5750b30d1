"""One line of signs that can be seen, whatever escapes a message wrote them with."""

# Joiners that some scripts need between letters; every other unseen sign could hide in a number or a name.
_JOINERS = "\u200c\u200d"
# So much of a comment is kept.
COMMENT = 300


def one_line(text: str) -> str:
    """White space as single spaces, without control characters, marks of direction and halves of letters."""
    text = " ".join(text.split())
    if text.isprintable():
        return text
    return "".join(sign for sign in text if sign.isprintable() or sign in _JOINERS)


def cut(text: str, length: int) -> str:
    """What is longer ends in a mark that more was said."""
    return text if len(text) <= length else text[: length - 1] + "…"
