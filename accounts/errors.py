class StaffChangeRefused(Exception):
    """An action that must not happen; its text is the sentence for the person who asked."""
