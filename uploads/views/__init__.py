"""The Uploads pages: files in, names given a meaning, messages that need a person."""

from uploads.views import (
    export,
    files,
    identity,
    kept,
    messages,
    names,
    news,
    senders,
    taking_back,
    tokens,
    undoing,
)

urls = [
    *export.urls,
    *files.urls,
    *kept.urls,
    *names.urls,
    *news.urls,
    *messages.urls,
    *senders.urls,
    *taking_back.urls,
    *tokens.urls,
    *undoing.urls,
    *identity.urls,
]
