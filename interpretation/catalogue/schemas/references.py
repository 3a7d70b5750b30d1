"""references.toml: where everything comes from."""

from collections.abc import Iterable

from .shape import NAME, Each, Table, Word

SHAPE = Table({"reference": Each(Table({"short": NAME, "text": NAME}, {"background": NAME}), "GK ED C")})
VERSION = Word()


def rules(files: dict[str, dict]) -> Iterable[str]:
    if not files["references"].get("version"):
        yield 'references.toml: version: missing: write it as "2026.1"'
