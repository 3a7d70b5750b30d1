"""Before the first page the knowledge is written and the templates are read."""

from unittest.mock import patch

from config import warm
from patients.presenters.knowledge import files
from patients.views.knowledge.entries import entry_html, titles_html


def test_every_entry_is_written_before_anybody_asks():
    with patch("config.warm.gc"):
        warm.warm()
    entries = [entry for file in files() for entry in file.entries]
    written = entry_html.cache_info().misses, titles_html.cache_info().misses
    assert all(entry_html(entry) for entry in entries) and all(titles_html(file) for file in files())
    assert (entry_html.cache_info().misses, titles_html.cache_info().misses) == written
