"""Sentences and their sources live in data/*.toml; Python only chooses among them."""

import ast
import re
from pathlib import Path

from tests.house.files import Counts, count, product

# Statements of the source document, references, statements of our own, general knowledge, product default.
REFERENCE = re.compile(r"S[1-9]\d?|R[1-9]\d?[a-z]?|X_\w+|GK|ED")
# Computed; elsewhere than beside other ids it is a letter like any other.
COMPUTED = "C"


def reference_ids(root: Path) -> Counts:
    return count(root, product(root), ids)


def ids(text: str) -> int:
    """How many strings of a module are the id of a reference. A mark in a docstring is none."""
    nodes = list(ast.walk(ast.parse(text)))
    computed = sum(_computed(node) for node in nodes if isinstance(node, ast.Tuple | ast.List))
    return computed + sum(_is_id(node) for node in nodes)


def _is_id(node: ast.AST) -> bool:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_text and REFERENCE.fullmatch(node.value) is not None


def _is_computed(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == COMPUTED


def _computed(listed: ast.Tuple | ast.List) -> int:
    if not all(_is_id(item) or _is_computed(item) for item in listed.elts):
        return 0
    return sum(map(_is_computed, listed.elts))
