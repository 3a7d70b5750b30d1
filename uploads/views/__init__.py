"""The Uploads pages: files in, names given a meaning, messages that need a person."""

from . import export, files, kept, messages, names, taking_back, undoing, whose

urls = [
    *export.urls,
    *files.urls,
    *kept.urls,
    *names.urls,
    *messages.urls,
    *taking_back.urls,
    *undoing.urls,
    *whose.urls,
]
