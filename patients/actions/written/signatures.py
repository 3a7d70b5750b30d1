"""What a clinician says of an entry of the knowledge: appended, never changed; the latest counts."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.permissions import Can, clinics_with
from interpretation import knowledge
from interpretation.catalogue import KnowledgeEntry, schemas
from interpretation.catalogue.amending import values, with_value
from patients.actions.errors import Refused, refusing
from patients.models import Signature

REASON_LENGTH = Signature._meta.get_field("reason").max_length
PROPOSED_LENGTH = Signature._meta.get_field("proposed").max_length
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
CHANGED = "This entry says something else since you opened it: read it again. Nothing was stored."


@dataclass(frozen=True)
class SaidOfEntry:
    """A stance as it was typed. `place` and `proposed` only of an amendment."""

    stance: str
    reason: str = ""
    place: str = ""
    proposed: str = ""


def sign_entry(*, entry: KnowledgeEntry, by: User, said: SaidOfEntry, seen: str) -> Signature:
    """Adds what this person says; `seen` is the fingerprint of the wording that they read.

    The same again adds nothing. Raises Refused where the wording has changed, something is missing, or the
    amended file would not be taken.
    """
    clinics = clinics_with(by, Can.DECIDE)
    if not clinics:
        raise PermissionDenied("Only clinicians sign the knowledge.")
    if seen != entry.fingerprint:
        raise Refused(CHANGED)
    fields = _checked(entry, said)
    with refusing():
        # One after the other: a form sent twice at once adds one row.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        latest = Signature.objects.filter(by=by, entry=entry.anchor, fingerprint=entry.fingerprint).last()
        if latest and all(getattr(latest, name) == value for name, value in fields.items()):
            return latest
        if said.stance == Signature.Stance.WITHDRAWN and _says_nothing(latest):
            raise Refused("There is nothing of yours to withdraw here.", "stance")
        about = {"entry": entry.anchor, "fingerprint": entry.fingerprint, "content": entry.content}
        return Signature.objects.create(by=by, clinic=clinics[0], **about, **fields)


def _says_nothing(latest: Signature | None) -> bool:
    return latest is None or latest.stance == Signature.Stance.WITHDRAWN


def _checked(entry: KnowledgeEntry, said: SaidOfEntry) -> Mapping[str, str]:
    if not entry.can_be_signed:
        raise Refused("A reference is a citation: there is nothing to sign.")
    if said.stance not in Signature.Stance.values:
        raise Refused("Choose agree, amend or dispute.", "stance")
    reason = " ".join(said.reason.split())
    if len(reason) > REASON_LENGTH:
        raise Refused(f"The reason is longer than {REASON_LENGTH} characters: shorten it.", "reason")
    if said.stance in (Signature.Stance.AMEND, Signature.Stance.DISPUTE) and not reason:
        raise Refused("Say why: an amendment or a dispute needs a reason.", "reason")
    fields = {"stance": said.stance, "reason": reason, "place": "", "proposed": ""}
    if said.stance == Signature.Stance.AMEND:
        fields |= {"place": said.place, "proposed": json.dumps(_proposed(entry, said), ensure_ascii=False)}
    return fields


def _proposed(entry: KnowledgeEntry, said: SaidOfEntry) -> float | str:
    """What was typed, of the kind of the value that it replaces, and such that the file would be taken."""
    known = values(entry.content)
    if said.place not in known:
        raise Refused("Choose what of the entry should say something else.", "place")
    value = _of_kind(known[said.place], " ".join(said.proposed.split()))
    if value == known[said.place]:
        raise Refused("This is what it says already: propose something else.", "proposed")
    if len(json.dumps(value, ensure_ascii=False)) > PROPOSED_LENGTH:
        raise Refused(f"This is longer than {PROPOSED_LENGTH} characters: shorten it.", "proposed")
    if fault := _fault(entry, said.place, value):
        raise Refused(f"The file would not be taken: {fault}.", "proposed")
    return value


def _of_kind(present: Any, typed: str) -> float | str:
    if not typed:
        raise Refused("Say what it should say instead.", "proposed")
    if isinstance(present, str):
        return typed
    if not NUMBER.fullmatch(typed):
        raise Refused("Write a number, such as 1.15.", "proposed")
    return float(typed) if "." in typed else int(typed)


def _fault(entry: KnowledgeEntry, place: str, value: float | str) -> str:
    """The first thing that the schema says of the amended file and does not say of the present one."""
    present = {name: knowledge.load(name) for name in knowledge.files()}
    amended = present | {entry.file: with_value(present[entry.file], entry, place, value)}
    before = set(schemas.faults(present))
    return next((fault for fault in schemas.faults(amended) if fault not in before), "")
