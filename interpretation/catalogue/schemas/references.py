"""references.toml: where everything comes from."""

from collections.abc import Iterable

from ..shape import NAME, Each, Files, TableShape

SHAPE = TableShape(
    {"reference": Each(TableShape({"short": NAME, "text": NAME}, {"background": NAME}), "GK ED C")}
)


def rules(files: Files) -> Iterable[str]:
    if not files["references"].get("version"):
        yield 'references.toml: version: missing: write it as "2026.2"'
