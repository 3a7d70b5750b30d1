"""The buttons of the draw form that store nothing: the form comes back with what they did."""

from django.utils import timezone

from patients.forms.draws import DrawForm
from patients.forms.fields import written
from patients.forms.memory import Memory
from patients.forms.pasting import is_unread, paste
from patients.forms.rows import DrawFormRow, switch_unit


def pressed(form: DrawForm, memory: Memory) -> bool:
    """ "Now", "Read this", "Change to g/dL" or "44.5". A report that was not read yet is read first."""
    done = _now(form) or _switched(form) or _taken(form) or _read(form, memory)
    if done:
        form.full_clean()
        form.comes_back = True
        if not form.data.get("taken_at"):
            # Not asked for yet.
            form.errors.pop("taken_at", None)
    return done


def set_now(form: DrawForm) -> None:
    form.data = form.data.copy()
    form.data["taken_at"] = written(timezone.now().astimezone(form.zone))


def _now(form: DrawForm) -> bool:
    if "now" not in form.data:
        return False
    set_now(form)
    form.fields["taken_at"].widget.attrs["autofocus"] = True
    return True


def _switched(form: DrawForm) -> bool:
    key, _, unit = form.data.get("switch", "").partition(" ")
    row = _row(form, key)
    if row is None:
        return False
    switch_unit(row, unit)
    row.focus = True
    return True


def _taken(form: DrawForm) -> bool:
    """One of the numbers that the row offers, and no other text."""
    key, _, offer = form.data.get("take", "").partition(" ")
    row = _row(form, key)
    if row is None:
        return False
    form.full_clean()
    part, _, text = offer.partition(" ")
    if (part, text) in row.offers:
        setattr(row, part, text)
    row.focus = True
    return True


def _read(form: DrawForm, memory: Memory) -> bool:
    if "pasted" not in form.fields or ("read" not in form.data and not is_unread(form)):
        return False
    form.taken_over = paste(form, memory)
    return True


def _row(form: DrawForm, key: str) -> DrawFormRow | None:
    return next((row for row in form.rows if row.key == key), None)
