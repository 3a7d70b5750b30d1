"""Serves the one file that we need of the installed plotly package, so that both always match."""

from collections.abc import Iterator
from pathlib import Path

import plotly
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

FOLDER = Path(plotly.__file__).parent / "package_data"
FILE = "plotly.min.js"


class PlotlyFinder(BaseFinder):
    """Finds plotly/plotly.min.js."""

    def __init__(self, *args, **kwargs) -> None:
        self.storage = FileSystemStorage(location=FOLDER)
        self.storage.prefix = "plotly"

    def find(self, path, find_all=False, **kwargs) -> str | list[str]:
        if path != f"plotly/{FILE}":
            return []
        return [str(FOLDER / FILE)] if find_all else str(FOLDER / FILE)

    def list(self, ignore_patterns) -> Iterator[tuple[str, FileSystemStorage]]:
        if not matches_patterns(FILE, ignore_patterns):
            yield FILE, self.storage
