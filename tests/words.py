"""What a page says, wherever its template breaks the line."""

from django.http import HttpResponse


def words_of(response: HttpResponse) -> str:
    """The page with each run of blanks and line ends as one blank, and none before the end of a tag: to a browser
    these are the same."""
    return " ".join(response.content.decode().split()).replace(" >", ">")
