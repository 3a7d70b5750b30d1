"""Vitamin K as a test of the cause: the rule that reads one answer, and every trial of a record."""

from .response import Response
from .trials import Trial, trials_of

__all__ = ["Response", "Trial", "trials_of"]
