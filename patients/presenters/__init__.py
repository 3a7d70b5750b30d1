"""What the templates show: one frozen dataclass a card, built by one function in the module of its name."""
