"""Tables by what their rows hold: results one a row, one draw a row, tests down; people and histories."""
