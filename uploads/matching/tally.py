"""What became of the rows of one file, added up chunk by chunk: the rows themselves are not kept."""

from collections import Counter
from hashlib import blake2b

from .match import OUTCOMES, REFUSED, WAITING, Match

# More kinds of problem than this are only counted.
KINDS = 1000


class OutcomeTally:
    def __init__(self):
        self._outcomes: Counter[str] = Counter()
        # (column, reason) of rows not stored -> how many, and the place of the first.
        self.alike: dict[tuple[str, str], tuple[int, str]] = {}
        self.beyond = 0
        self.asks = 0
        # One a chunk: the same rows with the same outcomes have the same.
        self.digests: list[str] = []

    @property
    def counts(self) -> dict[str, int]:
        found = self._outcomes
        return {"read": found.total()} | {outcome: found[outcome] for outcome in OUTCOMES}

    def add(self, matches: list[Match]) -> None:
        self._outcomes.update(match.outcome for match in matches)
        for match in matches:
            if match.outcome in (REFUSED, WAITING):
                self._problem(match)

    def _problem(self, match: Match) -> None:
        self.asks += match.asks
        key = (match.place.column, match.reason)
        count, first = self.alike.get(key, (0, match.place.name))
        if count or len(self.alike) < KINDS:
            self.alike[key] = (count + 1, first)
        else:
            self.beyond += 1


def digest_of(matches: list[Match]) -> str:
    """What the preview shows of these rows, in short."""
    digest = blake2b(digest_size=8)
    for m in matches:
        if m.outcome == "new" and not m.reason:
            digest.update(b"%d," % m.place.row)
        else:
            digest.update(f"{m.place.row}|{m.place.column}|{m.outcome}|{m.reason}\n".encode())
    return digest.hexdigest()
