"""What Chromium prints: pages counted in its PDF, and their words."""

import re
import unicodedata

from playwright.sync_api import expect
from pypdf import PdfReader

# Every object of a page says so in a PDF that Chromium writes.
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
NOT_PAPER = ".bar, .back, [data-print]"


def printed(window, name: str) -> int:
    """Prints the page in the window, its screen dark; the PDF is kept to look at. The number of its pages."""
    page = window.page
    page.emulate_media(color_scheme="dark", media="print")
    for part in page.locator(NOT_PAPER).all():
        expect(part).to_be_hidden()
    ground = "() => getComputedStyle(document.querySelector('.sheet')).color"
    assert page.evaluate(ground) == "rgb(0, 0, 0)"
    path = window.picture(f"paper-{name}").with_suffix(".pdf")
    written = page.pdf(path=path, prefer_css_page_size=True)
    page.emulate_media(color_scheme="light", media="screen")
    assert b"/MediaBox [0 0 594.9" in written, "the sheet is not A4"
    return len(PAGE.findall(written))


def words_of(window, name: str) -> list[str]:
    """The words of each page of what was printed; two letters drawn as one are two."""
    path = window.picture(f"paper-{name}").with_suffix(".pdf")
    return [unicodedata.normalize("NFKC", page.extract_text()) for page in PdfReader(path).pages]


def check_pages(words: list[str], pages: int, running: str, meeting) -> None:
    """Each page says what it is and which of how many; each patient stands whole on one page."""
    assert len(words) == pages
    for number, said in enumerate(words, 1):
        assert running in said and f"Page {number} of {pages}" in said
    for item in meeting.items.select_related("patient"):
        holding = [said for said in words if item.patient.mrn in said]
        assert len(holding) == 1, item.patient.mrn
        # The MRN stands at the head of an entry; its grade and what follows are on the same page.
        assert item.patient.family_name in holding[0]
