"""The Uploads pages: files in, names given a meaning, messages that need a person."""

from . import export, files, messages, names

urls = [*export.urls, *files.urls, *names.urls, *messages.urls]
