"""Searches by name or MRN, kept in the session under an id: no address, history or log holds what was typed.

The address with the id works with back, reload and without scripts, in this session and for nobody else.
"""

from secrets import token_urlsafe

from django.http import HttpRequest

KEY = "searches"
# More than anybody goes back to.
KEPT = 50


def keep(request: HttpRequest, text: str) -> str:
    """The id under which this session finds the search again."""
    kept = request.session.get(KEY, {})
    name = next((name for name, words in kept.items() if words == text), None) or token_urlsafe(6)
    # The newest stands last.
    others = [pair for pair in kept.items() if pair[0] != name]
    request.session[KEY] = dict([*others, (name, text)][-KEPT:])
    return name


def asked(request: HttpRequest) -> dict[str, str]:
    """What the address says, with the words of the search whose id it holds; "" where that has ended."""
    given = request.GET.dict()
    if "search" in given:
        given["q"] = request.session.get(KEY, {}).get(given["search"], "")
    return given
