"""What became of the rows of one file, added up chunk by chunk: the rows themselves are not kept."""

from collections import Counter
from hashlib import blake2b

from .match import LEFT_OUT, OUTCOMES, REFUSED, WAITING, Match

# More kinds of problem than this are only counted.
KINDS = 1000
# So many tests that were left out are named.
NAMED = 12


class OutcomeTally:
    def __init__(self):
        self._outcomes: Counter[str] = Counter()
        # (column, reason) of rows not stored -> how many, and the place of the first.
        self.alike: dict[tuple[str, str], tuple[int, str]] = {}
        self.beyond = 0
        self.asks = 0
        # Reason of rows stored and marked as unconfirmed -> how many, and the place of the first.
        self.marked: dict[str, tuple[int, str]] = {}
        self.flagged = 0
        # (outcome, analyte) -> how many results wait for a person's word.
        self.unanswered: Counter[tuple[str, str]] = Counter()
        # Name of a test that is not interpreted here -> how many of its results.
        self.left_out: Counter[str] = Counter()
        # One a chunk: the same rows with the same outcomes have the same.
        self.digests: list[str] = []

    @property
    def counts(self) -> dict[str, int]:
        found = self._outcomes
        return {"read": found.total()} | {outcome: found[outcome] for outcome in OUTCOMES}

    def add(self, matches: list[Match]) -> None:
        self._outcomes.update(match.outcome for match in matches)
        self.unanswered.update((m.outcome, m.analyte) for m in matches if m.analyte and not m.settled)
        for match in matches:
            if match.outcome in (REFUSED, WAITING):
                self._problem(match)
            elif match.outcome == LEFT_OUT:
                self.left_out[match.reason] += 1
            elif match.marked:
                self._mark(match)

    @property
    def left_out_words(self) -> str:
        """ "3 results of 2 tests that are not interpreted here were left out: glucose 2, MCV 1." """
        found = self.left_out
        if not found:
            return ""
        named = [f"{_in_a_sentence(name)} {count:,}" for name, count in found.most_common(NAMED)]
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        results = "1 result" if found.total() == 1 else f"{found.total():,} results"
        tests = "1 test that is" if len(found) == 1 else f"{len(found)} tests that are"
        were = "was" if found.total() == 1 else "were"
        return f"{results} of {tests} not interpreted here {were} left out: {', '.join(named)}{more}."

    def _mark(self, match: Match) -> None:
        self.flagged += 1
        count, first = self.marked.get(match.reason, (0, match.place.name))
        if count or len(self.marked) < KINDS:
            self.marked[match.reason] = (count + 1, first)

    def _problem(self, match: Match) -> None:
        self.asks += match.asks
        key = (match.place.column, match.reason)
        count, first = self.alike.get(key, (0, match.place.name))
        if count or len(self.alike) < KINDS:
            self.alike[key] = (count + 1, first)
        else:
            self.beyond += 1


def _in_a_sentence(name: str) -> str:
    """ "Glucose" -> "glucose", "MCV" and "pH" as they are."""
    first, _, rest = name.partition(" ")
    return f"{first.lower()} {rest}".strip() if first.istitle() else name


def digest_of(matches: list[Match]) -> str:
    """What the preview shows of these rows, in short."""
    digest = blake2b(digest_size=8)
    for m in matches:
        if m.outcome == "new" and not m.reason:
            digest.update(b"%d," % m.place.row)
        else:
            digest.update(f"{m.place.row}|{m.place.column}|{m.outcome}|{m.reason}\n".encode())
    return digest.hexdigest()
