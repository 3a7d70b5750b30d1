"""The Uploads pages: files in, names given a meaning, messages that need a person."""

from . import files, messages, names

urls = [*files.urls, *names.urls, *messages.urls]
