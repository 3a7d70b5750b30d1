import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from config.collected import Once

NAMED = re.compile(r"{% static '([^']+)' %}")
TEXT = "the same words again and again\n" * 100


def test_the_chart_library_is_served_from_the_installed_package():
    assert finders.find("plotly/plotly.min.js").endswith("package_data/plotly.min.js")


def test_nothing_else_of_that_package_is_served():
    assert finders.find("plotly/widgetbundle.js") is None


def test_both_styles_of_the_chart_library_are_allowed_and_nothing_inline(client, db):
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]
    assert policy.count("'sha256-") == 2
    assert "unsafe" not in policy


def named_files() -> set[str]:
    templates = (settings.BASE_DIR / "templates").rglob("*.html")
    return {name for template in templates for name in NAMED.findall(template.read_text())}


def test_every_file_that_a_page_names_is_there():
    named = named_files()
    assert len(named) > 20 and [name for name in named if not finders.find(name)] == []


@pytest.fixture
def script(tmp_path) -> Path:
    file = tmp_path / "chart.js"
    file.write_text(TEXT)
    return file


def compress(file: Path) -> list[str]:
    return [Path(made).name for made in Once(quiet=True).compress(str(file))]


def test_a_file_is_compressed_once(script):
    assert compress(script) == ["chart.js.br", "chart.js.gz"]
    assert compress(script) == []


def test_a_changed_file_is_compressed_anew(script):
    compress(script)
    script.write_text(TEXT.upper())
    assert compress(script) == ["chart.js.br", "chart.js.gz"]


@pytest.mark.parametrize("left", [b"", b"\x1f\x8b\x08", b"not compressed"])
def test_a_copy_that_was_not_finished_is_made_anew(script, left):
    compress(script)
    script.with_name("chart.js.gz").write_bytes(left)
    assert compress(script) == ["chart.js.br", "chart.js.gz"]
