"""The clinical reasoning: plain Python, no Django, no clock, no database.

`report = interpret(case)` is the door; `python -m interpretation FILE` the same from the shell.
"""

from interpretation.record.records import Case, Diagnosis, Draw, Event, Report, Result, Review

from .report import interpret

__all__ = ["Case", "Diagnosis", "Draw", "Event", "Report", "Result", "Review", "interpret"]
