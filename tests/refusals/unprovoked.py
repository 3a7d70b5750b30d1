"""Sentences that no file, form or command of a test can provoke, and why."""

REASONS: dict[str, str] = {}
