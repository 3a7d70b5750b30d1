"""Numbers as written, checked and shown: text to canonical values and back."""
