"""The product against the second reading, over seeded random cases, through the JSON door of both.

    python -m tests.interpretation.compare [--count 20000] [--seed 1] [--fields grade,base_grade,urgency]
    python -m tests.interpretation.compare --file CASES.jsonl

Prints each difference on a line: case, field, second reading, product, and the smallest case that keeps it.
"""

import argparse
import copy
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from interpretation.__main__ import answers
from tests.interpretation.alternative import second_reading
from tests.interpretation.random_cases import random_case

Json = dict[str, Any]
FIELDS = ("grade", "base_grade", "urgency")
EMPTY: Json = {"id": "", "draws": [], "events": [], "diagnoses": []}


class Difference(NamedTuple):
    case: str
    field: str
    second: object
    product: object
    smallest: Json

    def line(self) -> str:
        found = json.dumps(_compact(self.smallest), ensure_ascii=False, separators=(",", ":"))
        return f"case {self.case} {self.field}: second {self.second}, product {self.product}  {found}"


def _compact(found: Any) -> Any:
    """Without what says nothing: empty texts and lists, fields that are not known."""
    if isinstance(found, dict):
        return {key: _compact(value) for key, value in found.items() if value not in ("", None, [])}
    return [_compact(value) for value in found] if isinstance(found, list) else found


def product_reading(case: Json) -> Json:
    """What `python -m interpretation` answers, by the names of the second reading."""
    (answer,) = answers(json.dumps(case))
    if "error" in answer:
        return dict.fromkeys((*FIELDS, "reasons"), answer["error"])
    urgency = answer.get("urgency") or {}
    reasons = [r["code"] if isinstance(r, dict) else r for r in urgency.get("reasons", [])]
    return {
        "grade": answer["dissociation"]["grade"],
        "base_grade": answer["dissociation"]["base_grade"],
        "urgency": urgency.get("level"),
        "reasons": sorted(set(reasons)),
    }


def differing(case: Json, fields: Iterable[str] = FIELDS) -> dict[str, tuple[object, object]]:
    """Field -> (second reading, product), where they differ."""
    second, product = second_reading(case), product_reading(case)
    return {f: (second[f], product[f]) for f in fields if second[f] != product[f]}


def differences(
    cases: Iterable[Json], fields: Iterable[str] = FIELDS, shrink: bool = True
) -> Iterator[Difference]:
    for case in cases:
        for field, (second, product) in differing(case, fields).items():
            smallest = smaller(case, _keeps(field, second, product)) if shrink else case
            yield Difference(case["id"], field, second, product, smallest)


def _keeps(field: str, second: object, product: object) -> Callable[[Json], bool]:
    return lambda case: differing(case, [field]).get(field) == (second, product)


def smaller(case: Json, keeps: Callable[[Json], bool]) -> Json:
    """Drop draws, events, diagnoses and single results while the difference stays the same."""
    shrunk = True
    while shrunk:
        shrunk = False
        for candidate in _less(case):
            if keeps(candidate):
                case, shrunk = candidate, True
                break
    return case


def _less(case: Json) -> Iterator[Json]:
    for name in ("draws", "events", "diagnoses"):
        for k in range(len(case[name])):
            yield {**case, name: case[name][:k] + case[name][k + 1 :]}
    for k, draw in enumerate(case["draws"]):
        for m in range(len(draw.get("results", []))):
            candidate = copy.deepcopy(case)
            del candidate["draws"][k]["results"][m]
            yield candidate


def random_cases(seed: int, count: int) -> Iterator[Json]:
    """Each case by its own number, so that one can be made again without the ones before it."""
    return (random_case(random.Random(f"{seed}/{k}"), k) for k in range(count))


def main(arguments: list[str]) -> int:
    chosen = _arguments(arguments)
    cases = random_cases(chosen.seed, chosen.count)
    if chosen.file:
        with open(chosen.file, encoding="utf-8") as lines:
            cases = iter([{**EMPTY, **json.loads(line)} for line in lines if line.strip()])
    fields = chosen.fields.split(",")
    table: Counter[tuple[str, str, str]] = Counter()
    for found in differences(cases, fields, shrink=False):
        kind = (found.field, str(found.second), str(found.product))
        table[kind] += 1
        if table[kind] <= chosen.each:
            keeps = _keeps(found.field, found.second, found.product)
            sys.stdout.write(found._replace(smallest=smaller(found.smallest, keeps)).line() + "\n")
            sys.stdout.flush()
    for (field, second, product), count in table.most_common():
        sys.stdout.write(f"{count:7}  {field}: second {second}, product {product}\n")
    sys.stdout.write(f"{sum(table.values())} differences\n")
    return int(bool(table))


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The product against the second reading.")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fields", default=",".join(FIELDS))
    parser.add_argument("--each", type=int, default=3, help="cases shown of each kind of difference")
    parser.add_argument("--file", help="cases, one a line, instead of random ones")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
