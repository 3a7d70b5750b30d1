"""What became of the rows of one file, added up chunk by chunk, or from the rows that were kept of it."""

from collections import Counter
from hashlib import blake2b
from operator import itemgetter

from interpretation.record.records import ANTICOAGULANTS
from patients.actions.bulk import NewEvent, NoAnticoagulant

from .match import LEFT_OUT, NEW, OUTCOMES, REFUSED, WAITING, Match, PlainRows, is_marked

# More kinds of problem than this are only counted.
KINDS = 1000
# So many tests that were left out are named.
NAMED = 12


class OutcomeTally:
    def __init__(self) -> None:
        self._outcomes: Counter[str] = Counter()
        # (column, reason) of rows not stored -> how many, and the place of the first.
        self.alike: dict[tuple[str, str], tuple[int, str]] = {}
        self.beyond = 0
        self.asks = 0
        # (outcome, reason) of rows stored and marked as unconfirmed -> how many, and the place of the first;
        # and of rows that are flagged and not in doubt.
        self.marked: dict[tuple[str, str], tuple[int, str]] = {}
        self.noted: dict[tuple[str, str], tuple[int, str]] = {}
        self.flagged = 0
        # "none" or "taking" of an anticoagulant -> of how many patients it is new.
        self.said: Counter[str] = Counter()
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
            if match.outcome == LEFT_OUT:
                self.left_out[match.reason] += 1
            elif match.flagged or match.outcome in (REFUSED, WAITING):
                self.tell(match, match.place.column, match.place.name)
            if match.outcome not in (REFUSED, WAITING) and (said := anticoagulant_in(match.record)):
                self.said[said] += 1

    def add_plain(self, plain: PlainRows) -> None:
        """Rows that were not matched one by one."""
        self._outcomes[NEW] += len(plain.numbers)
        self._outcomes[LEFT_OUT] += len(plain.left_out)
        self.left_out.update(plain.left_out.values())

    def tell(self, row, column: str, place: str) -> None:
        """Keeps what is to be said of a row: a match, or what is kept of one."""
        if row.outcome in (REFUSED, WAITING):
            self.asks += row.asks
            self._problem((column, row.reason), place)
        elif is_marked(row):
            self.flagged += 1
            _count(self.marked, (row.outcome, row.reason), place)
        elif row.flagged:
            _count(self.noted, (row.outcome, row.reason), place)

    @property
    def said_words(self) -> str:
        """ "New of an anticoagulant: none in 2 patients, taking in 1." """
        told = [f"{said} in {number:,}" for said, number in sorted(self.said.items())]
        return f"New of an anticoagulant: {', '.join(told)}." if told else ""

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

    def _problem(self, key: tuple[str, str], place: str) -> None:
        if not _count(self.alike, key, place):
            self.beyond += 1


def anticoagulant_in(record: object) -> str:
    """What a new row says of an anticoagulant: "none", "taking" or ""."""
    if isinstance(record, NoAnticoagulant):
        return "none"
    is_drug = isinstance(record, NewEvent) and record.kind in ANTICOAGULANTS and record.ended_at is None
    return "taking" if is_drug else ""


def _count(found: dict, key, place: str) -> bool:
    """One more of a kind, whose first has its place kept; False where there are too many kinds."""
    count, first = found.get(key, (0, place))
    if not count and len(found) >= KINDS:
        return False
    found[key] = (count + 1, first)
    return True


def _in_a_sentence(name: str) -> str:
    """ "Glucose" -> "glucose", "MCV" and "pH" as they are."""
    first, _, rest = name.partition(" ")
    return f"{first.lower()} {rest}".strip() if first.istitle() else name


def digest_of(matches: list[Match], plain: PlainRows) -> str:
    """What the preview shows of these rows, in short: the same whether a row was matched or plain."""
    told = [(match.place.row, _told(match)) for match in matches]
    told += [(number, b"%d," % number) for number in plain.numbers]
    told += [(number, f"{number}||{LEFT_OUT}|{name}\n".encode()) for number, name in plain.left_out.items()]
    if plain:
        told.sort(key=itemgetter(0))
    return blake2b(b"".join(words for _, words in told), digest_size=8).hexdigest()


def _told(match: Match) -> bytes:
    row = match.place.row
    if match.outcome == NEW and not match.reason:
        return b"%d," % row
    return f"{row}|{match.place.column}|{match.outcome}|{match.reason}\n".encode()
