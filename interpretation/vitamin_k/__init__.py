"""Vitamin K as a test of the cause: the rule that reads one answer, and every trial of a record."""

from .response import Response, response
from .trials import Trial, trials

__all__ = ["Response", "Trial", "response", "trials"]
