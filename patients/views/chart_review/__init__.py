"""Chart reviews: from the sample over the reviewers' answers to what they say of the rule."""

from . import files, items, results, reviews

urls = [*reviews.urls, *items.urls, *files.urls, *results.urls]
