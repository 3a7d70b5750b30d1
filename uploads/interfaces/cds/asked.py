"""The body of a request as CDS Hooks 2.0 writes it; what is not known is left alone."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from .problems import HookProblem

HOOK = "patient-view"
_TEXTS = ("hook", "hookInstance", "context")


@dataclass(frozen=True)
class HookRequest:
    """`prefetch`: a resource by the key of its template; what could not be had is left out."""

    instance: UUID
    user: str
    patient: str
    prefetch: dict[str, dict[str, Any]] = field(default_factory=dict)


def read(body: bytes) -> HookRequest:
    """Raises HookProblem (400) with what is missing or wrong and where."""
    data = loaded(body)
    for name in _TEXTS:
        if name not in data:
            raise HookProblem(400, f"“{name}” is missing.")
    if data["hook"] != HOOK:
        raise HookProblem(400, f"This service answers the hook “{HOOK}”.")
    context = data["context"]
    if not isinstance(context, dict):
        raise HookProblem(400, "“context” is no object.")
    prefetch = data.get("prefetch") or {}
    if not isinstance(prefetch, dict):
        raise HookProblem(400, "“prefetch” is no object.")
    return HookRequest(
        _instance(data["hookInstance"]),
        _text(context, "userId"),
        _text(context, "patientId"),
        {key: value for key, value in prefetch.items() if _is_there(value)},
    )


def loaded(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise HookProblem(400, "The body is no JSON.") from None
    if not isinstance(data, dict):
        raise HookProblem(400, "The body is no JSON object.")
    return data


def _instance(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise HookProblem(400, "“hookInstance” is no UUID.") from None


def _text(context: dict[str, Any], name: str) -> str:
    value = context.get(name)
    if not isinstance(value, str) or not value.strip():
        raise HookProblem(400, f"“context.{name}” is missing or no text.")
    return value.strip()


def _is_there(value: object) -> bool:
    """Not null, and not the outcome of a search that failed."""
    return isinstance(value, dict) and value.get("resourceType") not in (None, "OperationOutcome")
