"""The tab of notes, and the concerns that stand over the page: what people have written, in the clinic's times."""

from dataclasses import dataclass

from patients.follow_up.standing import LISTED, Standing
from patients.models import Concern, Note


@dataclass(frozen=True)
class NoteThread:
    """A note with its addenda, the oldest of these first."""

    note: Note
    addenda: tuple[Note, ...]


@dataclass(frozen=True)
class NotesCard:
    """`cut`: more was written than is read for the page."""

    standing: tuple[Concern, ...]
    closed: tuple[Concern, ...]
    threads: tuple[NoteThread, ...]
    cut: bool

    @property
    def count(self) -> str:
        """Beside the tab's name: notes that were not struck out, and every concern that stands."""
        written = sum(one.note.struck_at is None for one in self.threads)
        return str(written + len(self.standing) or "")


def notes_card(standing: Standing) -> NotesCard:
    addenda: dict[int, list[Note]] = {}
    for note in reversed(standing.notes):
        if note.addendum_to_id:
            addenda.setdefault(note.addendum_to_id, []).append(note)
    first = [note for note in standing.notes if not note.addendum_to_id]
    return NotesCard(
        standing=tuple(one for one in standing.concerns if one.closed_at is None),
        closed=tuple(one for one in standing.concerns if one.closed_at),
        threads=tuple(NoteThread(note, tuple(addenda.get(note.pk, ()))) for note in first),
        cut=LISTED in (len(standing.notes), len(standing.concerns)),
    )
