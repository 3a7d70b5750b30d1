"""statements.toml: the sentences of the source document, and our own."""

from collections.abc import Iterable

from ...shape import TEXT, Each, Files, Sentence, TableShape, Word

CATEGORIES = ("action", "alternate cause", "caveat", "mechanism", "monitoring", "prognosis", "scenario")

SHAPE = TableShape(
    {
        "statement": Each(
            TableShape(
                {"text": TEXT, "category": Word(CATEGORIES)},
                {"caveat": Sentence(may_be_empty=True)},
                sourced=True,
            ),
        )
    }
)


def rules(files: Files) -> Iterable[str]:
    return ()
