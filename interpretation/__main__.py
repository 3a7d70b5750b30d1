"""`python -m interpretation FILE`: cases as JSON in (one a line, or one object), reports as JSON out.

FILE may be `-` for standard input: each line is answered as soon as it is read, so that a million cases need
no more memory than one. A case that cannot be read gives `{"id": ..., "error": ...}` in its place, so that
line n of the output belongs to case n. Exit status 1 if any case could not be read.
"""

import io
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any, TextIO

from interpretation.record.parse import CaseError, case_from_json

from .report import as_json, interpret


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m interpretation FILE (or - for standard input)\n")
        return 2
    failed = False
    try:
        with _opened(arguments[0]) as lines:
            for answer in answers(lines):
                failed = failed or "error" in answer
                sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
                # Whoever writes a case and waits for its report must not wait for the next case.
                sys.stdout.flush()
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"{arguments[0]}: cannot be read as UTF-8 text: {error}\n")
        return 2
    return int(failed)


def _opened(name: str) -> TextIO:
    if name != "-":
        return open(name, encoding="utf-8-sig")
    return io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig")


def answers(lines: str | Iterable[str]) -> Iterator[dict[str, Any]]:
    """A report, or an error, for each case of the text or of its lines."""
    for place, piece in pieces(io.StringIO(lines) if isinstance(lines, str) else lines):
        data = None
        try:
            data = json.loads(piece)
            case, problems = case_from_json(data)
            yield as_json(replace(interpret(case), problems=problems))
        except (json.JSONDecodeError, CaseError) as error:
            yield {"id": data.get("id", "") if isinstance(data, dict) else "", "error": f"{place}: {error}"}


def pieces(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The lines that are not blank; where the first is no JSON, perhaps one object over many lines."""
    numbered: Iterator[tuple[int, str]] = (
        (number, line) for number, line in enumerate(lines, 1) if line.strip()
    )
    first = next(numbered, None)
    if first is None:
        return
    if not _is_json(first[1].removeprefix("\ufeff")):
        rest = list(numbered)
        whole = "".join(line for _, line in [first, *rest]).removeprefix("\ufeff")
        if _is_json(whole):
            yield "case", whole
            return
        numbered = iter(rest)
    for number, line in chain([first], numbered):
        yield f"line {number}", line.removeprefix("\ufeff")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
