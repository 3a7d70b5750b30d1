"""The whole database as one file, and back: `taking` writes it, `restoring` reads it, `keeping` lets old ones go."""
