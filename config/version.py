"""The version of the product and its day: written here, and nowhere else."""

from django.http import HttpRequest

VERSION = "0.9"
RELEASED = "2026-11-30"


def product_version(request: HttpRequest) -> dict[str, str]:
    """For the foot of every page."""
    return {"product_version": VERSION}
