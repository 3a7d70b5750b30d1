"""The papers name every command, setting and page there is, and nothing that there is not."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import URLPattern, get_resolver

from tests.test_permissions import NEVER, TABLE

ROOT = Path(__file__).parents[1]
APPS = ("accounts", "config", "interpretation", "meetings", "patients", "uploads")
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXTS = {str(paper.relative_to(ROOT)): paper.read_text(encoding="utf-8") for paper in PAPERS}
ALL = "\n".join(TEXTS.values())
# Named by the papers before they are there. A folder that has come leaves the list.
# Set for others: PostgreSQL, Django, sh.
FOREIGN = {"XDG_RUNTIME_DIR", "LC_ALL", "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"}
# The tests of the readers of settings invent some.
INVENTING = ROOT / "tests/config/test_environment.py"
READ = re.compile(r'(?:environ(?:\.get)?[(\[]|\benv[a-z]+\(|\bwritable\()\s*"([A-Z_]+)"')
READ_BY_SH = re.compile(r"\$\{([A-Z_]+):-")
# Written by a program or by whoever runs one, never part of the project.
ELSEWHERE = {"var/", "VAR_DIR/before-0.9-DATE/", "wheels/"}
ENDINGS = "py|toml|html|css|js|md|txt|lock|conf|png|svg"


def our_commands() -> set[str]:
    """Django answers `version` itself, so ours stands in manage.py."""
    return {name for name, app in get_commands().items() if app in APPS} | {"version"}


def settings() -> set[str]:
    """Every name that our code, scripts and tests read from the environment."""
    files = [path for folder in (*APPS, "tests") for path in (ROOT / folder).rglob("*.py")]
    found = {name for path in files if path != INVENTING for name in READ.findall(path.read_text())}
    found |= {name for path in (ROOT / "script").iterdir() for name in READ_BY_SH.findall(path.read_text())}
    return found - FOREIGN


def first_cells(pattern: str) -> set[str]:
    """What the first cells of the tables in the papers name."""
    return set(re.findall(rf"^\| `({pattern})[ `]", ALL, re.MULTILINE))


def routes(resolver=None, before: str = "/", namespace: str = "") -> Iterator[tuple[str, str]]:
    """Every (name, address) of the project, parameters as <>."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", blank(address)
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry, address, inner)


def blank(address: str) -> str:
    return re.sub(r"<[^>]*>", "<>", address)


ROUTES = dict(routes())
# What is left to allauth and the admin: explained by the page itself, or for nobody.
OURS = {
    name: address
    for name, address in ROUTES.items()
    if not name.startswith(("account_", "admin:", "mfa_", "openid_", "socialaccount_"))
    and name != "fhir-nothing"
}
DOCUMENTED = {blank(address) for address in first_cells(r"/[^` ]*")}


def test_every_command_has_a_row():
    assert sorted(our_commands() - first_cells("[a-z_]+")) == []


def test_every_row_is_a_command():
    assert sorted(first_cells("[a-z_]+") - our_commands()) == []


def test_every_command_that_is_named_exists():
    named = set(re.findall(r"manage\.py ([a-z_]+)", ALL))
    assert sorted(named - set(get_commands()) - our_commands()) == []


def test_every_option_that_is_named_exists():
    """An option of a command's row is one that its file adds."""
    for name, row in re.findall(r"^\| `([a-z_]+)([^|]*\|[^|]*)\|", ALL, re.MULTILINE):
        files = [path for app in APPS for path in (ROOT / app).glob(f"management/commands/{name}.py")]
        code = "".join(path.read_text() for path in files)
        missing = [option for option in re.findall(r"--[a-z-]+", row) if f'"{option}"' not in code]
        assert missing == [], f"{name}: {missing}"


def test_every_setting_has_a_row():
    assert sorted(settings() - first_cells("[A-Z_]+")) == []


def test_every_row_is_a_setting():
    assert sorted(first_cells("[A-Z_]+") - settings()) == []


def test_every_setting_that_is_given_a_value_exists():
    given = set(re.findall(r"(?:^|[ `])([A-Z][A-Z_]+)=", ALL, re.MULTILINE))
    assert sorted(given - settings()) == []


def test_every_page_has_a_row():
    pages = {name for name in OURS if TABLE[name][0] != NEVER}
    assert sorted(name for name in pages if OURS[name] not in DOCUMENTED) == []


def test_every_row_is_an_address():
    assert sorted(DOCUMENTED - set(ROUTES.values())) == []


def named_files() -> Iterator[tuple[str, str]]:
    """Every (paper, path or file name) between backticks or behind a link, but for blocks of programs."""
    for paper, text in TEXTS.items():
        prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
        for name in re.findall(rf"`([\w.][\w./-]*(?:\.(?:{ENDINGS})|/))`", prose):
            yield paper, name
        for link in re.findall(r"\]\(([^)#:]+)\)", prose):
            yield paper, str((ROOT / paper).parent.joinpath(link).resolve().relative_to(ROOT))


def exists(name: str) -> bool:
    """A path from the root; a file name without a folder may stand anywhere."""
    if name in ELSEWHERE or (ROOT / name).exists():
        return True
    folders = (*APPS, "templates", "static", "tests")
    return "/" not in name and any(True for folder in folders for _ in (ROOT / folder).rglob(name))


@pytest.mark.parametrize("paper", TEXTS)
def test_every_file_that_is_named_exists(paper):
    named = {name for where, name in named_files() if where == paper}
    assert sorted(name for name in named if not exists(name)) == []


def test_every_folder_has_its_paragraph():
    """Of the apps: each package with modules of its own, but for what Django prescribes."""
    developing = TEXTS["docs/developing.md"]
    prescribed = {"management", "migrations", "templatetags"}
    packages = [
        f"{app}/{folder.parent.name}/"
        for app in ("interpretation", "patients", "uploads")
        for folder in (ROOT / app).glob("*/__init__.py")
        if folder.parent.name not in prescribed
    ]
    assert [name for name in packages if f"`{name}`" not in developing] == []


def test_the_glossary_has_one_line_a_term_in_order():
    for part in TEXTS["GLOSSARY.md"].split("\n## ")[1:]:
        lines = part.strip().splitlines()[2:]
        terms = [re.fullmatch(r"- \*\*(.+?)\*\*: .+\.", line)[1] for line in lines]
        assert terms == sorted(terms, key=str.casefold)


def test_a_term_has_one_meaning():
    terms = re.findall(r"^- \*\*(.+?)\*\*", TEXTS["GLOSSARY.md"], re.MULTILINE)
    assert sorted(terms) == sorted(set(terms))


def test_the_changelog_begins_with_this_version():
    from config.version import VERSION

    first = re.search(r"^## (\S+)", TEXTS["CHANGELOG.md"], re.MULTILINE)
    assert first and first[1] == VERSION


def test_every_decision_is_in_the_list():
    there = {path.name for path in (ROOT / "docs/decisions").glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", TEXTS["docs/decisions/README.md"])) == there
