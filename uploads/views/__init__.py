"""The Uploads pages: files in, names given a meaning, messages that need a person."""

from . import export, files, messages, names, senders, taking_back, undoing, whose

urls = [
    *export.urls,
    *files.urls,
    *names.urls,
    *messages.urls,
    *senders.urls,
    *taking_back.urls,
    *undoing.urls,
    *whose.urls,
]
