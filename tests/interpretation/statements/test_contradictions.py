"""No page says two things that exclude each other: pairs of contradictions.toml over random cases.

`python -m tests.interpretation.statements.test_contradictions 10000 1` tries so many, from that seed.
"""

import json
import random
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from interpretation.__main__ import answers
from tests.interpretation.random_cases import random_case

PAIRS = [
    (re.compile(row["one"]), re.compile(row["other"]), row["why"])
    for row in tomllib.loads((Path(__file__).parent / "contradictions.toml").read_text())["pair"]
]
SHORT = 150


def said(report: dict) -> list[str]:
    """What stands on the page of this report."""
    found = report["dissociation"]
    scenario = report["scenario"]
    texts = [report["summary"], found["sentence"], scenario["words"], scenario["kinetics_words"]]
    texts += [row["text"] for row in (*report["statements"], *found["reasons"], *found["caps"])]
    texts += [row["text"] for row in report["vitamin_k"][:1]]
    return [text for text in texts if text]


def contradictions(count: int, seed: int) -> Iterator[str]:
    for number in range(count):
        case = random_case(random.Random(f"{seed}-{number}"))
        (report,) = answers(json.dumps(case))
        texts = said(report)
        for one, other, why in PAIRS:
            first = next((text for text in texts if one.search(text)), None)
            second = next((text for text in texts if other.search(text)), None)
            if first and second:
                yield f"{seed}-{number}: {why}: {first} | {second}"


def test_no_page_contradicts_itself():
    assert list(contradictions(SHORT, 1)) == []


def test_each_pattern_fits_something_that_is_said():
    """A pattern that nothing fits any more would never find anything."""
    texts = {text for name in range(500) for text in said(_report(name))}
    never = [one.pattern for pair in PAIRS for one in pair[:2] if not any(one.search(text) for text in texts)]
    assert not never, never


def _report(number: int) -> dict:
    (report,) = answers(json.dumps(random_case(random.Random(f"fit-{number}"))))
    return report


if __name__ == "__main__":
    for line in contradictions(int(sys.argv[1]), int(sys.argv[2])):
        sys.stdout.write(line + "\n")
