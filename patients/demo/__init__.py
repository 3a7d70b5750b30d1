"""The demo clinic: invented people, stored through the same actions as real ones."""
