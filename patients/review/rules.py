"""Which rules made a grade: what a clinician can disagree with, and what overrules are counted by."""

from interpretation.rule.grading import PATTERN

CODE_LENGTH, WORDS_LENGTH = 80, 300


def rules_of(found) -> dict[str, str]:
    """Code to words of a Dissociation: the grade as a whole, then each thing that made it.

    A dissociation is made by what held it back and what made it critical; any other grade by its reasons.
    """
    parts = (*found.escalations, *found.caps)
    if found.grade not in PATTERN:
        parts += found.reasons
    rules = {found.grade: f"The grade as a whole: {found.headline}."}
    for reason in parts:
        rules[f"{found.grade}:{reason.code}"[:CODE_LENGTH]] = reason.text[:WORDS_LENGTH]
    return rules
