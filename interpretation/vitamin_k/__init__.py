"""Vitamin K as a test of the cause: the rule that reads one answer, and every trial of a record."""

from .response import Response, response
from .trials import Trial, already_falling, trials

__all__ = ["Response", "Trial", "already_falling", "response", "trials"]
