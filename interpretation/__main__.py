"""`python -m interpretation FILE`: cases as JSON in (one a line, or one object), reports as JSON out.

FILE may be `-` for standard input. A case that cannot be read gives `{"id": ..., "error": ...}` in its
place, so that line n of the output belongs to case n. Exit status 1 if any case could not be read.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from .parse import CaseError, case_from_json
from .report import as_json, interpret


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m interpretation FILE (or - for standard input)\n")
        return 2
    try:
        text = sys.stdin.read() if arguments[0] == "-" else Path(arguments[0]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"{arguments[0]}: cannot be read as UTF-8 text: {error}\n")
        return 2
    failed = False
    for answer in answers(text):
        failed = failed or "error" in answer
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return int(failed)


def answers(text: str) -> Iterator[dict]:
    """A report, or an error, for each case of the text."""
    for place, piece in pieces(text):
        data = None
        try:
            data = json.loads(piece)
            case, problems = case_from_json(data)
            yield as_json(replace(interpret(case), problems=problems))
        except (json.JSONDecodeError, CaseError) as error:
            yield {"id": data.get("id", "") if isinstance(data, dict) else "", "error": f"{place}: {error}"}


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """The text as one object where it is one, else its lines that are not blank."""
    text = text.removeprefix("\ufeff")
    try:
        json.loads(text)
    except json.JSONDecodeError:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield f"line {number}", line
    else:
        yield "case", text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
