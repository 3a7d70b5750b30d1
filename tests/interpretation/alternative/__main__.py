"""The second reading of cases, one a line, with what it rests on: `python -m tests.interpretation.alternative FILE`."""

import json
import sys
from pathlib import Path

from tests.interpretation.alternative import second_reading


def main(name: str) -> None:
    for line in Path(name).read_text(encoding="utf-8").splitlines():
        found = {"draws": [], "events": [], "diagnoses": [], **json.loads(line)}
        sys.stdout.write(json.dumps(second_reading(found), ensure_ascii=False, default=str) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
