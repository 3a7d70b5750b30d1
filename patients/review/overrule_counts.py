"""How often each rule was overruled, beside how many reports that it made were signed off."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Clinic
from interpretation.rule.grading import PATTERN
from patients.models import Overrule, SignOff

LATEST = 20


@dataclass(frozen=True)
class RuleCount:
    """`words` are those of the latest overrule; `latest` holds the last twenty, for their reasons."""

    rule: str
    words: str
    overruled: int
    standing: int
    signed_off: int
    latest: tuple[Overrule, ...]


def counted(clinics: Iterable[Clinic]) -> list[RuleCount]:
    """Every rule that was ever overruled, the most often overruled first; patients withdrawn are left out."""
    here = {"patient__clinic__in": clinics, "patient__withdrawn_at__isnull": True}
    rows: dict[str, list[Overrule]] = {}
    for row in Overrule.objects.filter(**here).select_related("by", "ended_by", "patient__clinic"):
        rows.setdefault(row.rule, []).append(row)
    signed: Counter = Counter()
    for rules in SignOff.objects.filter(**here).values_list("rules", flat=True).iterator():
        signed.update(rules)
    found = [_count(rule, overruled, signed[rule]) for rule, overruled in rows.items()]
    return sorted(found, key=lambda count: (-count.overruled, _whole_first(count.rule)))


def _count(rule: str, rows: list[Overrule], signed_off: int) -> RuleCount:
    standing = sum(row.ended_at is None for row in rows)
    return RuleCount(rule, rows[0].rule_words, len(rows), standing, signed_off, tuple(rows[:LATEST]))


def _whole_first(rule: str) -> tuple:
    grade = rule.partition(":")[0]
    return (PATTERN.index(grade) if grade in PATTERN else len(PATTERN), rule)
