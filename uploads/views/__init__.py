"""The Uploads pages: files in, names given a meaning, messages that need a person."""

from . import export, files, messages, names, undoing

urls = [*export.urls, *files.urls, *names.urls, *messages.urls, *undoing.urls]
