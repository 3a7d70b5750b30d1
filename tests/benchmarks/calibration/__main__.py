"""Writes interpretation/data/measured/calibration.json: python -m tests.benchmarks.calibration"""

import argparse
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from interpretation import knowledge
from interpretation.characteristics import rule_digest
from interpretation.rule.grading import GRADES
from interpretation.urgency import LEVELS

from .counting import HORIZONS, died, followed, interval
from .flags import FLAGS, ReadVisit, landmarks, read_visits
from .mimic import count_mimic
from .pbcseq import Conversion, Visit, people
from .survival import at_risk, kaplan_meier

OUT = knowledge.DATA / "measured" / "calibration.json"
SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
# Reagents of North America were little sensitive in those years; 1.0 is a modern one.
CONVERSIONS = {"2.0": Conversion(10.5, 2.0), "1.0": Conversion(10.5, 1.0)}
SHOWN_DAYS = 5 * 365
RISK_DAYS = (90, 365, 730, 1095, 1460, 1825)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.calibration", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help=f"the file to write (default {OUT.name})")
    out = parser.parse_args().out
    said = {
        "knowledge": knowledge.VERSION,
        "digest": rule_digest(),
        "measured_on": datetime.now(UTC).date().isoformat(),
        "pbcseq": count_pbcseq(),
        "mimic": count_mimic(SHARED / "mimic-iv-demo") if SHARED.is_dir() else None,
    }
    out.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def count_pbcseq() -> dict[str, Any]:
    visits = people()
    read = {isi: [read_visits(one, how) for one in visits] for isi, how in CONVERSIONS.items()}
    first = next(iter(CONVERSIONS))
    return {
        "people": len(visits),
        "visits": sum(map(len, visits)),
        "people_read": sum(len(one) > 1 for one in visits),
        "mean_normal": CONVERSIONS[first].mean_normal,
        "by_isi": {isi: _by_level(reads) for isi, reads in read.items()},
        "crude": _crude(read[first]),
        "curves": {name: _curves(read[first], name) for name in FLAGS},
    }


def _by_level(people_read: list[list[ReadVisit]]) -> dict[str, Any]:
    reads = [read for reads in people_read for read in reads]
    levels = {"grade": GRADES, "urgency": LEVELS}
    return {
        axis: {
            level: _counted([read.visit for read in reads if getattr(read, axis) == level]) for level in order
        }
        for axis, order in levels.items()
    }


def _counted(visits: list[Visit]) -> dict[str, Any]:
    found: dict[str, Any] = {"visits": len(visits), "people": len({visit.person for visit in visits})}
    for words, days in HORIZONS.items():
        hits, of = followed(visits, days)
        found[words] = {"hits": hits, "of": of, "interval": _rounded(interval(visits, days)) if of else None}
    return found


def _crude(people_read: list[list[ReadVisit]]) -> dict[str, Any]:
    """Deaths within two years, as a check that the data are read as others have read them."""
    reads = [read for reads in people_read for read in reads]
    flagged = [read.visit for read in reads if read.crude]
    others = [read.visit for read in reads if not read.crude]
    return {
        "intervals": len(reads),
        "flagged": len(flagged),
        "people": len({visit.person for visit in flagged}),
        "died_flagged": died(flagged, 730),
        "died_others": died(others, 730),
    }


def _curves(people_read: list[list[ReadVisit]], name: str) -> dict[str, Any]:
    flagged, controls = landmarks(people_read, FLAGS[name])
    return {"flagged": _curve(flagged), "matched": _curve(controls)}


def _curve(visits: list[Visit]) -> dict[str, Any]:
    followed_for = [(visit.left, visit.ended) for visit in visits]
    steps = [step for step in kaplan_meier(followed_for) if step[0] <= SHOWN_DAYS]
    return {
        "people": len(visits),
        "counts": {words: followed(visits, days) for words, days in HORIZONS.items()},
        "steps": [_rounded(step) for step in steps],
        "at_risk": {str(day): at_risk(followed_for, day) for day in RISK_DAYS},
    }


def _rounded(figures: tuple[float, ...]) -> list[float]:
    return [round(figure, 4) for figure in figures]


if __name__ == "__main__":
    main()
