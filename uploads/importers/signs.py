"""One line of signs that can be seen, whatever escapes a message wrote them with."""

# Joiners that some scripts need between letters; every other unseen sign could hide in a number or a name.
_JOINERS = "\u200c\u200d"


def one_line(text: str) -> str:
    """White space as single spaces, without control characters, marks of direction and halves of letters."""
    text = " ".join(text.split())
    if text.isprintable():
        return text
    return "".join(sign for sign in text if sign.isprintable() or sign in _JOINERS)
