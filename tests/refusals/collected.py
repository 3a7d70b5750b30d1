"""The sentences that stand in the code of readers, forms and commands: each text with its place.

Found in the code itself, so that a new sentence cannot be forgotten.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = (
    "uploads/importers", "uploads/matching", "uploads/staging", "uploads/profiles.py", "uploads/forms.py",
    "uploads/management", "patients/forms", "patients/pasted", "patients/values", "patients/management",
    "meetings/forms.py", "meetings/management", "accounts/forms.py", "accounts/management",
)  # fmt: skip
# What is shown beside a field or with --help refuses nothing.
_BESIDE = {"help_text", "help", "label", "placeholder"}
# Of a regular expression.
_PATTERN = re.compile(r"\(\?|\\[.?bs]")
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class CodeSentence:
    """`text` with {…} where the code puts something in."""

    file: str
    line: int
    text: str

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    def is_in(self, line: str) -> bool:
        """Whether a line of a golden text holds its words in their order."""
        at = 0
        for part in self.text.strip().split("{}"):
            at = line.find(part, at)
            if at < 0:
                return False
            at += len(part)
        return True


def sentences() -> Iterator[CodeSentence]:
    for file in _files():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for line, text in _texts(tree, _documentation(tree)):
            if _is_sentence(text):
                yield CodeSentence(str(file.relative_to(ROOT)), line, text)


def _files() -> Iterator[Path]:
    for room in ROOMS:
        path = ROOT / room
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _is_sentence(text: str) -> bool:
    """Ends as one, and has words of its own beside what is put in."""
    return (
        text.strip().endswith((".", "?"))
        and not _PATTERN.search(text)
        and len(_WORD.findall(text.replace("{}", ""))) >= 2
    )


def _documentation(tree: ast.AST) -> set[int]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {id(node.body[0]) for node in ast.walk(tree) if isinstance(node, kinds) and node.body
            and isinstance(node.body[0], ast.Expr)}  # fmt: skip


def _texts(node: ast.AST, skipped: set[int]) -> Iterator[tuple[int, str]]:
    if id(node) in skipped or isinstance(node, ast.keyword) and node.arg in _BESIDE:
        return
    if isinstance(node, ast.Assign) and any(getattr(name, "id", "") in _BESIDE for name in node.targets):
        return
    if (text := _text(node)) is not None:
        yield node.lineno, text
        return
    for child in ast.iter_child_nodes(node):
        yield from _texts(child, skipped)


def _text(node: ast.AST) -> str | None:
    """The text of a constant, an f-string or a sum of these; None for anything else."""
    if isinstance(node, ast.Constant):
        return re.sub(r"\{[^{}]*\}", "{}", node.value) if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = _text(node.left), _text(node.right)
        return None if sides == (None, None) else "".join("{}" if side is None else side for side in sides)
    return None
