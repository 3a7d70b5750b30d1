"""Chart reviews: a sample is drawn, reviewers add labels."""

from .labels import FIELDS, add_labels
from .samples import make_review

__all__ = ["FIELDS", "add_labels", "make_review"]
