"""The version of the product: written here, and nowhere else."""

from django.http import HttpRequest

VERSION = "0.9"


def product_version(request: HttpRequest) -> dict[str, str]:
    """For the foot of every page."""
    return {"product_version": VERSION}
