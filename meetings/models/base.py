"""The lock of a closed meeting, as the triggers of its rows ask for it."""

from patients.models.base import refuse

CLOSED = "This meeting is closed: what was shown and decided stays. Write an addendum instead."


def unless_closed(name: str, meeting: str) -> str:
    """PL/pgSQL that refuses a row while its meeting is closed. `meeting`: SQL for the meeting's id.

    FOR SHARE waits for whoever is closing the meeting at that moment, so nothing slips in behind the close.
    The trigger must declare `held` as text.
    """
    return f"SELECT state INTO held FROM meetings_meeting WHERE id = {meeting} FOR SHARE; " + refuse(
        name, "held = 'closed'", CLOSED
    )


HELD = [("held", "TEXT")]
