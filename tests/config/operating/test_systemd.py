"""The two services as systemd reads them: `config/operating/*.service`."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "config/operating"
UNITS = sorted(FOLDER.glob("*.service"))
DOCUMENT = FOLDER.parents[1] / "docs/operating.md"
ANALYZE = shutil.which("systemd-analyze")


def read(unit: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # systemd's names have capitals
    parser.read_string(unit.read_text(encoding="utf-8"))
    return parser


def test_there_is_one_for_the_web_and_one_for_the_worker() -> None:
    assert [unit.stem for unit in UNITS] == ["liver-inr-worker", "liver-inr"]


def test_they_differ_in_what_they_run_only() -> None:
    worker, web = (dict(read(unit)["Service"]) for unit in UNITS)
    different = {name for name in worker | web if worker.get(name) != web.get(name)}
    assert different == {"ExecStart", "Restart"}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_user_files_and_folders_are_those_of_the_document(unit: Path) -> None:
    service, document = read(unit)["Service"], DOCUMENT.read_text(encoding="utf-8")
    assert f"VAR_DIR={service['ReadWritePaths']}\n" in document
    assert f"In `{service['EnvironmentFile']}`" in document
    assert f"shell /usr/sbin/nologin {service['User']}\n" in document
    assert service["ExecStart"].startswith(f"{service['WorkingDirectory']}/.venv/bin/python ")


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_knows_every_line(unit: Path, tmp_path: Path) -> None:
    """It warns of a line that it does not know, and goes on without: nobody would notice that a limit is none."""
    assert ANALYZE
    text = unit.read_text(encoding="utf-8").replace("/opt/liver-inr/.venv/bin/python", "/bin/true")
    here = tmp_path / unit.name
    here.write_text(text.replace("User=liver", "User=root"), encoding="utf-8")
    done = subprocess.run([ANALYZE, "verify", here], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
