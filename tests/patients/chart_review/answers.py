"""An answer of a reviewer, as the action takes it."""

SAID = {"dissociation": True, "urgency": "today", "cause": "liver", "confidence": 2, "note": ""}


def said(dissociation: bool, **more) -> dict:
    return SAID | {"dissociation": dissociation} | more
