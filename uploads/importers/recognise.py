"""What a header makes of a file: the kind whose columns are there, or the nearest one and what it lacks."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from uploads.importers.formats.table import COLUMNS, TableLines, check_header, table_of
from uploads.importers.layouts import diagnoses, events, heading, labs_down, labs_long, labs_wide, patients

from .columns import locate, missing, plain_mrn, refuse_missing
from .meanings import Meanings, unknown_headers
from .records import FileRefused, Unmapped

SINGLE = (labs_long, events, diagnoses, patients)
KINDS = {module.KIND: module for module in SINGLE}


@dataclass(frozen=True)
class HeaderFit:
    """The kind, where its columns stand and, for results, the tests."""

    module: object
    where: dict[str, int]
    tests: tuple = ()
    down: labs_down.DatesAcross | None = None

    @property
    def lacking(self) -> list:
        return missing(self.where, self.module.COLUMNS)

    @property
    def share(self) -> float:
        return 1 - len(self.lacking) / sum(column.needed for column in self.module.COLUMNS)


def find(lines: TableLines, meanings: Meanings) -> heading.Heading:
    """The row that names the columns, with the kind it makes of the file."""

    def fits(header: tuple[str, ...], at: int) -> HeaderFit | None:
        return _fit(header, lines.rows.below(at), meanings, lines.epoch)

    found = heading.find(lines.rows.head(heading.ROWS + 1), fits, lambda fit: fit.module is labs_wide)
    if found is None:
        raise _not_known(lines, meanings)
    return found


def _fit(header: tuple[str, ...], rows: list, meanings: Meanings, epoch: int) -> HeaderFit | None:
    """The kind whose needed columns are all there."""
    if len(header) > COLUMNS:
        return None
    whole = [fit for fit in _single_fits(header, meanings) if not fit.lacking]
    if whole:
        return max(whole, key=lambda fit: len(fit.where))
    if down := labs_down.fit(header, rows, meanings, epoch):
        return HeaderFit(labs_down, down.where, down=down)
    return _whole_wide(header, meanings) or _abroad(header, meanings)


def _whole_wide(header: tuple[str, ...], meanings: Meanings, abroad: bool = False) -> HeaderFit | None:
    wide = _wide_fit(header, meanings, abroad)
    return wide if not wide.lacking and any(test.is_known for test in wide.tests) else None


def _abroad(header: tuple[str, ...], meanings: Meanings) -> HeaderFit | None:
    """The kind that the words of other languages make whole."""
    whole = [fit for fit in _single_fits(header, meanings, abroad=True) if not fit.lacking]
    if whole:
        return max(whole, key=lambda fit: len(fit.where))
    return _whole_wide(header, meanings, abroad=True)


def _single_fits(header: tuple[str, ...], meanings: Meanings, abroad: bool = False) -> list[HeaderFit]:
    return [
        HeaderFit(module, locate(header, module.COLUMNS, meanings.of_kind(module.KIND), abroad))
        for module in SINGLE
    ]


def _wide_fit(header: tuple[str, ...], meanings: Meanings, abroad: bool = False) -> HeaderFit:
    where = locate(header, labs_wide.COLUMNS, meanings.of_kind(labs_wide.KIND), abroad)
    return HeaderFit(labs_wide, where, tuple(labs_wide.tests_in(header, set(where.values()), meanings)))


def _not_known(lines: TableLines, meanings: Meanings) -> FileRefused:
    """The row that comes nearest to a kind, naming what it lacks and what a person may give a meaning."""
    best, at = _most_like(lines, meanings)
    try:
        header = check_header(lines.rows.head(at + 1)[at][1])
        table = table_of(lines, header, at + 1)
    except FileRefused as refusal:
        # A cover sheet of a few words.
        return Unmapped(str(refusal), foreign=True) if best is None and lines.sheet else refusal
    where = best.where if best else {}
    refusal = (
        refuse_missing(best.module, header, best.lacking)
        if best
        else Unmapped(_fits_none(header), foreign=True)
    )
    titles = {place: title for place, title in enumerate(table.header) if place not in where.values()}
    found = unknown_headers(titles, refusal.kind, table.rows, mrn_at(where))
    refusal.unknown = tuple(replace(name, tests=refusal.kind == labs_wide.KIND) for name in found)
    return refusal


def _most_like(lines: TableLines, meanings: Meanings) -> tuple[HeaderFit | None, int]:
    """The row of the first ones that fits a kind best, with its place; without one, where names may stand."""
    head = [cells for _, cells in lines.rows.head(heading.ROWS)]
    named = [number for number, cells in enumerate(head) if heading.may_name(cells)]
    asked = [number for number in named or range(len(head)) if len(head[number]) <= COLUMNS]
    fits = [(fit, number) for number in asked if (fit := _nearest(head[number], meanings))]
    if fits:
        return max(fits, key=lambda found: found[0].share)
    # Below title lines: the first of the fullest ones.
    return None, max(named, key=lambda number: sum(map(bool, head[number])), default=0)


def _nearest(header: tuple[str, ...], meanings: Meanings) -> HeaderFit | None:
    """The kind of which at least half of the needed columns, and two, are there."""
    singles, wide = _single_fits(header, meanings), _wide_fit(header, meanings)
    if any(test.analyte for test in wide.tests) and "test" not in singles[0].where:
        return wide
    best = max(singles, key=lambda fit: (fit.share, len(fit.where)))
    return best if best.share >= 0.5 and len(best.where) >= 2 else None


def _fits_none(header: tuple[str, ...]) -> str:
    found = ", ".join(title or "(no name)" for title in header)
    return (
        "The first row names no columns that are known. Patients need mrn, family_name, sex, birth_date; "
        "diagnoses mrn, kind; events mrn, kind, started_at; results mrn, collected_at, test, value, unit, "
        f"or one column a test such as “ALT (U/L)”. Columns found: {found[:200]}."
    )


def mrn_at(where: dict[str, int]) -> Callable[[tuple[str, ...]], str]:
    return lambda cells: plain_mrn(cells[where["mrn"]]) if "mrn" in where else ""
