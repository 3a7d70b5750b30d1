"""What script/bundle packs and script/setup takes. The whole way: python -m tests.delivery.without_internet"""

import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from delivery import bundle
from delivery.lock import ROOT, Locked


def wheel(folder: Path) -> Path:
    path = folder / "some_thing-1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("some_thing/word.js", "word.js v3.4")
        archive.writestr("some_thing-1.2.dist-info/METADATA", "Name: some-thing\nLicense-Expression: MIT\n")
    return path


def test_a_part_is_read_from_its_wheel(tmp_path):
    locked = Locked("some-thing", "1.2", None, (), ("-r requirements.txt",))
    wheel(tmp_path)
    [part] = bundle.parts([locked], tmp_path)
    assert part.content.metadata["License-Expression"] == "MIT"
    assert part.content.locate_file("some_thing/word.js").read_text() == "word.js v3.4"
    assert len(part.sha256) == 64


def test_the_archive_holds_what_is_committed_but_no_tests_the_wheels_and_the_list_of_parts(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(bundle, "_git", invented_git(tmp_path))
    (tmp_path / "wheels").mkdir()
    wheel(tmp_path / "wheels")
    for name in ("one", "two"):
        bundle.pack(tmp_path / name, "it", tmp_path / "wheels", "3.12 x86_64\n", "{}")
    with tarfile.open(tmp_path / "one") as tar:
        assert tar.getnames() == [
            "it/script/setup",
            "it/wheels/FOR",
            "it/sbom.cdx.json",
            "it/wheels/some_thing-1.2-py3-none-any.whl",
        ]
        assert tar.getmember("it/script/setup").mode & 0o100
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def invented_git(folder: Path):
    """A revision with one file, and a test."""
    with tarfile.open(folder / "committed.tar", "w") as tar:
        tar.add(ROOT / "script/setup", "it/script/setup")
        tar.add(ROOT / "tests/requirements.txt", "it/tests/requirements.txt")
    answers = {"archive": (folder / "committed.tar").read_bytes(), "log": b"1700000000\n"}
    return lambda command, *words: answers[command]


@pytest.mark.parametrize(
    ("made_for", "sentence"),
    [
        ("3.99 {machine}", "This bundle is for Python 3.99, and none was found."),
        ("3.12 z80", "This bundle is for z80, and this machine is {machine}."),
    ],
)
def test_a_bundle_for_another_python_or_machine_says_so(tmp_path, made_for, sentence):
    machine = subprocess.run(["uname", "-m"], capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / "script").mkdir()
    shutil.copy(ROOT / "script/setup", tmp_path / "script")
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels/FOR").write_text(made_for.format(machine=machine))
    done = subprocess.run(["script/setup"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and sentence.format(machine=machine) in done.stderr
