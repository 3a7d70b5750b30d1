"""The marks of the population plane in words and tables."""

from django import template

from patients.population.marks import path

register = template.Library()


@register.filter
def mark_path(kind: str) -> str:
    """The outline of a mark in a box of 16."""
    return path(kind, 8, 8.5 if kind in ("established", "possible") else 8)
