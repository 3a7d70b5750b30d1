"""A date is read in one form everywhere: "30 Nov 2026", "Mon 30 Nov 2026, 01:11"."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import timezone

from patients import words

ROOT = Path(words.__file__).parents[1]
# For machines: the value of a field, the attribute of an element; a time of day alone.
ALLOWED = {"Y-m-d", "H:i", "H:i:s", "H:i:s T"}
WRITTEN = re.compile(r"""\|(?:date|time)(?!\w)(?::["']([^"']*)["'])?""")
# Names of months from the machine's language, and shapes that are not ours.
FOREIGN = re.compile(r"%-?d[ ./-]%[bBm]|%[bB] %-?d|%[aA]|%x|%c\b|%m/%d")
# Its letters are Plotly's, which reads them in the browser.
PLOTLY = "patients/charts/axes.py"


def test_templates_ask_the_house_for_dates():
    for path in (ROOT / "templates").rglob("*.html"):
        for found in WRITTEN.finditer(path.read_text(encoding="utf-8")):
            assert found[1] in ALLOWED, f"{path.name}: {found[0]}"


def test_no_sentence_takes_a_month_from_the_language_of_the_machine():
    apps = ("accounts", "config", "interpretation", "meetings", "patients", "uploads")
    for path in (path for app in apps for path in (ROOT / app).rglob("*.py")):
        if path.relative_to(ROOT).as_posix() != PLOTLY:
            found = FOREIGN.search(path.read_text(encoding="utf-8"))
            assert found is None, f"{path.relative_to(ROOT)}: {found[0] if found else ''}"


@pytest.mark.parametrize(
    ("filter_", "text"), [("local_day", "30 Nov 2026"), ("local_moment", "30 Nov 2026, 01:11")]
)
def test_a_time_from_the_database_is_told_in_the_zone_of_the_page(filter_, text):
    at = datetime.fromisoformat("2026-11-29T16:11:00+00:00")
    with timezone.override("Asia/Tokyo"):
        said = Template("{% load clinical %}{{ at|" + filter_ + " }}").render(Context({"at": at}))
    assert said == text


def test_a_day_of_a_file_is_told_as_any_other():
    said = Template("{% load clinical %}{{ '2026-12-01'|written_day }}").render(Context())
    assert said == "1 Dec 2026"
