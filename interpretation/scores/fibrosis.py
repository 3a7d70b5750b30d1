"""Scores of fibrosis from routine tests; enzymes in U/L, platelets ×10⁹/L. [clinical.md 7.4]"""

from collections.abc import Iterator
from math import exp, sqrt

from interpretation.scores.evaluate import graded, remarks, score
from interpretation.scores.given import Given
from interpretation.scores.spec import LIMITS, TOLERANCE

LIMITS.read_by(__name__, "fib_4_old fib_4_old_low fib_4_young")


@score("fib_4")
def fib_4(*, age: int, AST: float, ALT: float, platelets: float) -> float:
    """FIB-4, age in completed years. [R38]"""
    return age * AST / (platelets * sqrt(ALT))


@graded("fib_4")
def _fib_4_grade(given: Given, raw: float) -> str:
    """From 65 years the lower limit is 2.0. [R37]"""
    if given.used["age"] >= LIMITS.fib_4_old and raw < LIMITS.fib_4_old_low - TOLERANCE:
        return "low"
    return given.spec.grade(raw)


@remarks("fib_4")
def _fib_4(given: Given, raw: float) -> Iterator[str]:
    said, age = given.spec.remarks, given.used["age"]
    if age >= LIMITS.fib_4_old:
        yield said["old"]
    if age <= LIMITS.fib_4_young:
        yield said["young"]
    if given.values.diagnosis(("hepatitis_c",), given.at.date()):
        yield said["hepatitis_c"]


@score("apri")
def apri(*, AST: float, platelets: float) -> float:
    """AST to platelet ratio index; AST as a multiple of its upper limit. [R38]"""
    return AST / platelets * 100


@score("de_ritis")
def de_ritis(*, AST: float, ALT: float) -> float:
    """AST/ALT. [R37]"""
    return AST / ALT


@score("lok")
def lok(*, platelets: float, AST: float, ALT: float, INR: float) -> float:
    """Probability of cirrhosis in chronic hepatitis C (HALT-C). [R38]"""
    logit = -5.56 - 0.0089 * platelets + 1.26 * AST / ALT + 5.27 * INR
    # The same number on both sides; exp() of a large one would overflow.
    return 1 / (1 + exp(-logit)) if logit >= 0 else exp(logit) / (1 + exp(logit))
