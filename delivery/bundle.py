"""One archive with the project, wheels for a Python and a processor, and the list of parts.

python -m delivery.bundle PYTHON MACHINE FOLDER     called by script/bundle
"""

import gzip
import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import PathDistribution
from pathlib import Path
from zipfile import Path as ZipPath
from zipfile import ZipFile

from packaging.utils import canonicalize_name, parse_wheel_filename

from config.version import VERSION
from delivery.lock import ROOT, Locked, read, wanted_on
from delivery.sbom import NAME, Part, written

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = ("x86_64", "aarch64")
# Linux of Debian 10, RHEL 8 or later: what wheels of its glibc or an older one run on.
GLIBC = 28
USAGE = f"""Use: script/bundle PYTHON MACHINE [FOLDER], for example script/bundle 3.12 x86_64
PYTHON is one of {", ".join(PYTHONS)}; MACHINE is what “uname -m” prints there: {" or ".join(MACHINES)}."""


def main() -> None:
    python, machine, folder = sys.argv[1:]
    if python not in PYTHONS or machine not in MACHINES:
        sys.exit(USAGE)
    name = f"{NAME}-{VERSION}-python{python}-{machine}"
    with tempfile.TemporaryDirectory() as temporary:
        wheels = Path(temporary)
        wanted = wanted_on(read(), python, machine)
        download(wanted, wheels, python, machine)
        archive = Path(folder, f"{name}.tar.gz")
        pack(archive, name, wheels, f"{python} {machine}\n", written(parts(wanted, wheels)))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    Path(f"{archive}.sha256").write_text(f"{digest}  {archive.name}\n", encoding="utf-8")
    sys.stdout.write(f"{archive}\nSHA-256 {digest}\n")


def download(wanted: list[Locked], wheels: Path, python: str, machine: str) -> None:
    """Their wheels into the folder, each compared with the hashes of the lock."""
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(GLIBC, 4, -1)]
    platforms += [f"manylinux2014_{machine}", f"linux_{machine}"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as asked:
        asked.write("\n".join(each.line() for each in wanted))
        asked.flush()
        command = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check"]
        command += ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(wheels)]
        command += ["--python-version", python, "--implementation", "cp"]
        command += [word for platform in platforms for word in ("--platform", platform)]
        if subprocess.run([*command, "--requirement", asked.name], check=False).returncode:
            sys.exit("The wheels could not be had: see the message above.")


def parts(wanted: list[Locked], wheels: Path) -> list[Part]:
    """Each package with its wheel."""
    found = {parse_wheel_filename(path.name)[0]: path for path in wheels.glob("*.whl")}
    return [_part(each, found[canonicalize_name(each.name)]) for each in wanted]


def _part(locked: Locked, wheel: Path) -> Part:
    archive = ZipFile(wheel)
    [folder] = {found[0] for name in archive.namelist() if (found := re.match(r"[^/]+\.dist-info/", name))}
    return Part(
        locked,
        PathDistribution(ZipPath(archive, folder)),
        hashlib.sha256(wheel.read_bytes()).hexdigest(),
    )


def pack(archive: Path, name: str, wheels: Path, made_for: str, sbom: str) -> None:
    """What is committed, but for the tests, with the wheels in a folder of their own; the same again from the same."""
    committed = _git("archive", "--format=tar", f"--prefix={name}/", "HEAD")
    at = int(_git("log", "-1", "--format=%ct"))
    with (
        archive.open("wb") as file,
        gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=at, compresslevel=6) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
        tarfile.open(fileobj=io.BytesIO(committed)) as project,
    ):
        for member in project:
            # What serves needs no tests.
            if member.name.startswith(f"{name}/tests"):
                continue
            tar.addfile(member, project.extractfile(member) if member.isfile() else None)
        texts = {"wheels/FOR": made_for.encode(), "sbom.cdx.json": sbom.encode()}
        for path in sorted(wheels.iterdir()):
            texts[f"wheels/{path.name}"] = path.read_bytes()
        for inside, content in texts.items():
            entry = tarfile.TarInfo(f"{name}/{inside}")
            entry.size, entry.mtime, entry.mode = len(content), at, 0o644
            tar.addfile(entry, io.BytesIO(content))


def _git(*words: str) -> bytes:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"A bundle is made where the project was cloned: git {words[0]} failed.")
    return done.stdout


if __name__ == "__main__":
    main()
